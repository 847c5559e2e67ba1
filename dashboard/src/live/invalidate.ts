/** Which cached answers an event makes old. Beats make none old. */
import type { QueryClient, QueryKey } from "@tanstack/react-query";
import { keys } from "@/api/keys";
import type { Told } from "./protocol";

/** Answers are asked again at most this often. */
const WAIT_MS = 1_000;

/** Pure: the names that fall. */
export function madeOldBy(told: Told): QueryKey[] {
  switch (told.event) {
    case "status":
    case "monitor.changed":
    case "monitor.deleted":
      return [keys.monitor(told.data.monitor)];
    case "incident.opened":
    case "incident.acknowledged":
    case "incident.updated":
    case "incident.resolved": {
      const { monitor } = told.data;
      return monitor === null ? [keys.incidents] : [keys.incidents, keys.monitor(monitor)];
    }
    case "region.up":
    case "region.down":
      return [keys.regions];
    case "lanes":
    case "resync":
      return [keys.monitors, keys.incidents, keys.regions];
    default:
      return [];
  }
}

/** Collects for a moment, then asks again what is on screen. */
export function invalidator(cache: QueryClient): (events: readonly Told[]) => void {
  const old = new Map<string, QueryKey>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  function fall(): void {
    timer = undefined;
    for (const queryKey of old.values()) void cache.invalidateQueries({ queryKey });
    old.clear();
  }
  return (events) => {
    for (const told of events) for (const key of madeOldBy(told)) old.set(key.join(" "), key);
    if (old.size > 0) timer ??= setTimeout(fall, WAIT_MS);
  };
}
