/** Ranges of time as the URL has them, and the windows they come to. Moments are unix seconds. */

export const PRESETS = ["1h", "24h", "7d", "30d", "90d", "1y"] as const;
export type Preset = (typeof PRESETS)[number];
/** A preset, or `from-to` in unix seconds. */
export type Range = Preset | `${number}-${number}`;

export interface Window {
  from: number;
  to: number;
}

const SECONDS: Record<Preset, number> = {
  "1h": 3_600,
  "24h": 86_400,
  "7d": 7 * 86_400,
  "30d": 30 * 86_400,
  "90d": 90 * 86_400,
  "1y": 365 * 86_400,
};
const WORDS: Record<Preset, string> = {
  "1h": "last hour",
  "24h": "last 24 hours",
  "7d": "last 7 days",
  "30d": "last 30 days",
  "90d": "last 90 days",
  "1y": "last year",
};

export const DEFAULT_RANGE: Preset = "24h";

/** What to show first of something that has been watched for so long (seconds): not a day of which most is empty. */
export function defaultRange(age: number): Preset {
  return age < 6 * 3_600 ? "1h" : DEFAULT_RANGE;
}

/** Nothing shorter can be asked for, by zoom or by hand. */
export const SHORTEST = 300;
export const LONGEST = 366 * 86_400;

export function isPreset(text: string): text is Preset {
  return Object.hasOwn(SECONDS, text);
}

/** What a URL says, where it makes sense. */
export function parseRange(text: unknown): Range | undefined {
  if (typeof text !== "string") return undefined;
  if (isPreset(text)) return text;
  const custom = parseCustom(text);
  return custom ? customRange(custom.from, custom.to) : undefined;
}

function parseCustom(text: string): Window | undefined {
  const found = /^(\d{9,11})-(\d{9,11})$/.exec(text);
  if (!found) return undefined;
  const [from, to] = [Number(found[1]), Number(found[2])];
  return to > from ? { from, to } : undefined;
}

/** A range of its own, no shorter and no longer than can be asked for. */
export function customRange(from: number, to: number): Range {
  const [begin, end] = from <= to ? [Math.floor(from), Math.ceil(to)] : [Math.floor(to), Math.ceil(from)];
  const length = end - begin;
  if (length < SHORTEST) {
    const middle = Math.round((begin + end) / 2);
    return `${middle - SHORTEST / 2}-${middle + SHORTEST / 2}`;
  }
  return length > LONGEST ? `${end - LONGEST}-${end}` : `${begin}-${end}`;
}

export function rangeSeconds(range: Range): number {
  if (isPreset(range)) return SECONDS[range];
  const custom = parseCustom(range);
  return custom ? custom.to - custom.from : SECONDS[DEFAULT_RANGE];
}

/** "last 24 hours", or nothing of a range of its own. */
export function rangeWords(range: Range): string {
  return isPreset(range) ? WORDS[range] : "chosen range";
}

const STEPS = [1, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 21_600, 43_200, 86_400];
/** As many points as a chart can show side by side. */
const ENOUGH = 360;

/**
 * Seconds of a bucket for so long a range: about 360 of them, never more than the API gives, and none shorter than the
 * monitor's interval.
 */
export function bucketOf(length: number, interval = 1): number {
  const least = Math.max(length / ENOUGH, interval);
  return STEPS.find((step) => step >= least) ?? 86_400;
}

/**
 * The window a range means now. The end of a preset moves in whole buckets, so that the same question is asked until a
 * new bucket begins.
 */
export function windowOf(range: Range, now: number): Window {
  if (!isPreset(range)) return parseCustom(range) ?? windowOf(DEFAULT_RANGE, now);
  const length = SECONDS[range];
  const step = bucketOf(length);
  const to = Math.ceil(now / step) * step;
  return { from: to - length, to };
}

/** The window just before, of the same length: the baseline of a change. */
export function windowBefore({ from, to }: Window): Window {
  return { from: from - (to - from), to: from };
}

/** The range after a zoom into a chart: what was dragged over, within what is shown. */
export function zoomed(shown: Window, left: number, right: number): Range {
  const clamp = (moment: number) => Math.min(shown.to, Math.max(shown.from, moment));
  return customRange(clamp(left), clamp(right));
}
