import type { LiveMonitor, Status } from "@/api/types";
import { isTrouble, STATUS } from "@/domain/status";
import { formatDuration, plural } from "@/lib/format";
import type { Counts } from "@/live/store";

export interface Verdict {
  words: string;
  /** Whose look it wears. */
  status: Status;
}

const TROUBLES: readonly Status[] = ["down", "regional", "degraded"];

/** "3 down · 1 degraded – longest 12 m", "All 214 monitors up". `unchecked` says since when nobody checks. Pure. */
export function verdictOf(
  counts: Counts,
  rows: Iterable<LiveMonitor>,
  now: number,
  unchecked: string | null = null,
): Verdict {
  const found = TROUBLES.filter((status) => counts[status] > 0);
  const [worst] = found;
  if (worst !== undefined) {
    const words = found.map((status) => `${counts[status]} ${STATUS[status].word.toLowerCase()}`).join(" · ");
    return { words: `${words} – longest ${roughly(now - oldestTrouble(rows, now))}`, status: worst };
  }
  if (unchecked !== null && counts.unknown > 0) return { words: unchecked, status: "unknown" };
  return calm(counts);
}

/** The first unit is enough for a headline: "12 m". */
function roughly(seconds: number): string {
  return formatDuration(seconds).split(" ").slice(0, 2).join("\u00a0");
}

function oldestTrouble(rows: Iterable<LiveMonitor>, now: number): number {
  let oldest = now;
  for (const { status, since } of rows) if (isTrouble(status) && since < oldest) oldest = since;
  return oldest;
}

function calm(counts: Counts): Verdict {
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const { up, paused, maintenance } = counts;
  const silent = counts.unknown + counts.pending;
  if (paused === total) return { words: `${plural(total, "monitor")} paused`, status: "paused" };
  if (silent > 0) {
    const status = counts.unknown > 0 ? "unknown" : "pending";
    return { words: `${plural(up, "monitor")} up, ${silent} without a verdict yet`, status };
  }
  if (up === 0) return { words: `${plural(maintenance, "monitor")} in maintenance`, status: "maintenance" };
  if (up === total && total === 1) return { words: "Your monitor is up", status: "up" };
  return { words: up === total ? `All ${plural(up, "monitor")} up` : `All ${up} active monitors up`, status: "up" };
}
