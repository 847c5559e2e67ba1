/** How far the first run has come: it stays on screen after its monitor exists, until it is finished or left. */
import { useSyncExternalStore } from "react";

const KEY = "upguard.first-run";
const listeners = new Set<() => void>();

function read(): string | null {
  try {
    return sessionStorage.getItem(KEY);
  } catch {
    return null;
  }
}

let monitor = read();

function set(next: string | null): void {
  monitor = next;
  try {
    if (next === null) sessionStorage.removeItem(KEY);
    else sessionStorage.setItem(KEY, next);
  } catch {
    // Without storage it lasts as long as the page.
  }
  for (const listener of listeners) listener();
}

/** The first monitor was made; whom to tell is still to be asked. */
export const beginOnboarding = (id: string): void => set(id);
export const finishOnboarding = (): void => set(null);

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The monitor that the first run made, while it goes on. */
export function useOnboardingMonitor(): string | null {
  return useSyncExternalStore(subscribe, () => monitor);
}
