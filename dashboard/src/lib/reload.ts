import { useSyncExternalStore } from "react";

/** Whether this page is older than the server: a new version spoke, or a chunk of ours is no longer there. */
let needed = false;
const listeners = new Set<() => void>();

export function askForReload(): void {
  needed = true;
  for (const listener of listeners) listener();
}

/** Vite says when a lazy chunk cannot be loaded. Where the server answers all the same, the chunk is of an older version. */
export function watchChunks(isReachable: () => Promise<boolean>): void {
  addEventListener("vite:preloadError", () => void isReachable().then((is) => is && askForReload()));
}

/** Whether an error is a chunk that did not come. */
export function isChunkError(error: unknown): boolean {
  return error instanceof TypeError && /import|module/i.test(error.message);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const useReloadNeeded = (): boolean => useSyncExternalStore(subscribe, () => needed);
