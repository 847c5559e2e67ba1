/** Uptime and coverage: counts in, honest figures out. What nobody looked at is never up. */
import type { UptimeCounts } from "@/api/types";
import { flooredPercent, formatRatio } from "@/lib/ratio";
import type { Beat } from "./beat";

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
