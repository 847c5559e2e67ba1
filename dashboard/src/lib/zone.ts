/** The zone times are shown in: the reader's own, or UTC. Kept in this browser. */
import { useSyncExternalStore } from "react";

export type Zone = "local" | "utc";

const KEY = "upguard.zone";
const listeners = new Set<() => void>();

let zone: Zone | null = null;
let local: string | null = null;

function readZone(): Zone {
  try {
    return localStorage.getItem(KEY) === "utc" ? "utc" : "local";
  } catch {
    return "local";
  }
}

/** Asked for with every moment on screen, so it is read once. */
export function getZone(): Zone {
  zone ??= readZone();
  return zone;
}

export function setZone(chosen: Zone): void {
  try {
    localStorage.setItem(KEY, chosen);
  } catch {
    // Without storage the choice cannot be kept.
  }
  zone = chosen;
  for (const listener of listeners) listener();
}

addEventListener("storage", ({ key }) => {
  if (key !== KEY && key !== null) return;
  zone = null;
  for (const listener of listeners) listener();
});

// Whoever travels with the page open has another zone when they look at it again.
document.addEventListener("visibilitychange", () => {
  local = null;
});

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The chosen zone; screens that show times redraw when it changes. */
export function useZone(): Zone {
  return useSyncExternalStore(subscribe, getZone, () => "local" as const);
}

/** Its IANA name. */
export function zoneName(zone: Zone): string {
  if (zone === "utc") return "UTC";
  local ??= new Intl.DateTimeFormat().resolvedOptions().timeZone;
  return local;
}
