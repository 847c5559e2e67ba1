/** What stands beside the axes: times in the reader's zone and locale, milliseconds without noise. */
import { ticks, wallAt } from "@/lib/days";
import { formatNumber } from "@/lib/number";
import { formatIn } from "@/lib/time";

const PIXELS_A_TICK = 90;

export function timeSplits(from: number, to: number, width: number, timeZone: string): number[] {
  return ticks(from, to, Math.max(2, Math.floor(width / PIXELS_A_TICK)), timeZone);
}

/** A midnight is a day, anything else a time of it. */
export function timeLabels(splits: readonly number[], timeZone: string): string[] {
  return splits.map((moment) => {
    const { hour, minute } = wallAt(moment, timeZone);
    const midnight = hour === 0 && minute === 0;
    return midnight
      ? formatIn(moment, timeZone, { day: "numeric", month: "short" })
      : formatIn(moment, timeZone, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  });
}

/** "0", "250 ms", "1.5 s". */
export function msLabel(ms: number): string {
  if (ms === 0) return "0";
  if (ms < 1000) return `${formatNumber(ms, 1, 0)} ms`;
  return `${formatNumber(ms / 1000, 2, 0)} s`;
}
