/**
 * What is going on now, outside React: rows and beats by id. Whoever shows one row hears of that row alone. Events wait
 * for the next frame, so that a burst costs one turn.
 */
import type { Beat, LiveMonitor, LiveMonitors, MonitorBeats, Status } from "@/api/types";
import { serverNow } from "@/lib/clock";
import { MOST_BEATS, withBeat } from "./beats";
import { added, listenersByKey } from "./listeners";
import { isBehind, type Told, writtenAt } from "./protocol";
import { monitorOf, reduce } from "./reduce";
import { createMeter, type Meter } from "./stats";

type Listener = () => void;

export interface Transition {
  monitor: LiveMonitor;
  from: Status;
  to: Status;
}

export type Counts = Record<Status, number>;

export interface LiveStore {
  readonly meter: Meter;
  isReady(): boolean;
  row(id: string): LiveMonitor | undefined;
  rows(): IterableIterator<LiveMonitor>;
  size(): number;
  counts(): Counts;
  /** Monitors with an incident nobody has acknowledged. */
  openIncidents(): number;
  /** Grows with every change of the list: a row came, went, or has another status. */
  version(): number;
  beats(id: string): MonitorBeats | undefined;
  /** Ids whose beats are on screen. */
  watched(): string[];
  onRow(id: string, listener: Listener): () => void;
  onBeats(id: string, listener: Listener): () => void;
  onList(listener: Listener): () => void;
  onBeat(id: string, listener: (beat: Beat) => void): () => void;
  onTransitions(listener: (transitions: Transition[]) => void): () => void;
  load(snapshot: LiveMonitors, since?: readonly Told[]): void;
  put(row: LiveMonitor): void;
  remove(ids: readonly string[]): void;
  putBeats(items: readonly MonitorBeats[]): void;
  tell(events: readonly Told[]): void;
  flush(): void;
  reset(): void;
}

const NONE: Counts = { up: 0, degraded: 0, regional: 0, down: 0, pending: 0, maintenance: 0, paused: 0, unknown: 0 };

export function createStore(schedule: (turn: () => void) => void): LiveStore {
  const rows = new Map<string, LiveMonitor>();
  const beats = new Map<string, MonitorBeats>();
  const rowListeners = listenersByKey<void>();
  const beatsListeners = listenersByKey<void>();
  const beatListeners = listenersByKey<Beat>();
  const listListeners = new Set<Listener>();
  const transitionListeners = new Set<(transitions: Transition[]) => void>();
  let queue: Told[] = [];
  let counts = NONE;
  let open = 0;
  let version = 0;
  let ready = false;
  let place = "0-0";
  let meter = createMeter();

  function listChanged(): void {
    version += 1;
    counts = { ...NONE };
    open = 0;
    for (const row of rows.values()) {
      counts[row.status] += 1;
      if (row.incident?.state === "open") open += 1;
    }
    for (const listener of listListeners) listener();
  }

  function take(told: Told, changed: Set<string>, transitions: Transition[]): void {
    if (!isBehind(told.id, place)) return;
    place = told.id ?? place;
    if (told.event === "beat") {
      meter.add(told.data.beats, serverNow());
      for (const beat of told.data.beats) takeBeat(beat, writtenAt(told.id) ?? serverNow(), changed);
      return;
    }
    const id = monitorOf(told);
    const row = id === null ? undefined : rows.get(id);
    if (id === null || row === undefined) return;
    if (told.event === "monitor.deleted") rows.delete(id);
    else rows.set(id, reduce(row, told));
    changed.add(id);
    if (told.event === "status" && told.data.to !== row.status) {
      transitions.push({ monitor: row, from: row.status, to: told.data.to });
    }
  }

  function takeBeat(beat: Beat, at: number, changed: Set<string>): void {
    beatListeners.tell(beat.monitor, beat);
    const known = beats.get(beat.monitor);
    if (!known) return;
    const interval = rows.get(beat.monitor)?.interval ?? 60;
    beats.set(beat.monitor, withBeat(known, beat, interval, at, MOST_BEATS));
    changed.add(`beats ${beat.monitor}`);
  }

  function flush(): void {
    const events = queue;
    queue = [];
    const changed = new Set<string>();
    const transitions: Transition[] = [];
    for (const told of events) take(told, changed, transitions);
    let isListChanged = false;
    for (const key of changed) {
      if (key.startsWith("beats ")) beatsListeners.tell(key.slice(6));
      else {
        isListChanged = true;
        rowListeners.tell(key);
      }
    }
    if (isListChanged) listChanged();
    if (transitions.length > 0) for (const listener of transitionListeners) listener(transitions);
  }

  return {
    get meter() {
      return meter;
    },
    isReady: () => ready,
    row: (id) => rows.get(id),
    rows: () => rows.values(),
    size: () => rows.size,
    counts: () => counts,
    openIncidents: () => open,
    version: () => version,
    beats: (id) => beats.get(id),
    watched: () => beatsListeners.keys(),
    onRow: (id, listener) => rowListeners.add(id, listener),
    onBeats: (id, listener) => beatsListeners.add(id, listener),
    onBeat: (id, listener) => beatListeners.add(id, listener),
    onList: (listener) => added(listListeners, listener),
    onTransitions: (listener) => added(transitionListeners, listener),
    load(snapshot, since = []) {
      const before = new Map(rows);
      rows.clear();
      for (const row of snapshot.items) rows.set(row.id, row);
      ready = true;
      place = snapshot.seq;
      queue = [...since];
      flush();
      for (const id of rowListeners.keys()) if (before.get(id) !== rows.get(id)) rowListeners.tell(id);
      listChanged();
    },
    put(row) {
      rows.set(row.id, row);
      rowListeners.tell(row.id);
      listChanged();
    },
    remove(ids) {
      for (const id of ids) rows.delete(id);
      for (const id of ids) rowListeners.tell(id);
      listChanged();
    },
    putBeats(items) {
      for (const item of items) {
        const known = beats.get(item.id);
        const isAhead = known?.last_slot != null && known.last_slot > (item.last_slot ?? 0);
        beats.set(item.id, isAhead ? { ...known, uptime: item.uptime } : item);
        beatsListeners.tell(item.id);
      }
    },
    tell(events) {
      if (queue.length === 0 && events.length > 0) schedule(flush);
      queue.push(...events);
    },
    flush,
    reset() {
      rows.clear();
      beats.clear();
      queue = [];
      ready = false;
      place = "0-0";
      meter = createMeter();
      listChanged();
    },
  };
}
