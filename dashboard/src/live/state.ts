/** How fresh what is on screen is. */
export type Freshness = "live" | "reconnecting" | "offline" | "stale";

export interface LiveState {
  state: Freshness;
  /** Unix seconds since when; 0 while nothing was heard yet. */
  since: number;
}

/** A break shorter than this is one most people need not know of. */
export const OFFLINE_AFTER_S = 20;

export interface Facts {
  connected: boolean;
  /** When the stream broke, unix seconds; null while it runs, 0 where it never did. */
  lostAt: number | null;
  /** Since when the rows are older than the stream: events were missed and the rows could not be read again. */
  behindSince: number | null;
  isOnline: boolean;
}

/** Pure: facts and the time in, a state out. */
export function stateOf({ connected, lostAt, behindSince, isOnline }: Facts, now: number): LiveState {
  if (!connected) {
    const since = lostAt ?? 0;
    const isGone = !isOnline || (since > 0 && now - since >= OFFLINE_AFTER_S);
    return { state: isGone ? "offline" : "reconnecting", since };
  }
  if (behindSince !== null) return { state: "stale", since: behindSince };
  return { state: "live", since: 0 };
}
