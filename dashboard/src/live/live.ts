/** Brings stream, snapshot and store together, once per page. */
import { queryClient } from "@/api/query-client";
import { accessToken, identity, onToken, refresh } from "@/api/session";
import { serverNow, serverSaid } from "@/lib/clock";
import { askForReload } from "@/lib/reload";
import { seconds } from "@/lib/time";
import { invalidator } from "./invalidate";
import { connect, type Link } from "./link";
import type { FromWorker, Hello, SilentLane, Told } from "./protocol";
import { readAll } from "./read-all";
import { beatsReader, changedRows } from "./rows";
import { type Facts, type LiveState, OFFLINE_AFTER_S, stateOf } from "./state";
import { createStore } from "./store";

const SNAPSHOT_RETRY_MS = 3_000;
const BEATS_REFRESH_MS = 15_000;

/** A frame where somebody looks; else a second, since hidden pages have no frames but a title. */
function schedule(turn: () => void): void {
  if (document.visibilityState === "visible") requestAnimationFrame(turn);
  else setTimeout(turn, 1_000);
}

export const store = createStore(schedule);
const listeners = new Set<() => void>();
const facts: Facts = { connected: false, lostAt: 0, behindSince: null, isOnline: true };
let state: LiveState = stateOf(facts, 0);
let link: Link | null = null;
let version: string | null = null;
let seq = "";
/** Events heard while a snapshot is on its way: it may be older than they are. */
let since: Told[] | null = null;
let problem: unknown = null;
let silent: readonly SilentLane[] = [];

const makeOld = invalidator(queryClient);
const beats = beatsReader(store);
const changed = changedRows(store, () => void snapshot());
export const wantBeats = beats.want;

function judge(): void {
  const next = stateOf(facts, serverNow());
  if (next.state === state.state && next.since === state.since) return;
  state = next;
  for (const listener of listeners) listener();
}

function connectedIs(connected: boolean, hello: Hello | null): void {
  if (hello) {
    serverSaid(hello.server_time);
    version ??= hello.version;
    if (version !== hello.version) askForReload();
  }
  if (!connected && facts.connected) {
    facts.lostAt = serverNow();
    setTimeout(judge, OFFLINE_AFTER_S * 1000 + 100);
  }
  if (connected) facts.lostAt = null;
  facts.connected = connected;
  judge();
}

function hear(message: FromWorker): void {
  if (message.type === "connected") connectedIs(message.connected, message.hello);
  else if (message.type === "need-token") void bringToken();
  else {
    since?.push(...message.events);
    store.tell(message.events);
    makeOld(message.events);
    for (const told of message.events) {
      if (told.id !== null) seq = told.id;
      if (told.event === "resync") void snapshot();
      else if (told.event === "hello") lanesAre([]);
      else if (told.event === "lanes") lanesAre(told.data.lanes);
      else if (told.event === "monitor.changed") changed(told.data.monitor);
    }
  }
}

/** Which statuses can be shown is another matter then: they are read again. */
function lanesAre(lanes: readonly SilentLane[]): void {
  if (lanes.length === 0 && silent.length === 0) return;
  silent = lanes;
  void snapshot();
  for (const listener of listeners) listener();
}

async function bringToken(): Promise<void> {
  const token = await refresh().catch(() => null);
  if (token !== null) link?.say({ type: "token", token, who: identity(token) });
}

let retryTimer: ReturnType<typeof setTimeout> | undefined;
let isAskedAgain = false;

/** Reads all rows, then listens from behind them. One at a time; tries again until it succeeds. */
export async function snapshot(): Promise<void> {
  if (since !== null) {
    isAskedAgain = true;
    return;
  }
  clearTimeout(retryTimer);
  since = [];
  isAskedAgain = false;
  try {
    const rows = await readAll();
    serverSaid(rows.server_time);
    store.load(rows, since);
    seq = rows.seq;
    facts.behindSince = null;
    problem = null;
    link?.say({ type: "after", seq });
  } catch (error) {
    problem = error;
    if (store.isReady()) facts.behindSince ??= serverNow();
    retryTimer = setTimeout(() => accessToken() !== null && void snapshot(), SNAPSHOT_RETRY_MS);
  } finally {
    since = null;
    judge();
    for (const listener of listeners) listener();
  }
  if (isAskedAgain) await snapshot();
}

function giveToken(): void {
  const token = accessToken();
  link?.say({ type: "token", token, who: identity(token) });
}

function awake(): void {
  if (document.visibilityState !== "visible" || accessToken() === null) return;
  giveToken();
  if (seq !== "") link?.say({ type: "after", seq });
  link?.say({ type: "retry" });
}

function watchNetwork(): void {
  facts.isOnline = navigator.onLine;
  addEventListener("online", () => {
    facts.isOnline = true;
    awake();
    judge();
  });
  addEventListener("offline", () => {
    facts.isOnline = false;
    judge();
  });
  addEventListener("pageshow", (event) => event.persisted && awake());
  document.addEventListener("visibilitychange", awake);
}

/** Called when somebody has signed in. The second time it does nothing. */
export function start(): void {
  if (link !== null) return;
  link = connect(hear);
  watchNetwork();
  giveToken();
  void snapshot();
  setInterval(() => document.visibilityState === "visible" && beats.refresh(), BEATS_REFRESH_MS);
  onToken((token) => {
    giveToken();
    if (token === null) forget();
    else if (!store.isReady()) void snapshot();
    else if (seq !== "") {
      link?.say({ type: "after", seq });
      if (!facts.connected) link?.say({ type: "retry" });
    }
  });
}

/** Rows stay while a session has merely ended; they go with the person. */
function forget(): void {
  connectedIs(false, null);
}

/** Signed out: nothing of the last person stays. */
export function clear(): void {
  seq = "";
  silent = [];
  facts.lostAt = 0;
  store.reset();
  queryClient.clear();
}

export const liveState = (): LiveState => state;
export const liveProblem = (): unknown => problem;

/** Since when checks do not run, unix seconds; null while they do. */
export function stalledSince(): number | null {
  const since = silent.filter(({ stalled }) => stalled).map((lane) => seconds(lane.since));
  return since.length === 0 ? null : Math.min(...since);
}

export function onLive(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
