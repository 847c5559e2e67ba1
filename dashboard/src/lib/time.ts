/** Moments as text: relative ones for a glance, absolute ones with their zone. Moments are unix seconds. */
import { formatDuration } from "./format";
import { type Zone, zoneName } from "./zone";

export { getZone, setZone, useZone, type Zone, zoneName } from "./zone";

/** Unix seconds of an RFC 3339 text; null of nothing. */
export function seconds(moment: string): number;
export function seconds(moment: string | null | undefined): number | null;
export function seconds(moment: string | null | undefined): number | null {
  if (moment === null || moment === undefined) return null;
  const ms = Date.parse(moment);
  return Number.isNaN(ms) ? null : ms / 1000;
}

/** "just now", "12 s ago", "5 m ago", "3 h ago", "12 d ago", "in 5 m". */
export function formatRelative(then: number, now: number): string {
  const gone = now - then;
  if (Math.abs(gone) < 2) return "just now";
  const [size] = formatDuration(Math.abs(gone)).match(/^\d+ \w/) ?? ["0 s"];
  return gone > 0 ? `${size} ago` : `in ${size}`;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function format(timeZone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = timeZone + JSON.stringify(options);
  const known = formats.get(key) ?? new Intl.DateTimeFormat(undefined, { ...options, timeZone });
  formats.set(key, known);
  return known;
}

/** Formats a moment in a zone with Intl's options; the formats are kept. */
export function formatIn(moment: number, timeZone: string, options: Intl.DateTimeFormatOptions): string {
  return format(timeZone, options).format(moment * 1000);
}

const CLOCK: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" };
const DAY: Intl.DateTimeFormatOptions = { day: "numeric", month: "short" };

/** "12:03:11". */
export function formatClock(moment: number, zone: Zone): string {
  return formatIn(moment, zoneName(zone), CLOCK);
}

/** "Nov 22, 12:03:11". */
export function formatMoment(moment: number, zone: Zone): string {
  return formatIn(moment, zoneName(zone), { ...DAY, ...CLOCK });
}

/** "Nov 22, 2026, 12:03:11 UTC": nothing left to guess. */
export function formatAbsolute(moment: number, zone: Zone): string {
  return formatIn(moment, zoneName(zone), { ...DAY, year: "numeric", ...CLOCK, timeZoneName: "short" });
}

/** "Nov 22", in the zone. */
export function formatDay(moment: number, zone: Zone): string {
  return formatIn(moment, zoneName(zone), DAY);
}

/** "Nov 22, 2026", in the zone: for what is not of this year alone. */
export function formatDate(moment: number, zone: Zone): string {
  return formatIn(moment, zoneName(zone), { ...DAY, year: "numeric" });
}

/** "Nov 22" of the API's `2026-11-22`, which is a UTC day whatever the reader's zone. */
export function formatUtcDay(day: string, withYear = false): string {
  return formatIn(Date.parse(`${day}T00:00:00Z`) / 1000, "UTC", withYear ? { ...DAY, year: "numeric" } : DAY);
}

/** "GMT+1" or "UTC": what to write beside times. */
export function zoneLabel(moment: number, zone: Zone): string {
  const parts = format(zoneName(zone), { timeZoneName: "short" }).formatToParts(moment * 1000);
  return parts.find((part) => part.type === "timeZoneName")?.value ?? zoneName(zone);
}
