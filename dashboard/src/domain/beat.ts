/** Heartbeats: what each slot came to, a cell each, and all of them in a sentence. */
import { formatRatio } from "@/lib/ratio";

/** One cell of a heartbeat bar. */
export type Beat = "up" | "degraded" | "down" | "missed" | "maintenance" | "none";

const BEAT_OF_CHAR: Record<string, Beat> = {
  u: "up",
  g: "degraded",
  d: "down",
  m: "missed",
  w: "maintenance",
  "-": "none",
};

/** The API's string of one char a slot, as cells: padded on the left, or cut there, to `count`. */
export function beatsOf(chars: string, count = chars.length): Beat[] {
  const cells = Array.from(chars.slice(-count || chars.length), (char) => BEAT_OF_CHAR[char] ?? "none");
  const pad = Math.max(0, count - cells.length);
  return [...Array<Beat>(pad).fill("none"), ...cells];
}

/** In the order a legend has them. */
export const BEAT_WORD: Record<Beat, string> = {
  up: "Up",
  degraded: "Degraded",
  down: "Down",
  maintenance: "Maintenance",
  missed: "Not checked",
  none: "No data",
};

export interface BeatsSummary {
  /** Cells that somebody looked at. */
  total: number;
  good: number;
  failed: number;
  missed: number;
}

export function summariseBeats(beats: readonly Beat[]): BeatsSummary {
  const count = (wanted: Beat) => beats.filter((beat) => beat === wanted).length;
  const good = count("up") + count("degraded");
  const failed = count("down");
  return { total: good + failed, good, failed, missed: count("missed") };
}

/** "Last 40 checks: 97.50 % uptime, 1 failed". */
export function beatsSentence(beats: readonly Beat[]): string {
  const { total, good, failed, missed } = summariseBeats(beats);
  const known = total + missed;
  if (known === 0) return "No checks yet";
  const tail = missed > 0 ? `, ${missed} not checked` : "";
  const head = `Last ${known} ${known === 1 ? "check" : "checks"}:`;
  if (total === 0) return `${head} nobody looked`;
  return `${head} ${formatRatio(good, total)} uptime, ${failed === 0 ? "none" : failed} failed${tail}`;
}
