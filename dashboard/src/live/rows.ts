/** Reads what the store needs from the API: single rows that changed, and the beats on screen. */
import { api, bodyOf } from "@/api/client";
import type { LiveMonitor, Monitor } from "@/api/types";
import { ApiError } from "@/lib/errors";
import { seconds } from "@/lib/time";
import { MOST_BEATS } from "./beats";
import type { LiveStore } from "./store";

/** More changed rows than this are read with all others, in one answer. */
const SINGLY = 12;
const CHANGED_WAIT_MS = 250;
const BEATS_WAIT_MS = 50;
/** Ids of one request. */
const BEATS_AT_ONCE = 200;
/** Beats on screen are read again after this: what nobody looked at is no event. */
const BEATS_OLD_MS = 60_000;

export function rowOf(monitor: Monitor): LiveMonitor {
  const { id, name, url, kind, status, reason, interval, tags, regions, incident } = monitor;
  const since = Date.parse(monitor.since) / 1000;
  const row = { id, name, url, kind, status, since, reason, interval, tags, regions, incident };
  const unchecked = seconds(monitor.unchecked_since);
  return unchecked === null ? row : { ...row, unchecked_since: unchecked };
}

/** Collects ids of changed monitors, and reads them again. */
export function changedRows(store: LiveStore, readEverything: () => void): (id: string) => void {
  const ids = new Set<string>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  async function readOne(id: string): Promise<void> {
    try {
      store.put(rowOf(await bodyOf(api.GET("/api/v1/monitors/{id}", { params: { path: { id } } }))));
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) store.remove([id]);
    }
  }
  return (id) => {
    ids.add(id);
    timer ??= setTimeout(() => {
      timer = undefined;
      if (ids.size > SINGLY) readEverything();
      else for (const one of ids) void readOne(one);
      ids.clear();
    }, CHANGED_WAIT_MS);
  };
}

/** Asks for the beats of ids, many at once, and again when they are old and still on screen. */
export function beatsReader(store: LiveStore): { want(id: string): void; refresh(): void } {
  const asked = new Map<string, number>();
  const wanted = new Set<string>();
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function read(ids: string[]): Promise<void> {
    for (const id of ids) asked.set(id, Date.now());
    try {
      const query = { ids: ids.join(), count: MOST_BEATS };
      store.putBeats((await bodyOf(api.GET("/api/v1/monitors/beats", { params: { query } }))).items);
    } catch {
      for (const id of ids) asked.delete(id);
    }
  }

  function readWanted(): void {
    timer = undefined;
    const ids = [...wanted].filter((id) => store.watched().includes(id));
    wanted.clear();
    for (let at = 0; at < ids.length; at += BEATS_AT_ONCE) void read(ids.slice(at, at + BEATS_AT_ONCE));
  }

  function want(id: string): void {
    if (Date.now() - (asked.get(id) ?? 0) < BEATS_OLD_MS) return;
    wanted.add(id);
    timer ??= setTimeout(readWanted, BEATS_WAIT_MS);
  }

  return { want, refresh: () => store.watched().forEach(want) };
}
