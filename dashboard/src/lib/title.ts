import { useEffect, useSyncExternalStore } from "react";

/** What the page on screen calls itself, where its route does not know (a monitor's name). */
let own: string | null = null;
const listeners = new Set<() => void>();

function set(title: string | null): void {
  own = title;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Names the browser's tab while the page is on screen. */
export function usePageTitle(title: string | undefined): void {
  useEffect(() => {
    set(title ?? null);
    return () => set(null);
  }, [title]);
}

export const useOwnTitle = (): string | null => useSyncExternalStore(subscribe, () => own);
