/** The bucket under the chart's crosshair, for what shows the same times elsewhere; outside of React, as it moves often. */
import { useSyncExternalStore } from "react";

let at: number | null = null;
const listeners = new Set<() => void>();

export const cursor = {
  set(next: number | null): void {
    if (next === at) return;
    at = next;
    for (const listener of listeners) listener();
  },
};

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useCursor(): number | null {
  return useSyncExternalStore(subscribe, () => at);
}
