/** The server's clock, as well as this machine can tell it. One timer for all "ago" texts. */
import { useSyncExternalStore } from "react";

let skewMs = 0;
let second = 0;
let timer: ReturnType<typeof setInterval> | undefined;
const listeners = new Set<() => void>();

/** The server said what time it is. */
export function serverSaid(rfc3339: string | null): void {
  const said = rfc3339 === null ? Number.NaN : Date.parse(rfc3339);
  if (!Number.isNaN(said)) skewMs = said - Date.now();
}

/** Unix seconds, with fractions. */
export function serverNow(): number {
  return (Date.now() + skewMs) / 1000;
}

function tick(): void {
  const now = Math.floor(serverNow());
  if (now === second) return;
  second = now;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(tick, 1_000);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

function current(): number {
  if (timer === undefined) second = Math.floor(serverNow());
  return second;
}

/** Unix seconds, ticking. */
export const useServerNow = (): number => useSyncExternalStore(subscribe, current);

/** What follows from the time, such as a text: who shows it is drawn again only when it is another. */
export function useOverTime<T extends string | number | boolean>(at: (now: number) => T): T {
  return useSyncExternalStore(subscribe, () => at(current()));
}
