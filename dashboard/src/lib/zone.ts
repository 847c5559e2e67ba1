/** The zone times are shown in: the reader's own, or UTC. Kept in this browser. */
import { useSyncExternalStore } from "react";

export type Zone = "local" | "utc";

const KEY = "upguard.zone";
const listeners = new Set<() => void>();

export function getZone(): Zone {
  try {
    return localStorage.getItem(KEY) === "utc" ? "utc" : "local";
  } catch {
    return "local";
  }
}

export function setZone(zone: Zone): void {
  try {
    localStorage.setItem(KEY, zone);
  } catch {
    // Without storage the choice cannot be kept.
  }
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  window.addEventListener("storage", listener);
  return () => {
    listeners.delete(listener);
    window.removeEventListener("storage", listener);
  };
}

/** The chosen zone; screens that show times redraw when it changes. */
export function useZone(): Zone {
  return useSyncExternalStore(subscribe, getZone, () => "local" as const);
}

/** Its IANA name. */
export function zoneName(zone: Zone): string {
  return zone === "utc" ? "UTC" : new Intl.DateTimeFormat().resolvedOptions().timeZone;
}
