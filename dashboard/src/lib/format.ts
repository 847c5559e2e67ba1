/** Figures as text, in the reader's locale. */
import { formatNumber } from "./number";
import { NO_DATA } from "./ratio";

/** Milliseconds below a second, else seconds with two decimals. */
export function formatMs(ms: number | null | undefined): string {
  if (ms === null || ms === undefined || !Number.isFinite(ms)) return NO_DATA;
  if (Math.round(ms) >= 1000) return `${formatNumber(ms / 1000, 2)} s`;
  if (ms > 0 && ms < 1) return `${formatNumber(Math.max(ms, 0.1), 1)} ms`;
  return `${Math.round(ms)} ms`;
}

/** What the API measures in seconds. */
export function formatSeconds(seconds: number | null | undefined): string {
  return formatMs(seconds === null || seconds === undefined ? null : seconds * 1000);
}

export function formatCount(count: number): string {
  return formatNumber(count);
}

/** "1 check", "2 checks", "1,200 checks". */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** "a, b and c". */
export function listWords(words: readonly string[]): string {
  if (words.length < 2) return words[0] ?? "";
  return `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

/** With a capital at its beginning. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const UNITS: readonly (readonly [string, number])[] = [
  ["d", 86_400],
  ["h", 3_600],
  ["m", 60],
  ["s", 1],
];

/** "12 d 4 h", "4 h 12 m", "12 m", "34 s": two units at most, rounded down. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const first = UNITS.findIndex(([, size]) => whole >= size);
  const lead = UNITS[first];
  if (!lead) return "0 s";
  const next = UNITS[first + 1];
  const text = `${Math.floor(whole / lead[1])} ${lead[0]}`;
  const rest = next ? Math.floor((whole % lead[1]) / next[1]) : 0;
  return next && rest > 0 ? `${text} ${rest} ${next[0]}` : text;
}

const WORDS: readonly (readonly [string, number])[] = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
];

/** "every minute", "every 30 seconds", "every 2 hours". */
export function formatInterval(seconds: number): string {
  const unit = WORDS.find(([, size]) => seconds >= size && seconds % size === 0) ?? ["second", 1];
  const count = seconds / unit[1];
  return count === 1 ? `every ${unit[0]}` : `every ${plural(count, unit[0])}`;
}
