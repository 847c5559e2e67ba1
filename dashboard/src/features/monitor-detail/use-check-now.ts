import { useCallback, useEffect, useState } from "react";
import { useCheckNow } from "@/api/queries/monitors";
import { ATTEMPT_REQUEST, useRequested } from "@/api/queries/monitors-detail";
import type { Beat, Monitor, Result } from "@/api/types";
import { useOnBeat } from "@/live/use-live";

/** Beyond the monitor's timeout: time for the job to get there and back. */
const GRACE_MS = 8_000;

export interface Lane {
  region: string;
  result: Result | null;
  /** Nothing came in the time it may take. */
  isLate: boolean;
}

/** Asks for a check as soon as `trigger` is set, and collects what each region answers. */
export function useCheckTrace(monitor: Monitor, trigger: number) {
  const ask = useCheckNow(monitor.id);
  const [isOver, setOver] = useState(false);
  const until = trigger + monitor.timeout * 1000 + GRACE_MS;
  const asked = ask.data ?? null;
  const { data, refetch } = useRequested(monitor.id, trigger > 0 ? asked : null, until);

  // biome-ignore lint/correctness/useExhaustiveDependencies: one press asks once
  useEffect(() => {
    if (trigger === 0) return;
    setOver(false);
    ask.reset();
    ask.mutate();
    const timer = setTimeout(() => setOver(true), Math.max(0, until - Date.now()));
    return () => clearTimeout(timer);
  }, [trigger]);

  const onBeat = useCallback(
    (beat: Beat) => {
      if (asked && beat.attempt === ATTEMPT_REQUEST && beat.slot === asked.slot) void refetch();
    },
    [asked, refetch],
  );
  useOnBeat(monitor.id, onBeat);

  return { ask, lanes: lanesOf(asked?.regions ?? [], data ?? [], isOver) };
}

/** Every region that was asked, in its order, with what it said so far. */
export function lanesOf(regions: readonly string[], results: readonly Result[], isOver: boolean): Lane[] {
  return regions.map((region) => {
    const result = results.find((each) => each.region === region) ?? null;
    return { region, result, isLate: result === null && isOver };
  });
}
