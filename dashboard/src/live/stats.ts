/** Figures of the beats this tab has heard. Pure but for the ring it keeps. */
import type { Beat } from "@/api/types";

/** Seconds of a bucket, and how many are kept: ten minutes. */
export const STEP = 10;
const KEPT = 60;
/** Response times kept of a bucket: enough for a percentile. */
const SAMPLES = 400;

interface Bucket {
  at: number;
  checks: number;
  failed: number;
  ms: number[];
}

export interface Stats {
  perMinute: number | null;
  p95: number | null;
  /** Share of the checks, 0 to 1. */
  failing: number | null;
  /** Checks of each bucket, oldest first; null before the first was heard. */
  line: (number | null)[];
}

export interface Meter {
  add(beats: readonly Beat[], now: number): void;
  read(now: number): Stats;
}

export function createMeter(): Meter {
  const buckets = new Map<number, Bucket>();
  let began: number | null = null;

  function bucket(at: number): Bucket {
    let found = buckets.get(at);
    if (!found) {
      found = { at, checks: 0, failed: 0, ms: [] };
      buckets.set(at, found);
      for (const old of buckets.keys()) if (old <= at - KEPT * STEP) buckets.delete(old);
    }
    return found;
  }

  return {
    add(beats, now) {
      began ??= now;
      const into = bucket(Math.floor(now / STEP) * STEP);
      for (const beat of beats) {
        if (beat.verdict === "missed") continue;
        into.checks += 1;
        if (beat.verdict === "down") into.failed += 1;
        if (beat.ms !== null && into.ms.length < SAMPLES) into.ms.push(beat.ms);
      }
    },
    read(now) {
      const line = Array.from({ length: KEPT }, (_, index) => {
        const at = (Math.floor(now / STEP) - KEPT + 1 + index) * STEP;
        return buckets.get(at)?.checks ?? (began !== null && at >= began ? 0 : null);
      });
      return { ...lastMinute(buckets, began, now), line };
    },
  };
}

/** Of a few seconds nothing is told: one failed check would be all of them. */
function lastMinute(buckets: Map<number, Bucket>, began: number | null, now: number): Omit<Stats, "line"> {
  const from = Math.floor(now / STEP) * STEP - 60;
  const recent = [...buckets.values()].filter(({ at }) => at >= from);
  const checks = recent.reduce((sum, one) => sum + one.checks, 0);
  const span = began === null ? 0 : Math.min(now - began, now - from);
  if (checks === 0 || span < STEP) return { perMinute: span < 60 ? null : 0, p95: null, failing: null };
  const failed = recent.reduce((sum, one) => sum + one.failed, 0);
  const ms = recent.flatMap((one) => one.ms).sort((a, b) => a - b);
  const p95 = ms[Math.max(0, Math.ceil(ms.length * 0.95) - 1)] ?? null;
  return { perMinute: (checks / span) * 60, p95, failing: failed / checks };
}
