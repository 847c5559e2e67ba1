/** Days and hours as a zone has them, over changes of its clock too. Moments are unix seconds. */

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known =
    formats.get(timeZone) ??
    new Intl.DateTimeFormat("en-US", {
      timeZone,
      hourCycle: "h23",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
    });
  formats.set(timeZone, known);
  return known;
}

export interface Wall {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
}

/** What the clock on the wall shows there. */
export function wallAt(moment: number, timeZone: string): Wall {
  const parts = formatOf(timeZone).formatToParts(Math.floor(moment) * 1000);
  const read = (type: string) => Number(parts.find((part) => part.type === type)?.value ?? 0);
  return {
    year: read("year"),
    month: read("month"),
    day: read("day"),
    hour: read("hour"),
    minute: read("minute"),
    second: read("second"),
  };
}

/** Seconds the zone is ahead of UTC at this moment. */
export function offsetAt(moment: number, timeZone: string): number {
  const wall = wallAt(moment, timeZone);
  const asUtc = Date.UTC(wall.year, wall.month - 1, wall.day, wall.hour, wall.minute, wall.second) / 1000;
  return asUtc - Math.floor(moment);
}

/** The moment a wall clock shows this; of two the first, and past a gap where there is none. Months count from 1. */
export function momentOf(timeZone: string, year: number, month: number, day: number, hour = 0, minute = 0): number {
  const guess = Date.UTC(year, month - 1, day, hour, minute) / 1000;
  const around = [offsetAt(guess - 86_400, timeZone), offsetAt(guess + 86_400, timeZone)];
  const candidates = around.map((offset) => guess - offset);
  const fits = candidates.filter((moment) => moment + offsetAt(moment, timeZone) === guess);
  return fits.length > 0 ? Math.min(...fits) : guess - Math.min(...around);
}

/** Midnight of the day a moment is in. */
export function startOfDay(moment: number, timeZone: string): number {
  const { year, month, day } = wallAt(moment, timeZone);
  return momentOf(timeZone, year, month, day);
}

/** Midnight so many days later: 23 or 25 hours where the clock changes. */
export function addDays(moment: number, days: number, timeZone: string): number {
  const { year, month, day } = wallAt(moment, timeZone);
  return momentOf(timeZone, year, month, day + days);
}

const HOURS = [300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200];
const DAYS = [1, 2, 7, 14, 30, 61, 122];

/** Where an axis from `from` to `to` has its ticks, at most about `most`: round hours, or midnights, of the zone. */
export function ticks(from: number, to: number, most: number, timeZone: string): number[] {
  const wanted = (to - from) / Math.max(1, most);
  const step = HOURS.find((size) => size >= wanted);
  return step === undefined ? dayTicks(from, to, wanted, timeZone) : hourTicks(from, to, step, timeZone);
}

function hourTicks(from: number, to: number, step: number, timeZone: string): number[] {
  const found: number[] = [];
  for (let day = startOfDay(from, timeZone); day <= to; day = addDays(day, 1, timeZone)) {
    const { year, month, day: date } = wallAt(day, timeZone);
    for (let second = 0; second < 86_400; second += step) {
      const tick = momentOf(timeZone, year, month, date, Math.floor(second / 3600), Math.floor((second % 3600) / 60));
      const last = found.at(-1) ?? Number.NEGATIVE_INFINITY;
      if (tick >= from && tick <= to && tick > last) found.push(tick);
    }
  }
  return found;
}

function dayTicks(from: number, to: number, wanted: number, timeZone: string): number[] {
  const step = DAYS.find((days) => days * 86_400 >= wanted) ?? 365;
  const found: number[] = [];
  const first = startOfDay(from, timeZone);
  for (let day = first < from ? addDays(first, 1, timeZone) : first; day <= to; day = addDays(day, step, timeZone)) {
    found.push(day);
  }
  return found;
}
