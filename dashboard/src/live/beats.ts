/** The last beats of a monitor, kept up by events. Pure. */
import type { Beat, MonitorBeats, Verdict } from "@/api/types";

/** Beats kept per monitor. */
export const MOST_BEATS = 90;

const CHAR: Record<Verdict, string> = { up: "u", degraded: "g", down: "d", missed: "m" };
/** Of several regions the worst counts, and missed only where nobody looked. */
const RANK = "-mugdw";

function worse(a: string, b: string): string {
  return RANK.indexOf(a) >= RANK.indexOf(b) ? a : b;
}

/** `known` with one beat more. `at` is when it was written; only a slot's first attempt is a beat of the bar. */
export function withBeat(known: MonitorBeats, beat: Beat, interval: number, at: number, count: number): MonitorBeats {
  const isNewer = known.last === null || at >= known.last.at;
  const last = isNewer && beat.verdict !== "missed" ? lastOf(beat, at) : known.last;
  if (beat.attempt !== 0) return { ...known, last };
  return { ...known, last, ...withSlot(known, beat, interval, count) };
}

function lastOf(beat: Beat, at: number): MonitorBeats["last"] {
  return { region: beat.region, verdict: beat.verdict, reason: null, at, ms: beat.ms };
}

function withSlot(
  { beats, last_slot }: MonitorBeats,
  { slot, verdict }: Beat,
  interval: number,
  count: number,
): Pick<MonitorBeats, "beats" | "last_slot"> {
  const char = CHAR[verdict];
  if (last_slot === null) return { beats: char, last_slot: slot };
  const steps = Math.round((slot - last_slot) / interval);
  if (steps > 0) {
    const gap = "-".repeat(Math.min(steps - 1, count));
    return { beats: (beats + gap + char).slice(-count), last_slot: slot };
  }
  const index = beats.length - 1 + steps;
  const old = beats[index];
  if (old === undefined) return { beats, last_slot };
  return { beats: beats.slice(0, index) + worse(old, char) + beats.slice(index + 1), last_slot };
}
