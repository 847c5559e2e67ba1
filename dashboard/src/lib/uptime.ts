/** Uptime and coverage: counts in, honest figures out. What nobody looked at is never up. */
import type { UptimeCounts } from "@/api/types";
import { formatNumber } from "./number";
import type { Beat } from "./status";

export const NO_DATA = "—";

/**
 * Percent, rounded down: 100 only when exact. Three decimals from 99 on, two below.
 * Null where there is nothing to divide by.
 */
export function flooredPercent(part: number, whole: number): { value: number; decimals: number } | null {
  if (!(whole > 0)) return null;
  if (part >= whole) return { value: 100, decimals: 0 };
  const thousandths = Math.floor((Math.max(0, part) * 100_000) / whole);
  if (thousandths >= 99_000) return { value: thousandths / 1000, decimals: 3 };
  return { value: Math.floor(thousandths / 10) / 100, decimals: 2 };
}

/** "99.987 %", "97.50 %", "100 %", or a dash. */
export function formatRatio(part: number, whole: number): string {
  const percent = flooredPercent(part, whole);
  return percent === null ? NO_DATA : `${formatNumber(percent.value, percent.decimals)} %`;
}

/** Good of those somebody looked at. */
export function formatUptime(counts: Pick<UptimeCounts, "good" | "total">): string {
  return formatRatio(counts.good, counts.total);
}

/** Looked at of those that were due. */
export function formatCoverage(counts: Pick<UptimeCounts, "total" | "expected">): string {
  return formatRatio(counts.total, counts.expected);
}

export function uptimePercent(counts: Pick<UptimeCounts, "good" | "total">): number | null {
  return flooredPercent(counts.good, counts.total)?.value ?? null;
}

/** How a UTC day looks in the bar. A day without data is no up day. */
export function dayBeat(day: UptimeCounts & { down_seconds: number }): Beat {
  if (day.total === 0) return day.expected === 0 ? "none" : "missed";
  if (day.down_seconds > 0) return "down";
  return day.good === day.total ? "up" : "degraded";
}

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

/** By how much a figure moved; null without a figure on both sides, so that no badge is invented. */
export function change(now: number | null, before: number | null): number | null {
  return now === null || before === null ? null : now - before;
}
