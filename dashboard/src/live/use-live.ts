/** What screens ask of the live data: a hook per question. */
import { useCallback, useEffect, useSyncExternalStore } from "react";
import type { Beat, LiveMonitor, MonitorBeats } from "@/api/types";
import { useServerNow } from "@/lib/clock";
import { liveProblem, liveState, onLive, snapshot, stalledSince, store, wantBeats } from "./live";
import type { LiveState } from "./state";
import type { Stats } from "./stats";
import type { Counts } from "./store";

export { useOverTime, useServerNow } from "@/lib/clock";
export { useMonitorIds } from "./use-order";

/** One row; only its own changes draw it again. */
export function useMonitor(id: string): LiveMonitor | undefined {
  const subscribe = useCallback((listener: () => void) => store.onRow(id, listener), [id]);
  return useSyncExternalStore(subscribe, () => store.row(id));
}

/** The last beats of a monitor, asked for when it comes on screen. */
export function useBeats(id: string): MonitorBeats | undefined {
  const subscribe = useCallback((listener: () => void) => store.onBeats(id, listener), [id]);
  useEffect(() => wantBeats(id), [id]);
  return useSyncExternalStore(subscribe, () => store.beats(id));
}

/** Calls with every beat of a monitor, rechecks and checks on request included. */
export function useOnBeat(id: string, listener: (beat: Beat) => void): void {
  useEffect(() => store.onBeat(id, listener), [id, listener]);
}

export function useLiveState(): LiveState {
  return useSyncExternalStore(onLive, liveState);
}

/** Since when checks do not run, unix seconds; null while they do. */
export function useStalledSince(): number | null {
  return useSyncExternalStore(onLive, stalledSince);
}

/** Whether the rows were read, and why not where they could not be. */
export function useLiveRows(): { isReady: boolean; problem: unknown; retry: () => void } {
  const isReady = useSyncExternalStore(store.onList, store.isReady);
  const problem = useSyncExternalStore(onLive, liveProblem);
  return { isReady, problem: isReady ? null : problem, retry: () => void snapshot() };
}

export function useCounts(): Counts {
  return useSyncExternalStore(store.onList, store.counts);
}

export function useMonitorCount(): number {
  return useSyncExternalStore(store.onList, store.size);
}

/** Whether the rows were read and there are none. */
export function useNothingToWatch(): boolean {
  return useSyncExternalStore(store.onList, () => store.isReady() && store.size() === 0);
}

/** Monitors whose incident is open. */
export function useOpenIncidents(): number {
  return useSyncExternalStore(store.onList, store.openIncidents);
}

let tags: { version: number; found: string[] } = { version: -1, found: [] };

function readTags(): string[] {
  if (tags.version !== store.version()) {
    const found = [...new Set([...store.rows()].flatMap((row) => row.tags))].sort((a, b) => a.localeCompare(b));
    const isSame = found.length === tags.found.length && found.every((tag, index) => tag === tags.found[index]);
    tags = { version: store.version(), found: isSame ? tags.found : found };
  }
  return tags.found;
}

/** Every tag in use, by name. */
export function useTags(): string[] {
  return useSyncExternalStore(store.onList, readTags);
}

/** Figures of the last minute, each second. */
export function useStats(): Stats {
  return store.meter.read(useServerNow());
}
