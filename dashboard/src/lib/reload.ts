import { useSyncExternalStore } from "react";

/** Whether this page is older than the server: a new version spoke, or a chunk of ours is no longer there. */
let needed = false;
const listeners = new Set<() => void>();

export function askForReload(): void {
  needed = true;
  for (const listener of listeners) listener();
}

/** Vite says when a lazy chunk cannot be loaded. */
export function watchChunks(): void {
  addEventListener("vite:preloadError", askForReload);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const useReloadNeeded = (): boolean => useSyncExternalStore(subscribe, () => needed);
