import { useSyncExternalStore } from "react";

/** Whether this page is older than the server: a new version spoke, or a chunk of ours is no longer there. */
let needed = false;
const listeners = new Set<() => void>();

export function askForReload(): void {
  needed = true;
  for (const listener of listeners) listener();
}

const CHUNK = "A part of the page did not come";

/**
 * Vite says when a lazy chunk cannot be loaded. Only where the server has another version is that the reason. The error
 * is called by another name, since the router reloads the page for a browser's: without a network, into nothing.
 */
export function watchChunks(isReplaced: () => Promise<boolean>): void {
  addEventListener("vite:preloadError", ({ payload }) => {
    payload.message = `${CHUNK}: ${payload.message}`;
    void isReplaced().then((is) => is && askForReload());
  });
}

/** Whether an error is a chunk that did not come. */
export function isChunkError(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith(CHUNK);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const useReloadNeeded = (): boolean => useSyncExternalStore(subscribe, () => needed);
