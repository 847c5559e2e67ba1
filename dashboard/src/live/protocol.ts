/** What crosses the wire and the port to the worker. Pure: text comes in, events come out. */
import type { LiveEvent } from "@/api/types";

/** An event as it was told, with its id (`<ms>-<n>[.<k>]`) where it has one. */
export type Told = LiveEvent & { id: string | null };

/** The server breaks its silence every 10 s; after 2.5 of these the stream is dead. */
export const DEAD_AFTER_MS = 25_000;

/** From a tab to the worker. */
export type ToWorker =
  /** A new token, and whose it is. Null: signed out. */
  | { type: "token"; token: string | null; who: string }
  /** A snapshot was read: listen from behind it, unless the stream runs already. */
  | { type: "after"; seq: string }
  | { type: "retry" }
  | { type: "bye" };

/** From the worker to its tabs. */
export type FromWorker =
  | { type: "events"; events: Told[] }
  | { type: "connected"; connected: boolean; hello: Hello | null }
  | { type: "need-token" };

/** A lane nothing was stored of lately. */
export type SilentLane = Extract<LiveEvent, { event: "lanes" }>["data"]["lanes"][number];

export type Hello = Extract<LiveEvent, { event: "hello" }>["data"];

/** Reads server-sent events chunk by chunk (WHATWG HTML, 9.2.6). */
export function sseReader(): { push(chunk: string): Told[]; readonly lastId: string | null } {
  let rest = "";
  let lastId: string | null = null;
  let fields = { event: "", data: [] as string[] };

  function line(text: string, told: Told[]): void {
    if (text === "") {
      const event = finished(fields, lastId);
      if (event) told.push(event);
      fields = { event: "", data: [] };
      return;
    }
    const colon = text.indexOf(":");
    const name = colon < 0 ? text : text.slice(0, colon);
    const value = colon < 0 ? "" : text.slice(colon + 1).replace(/^ /, "");
    if (name === "event") fields.event = value;
    else if (name === "data") fields.data.push(value);
    else if (name === "id") lastId = value || null;
  }

  return {
    push(chunk) {
      const told: Told[] = [];
      const lines = (rest + chunk).split(/\r\n|\n|\r(?!$)/);
      rest = lines.pop() ?? "";
      for (const text of lines) line(text, told);
      return told;
    },
    get lastId() {
      return lastId;
    },
  };
}

const KNOWN = new Set<string>([
  "hello",
  "beat",
  "status",
  "monitor.changed",
  "monitor.deleted",
  "incident.opened",
  "incident.acknowledged",
  "incident.updated",
  "incident.resolved",
  "region.up",
  "region.down",
  "lanes",
  "resync",
]);

/** What a newer server says and this page does not know is left out. */
function finished(fields: { event: string; data: string[] }, id: string | null): Told | null {
  if (fields.data.length === 0 || !KNOWN.has(fields.event)) return null;
  try {
    return { event: fields.event, data: JSON.parse(fields.data.join("\n")), id } as Told;
  } catch {
    return null;
  }
}

/** The place of an event: milliseconds, which entry within them, which notice of it. Without the last: all of them. */
function place(id: string): readonly [number, number, number] {
  const [entry = "", notice] = id.split(".");
  const [ms, n] = entry.split("-");
  return [Number(ms), Number(n ?? 0), notice === undefined ? Number.POSITIVE_INFINITY : Number(notice)];
}

/** Whether an event came behind another, or behind a snapshot: what did not is known already. */
export function isBehind(id: string | null, known: string): boolean {
  if (id === null) return true;
  const [a, b] = [place(id), place(known)];
  return (a[0] - b[0] || a[1] - b[1] || (a[2] === b[2] ? 0 : a[2] - b[2])) > 0;
}

/** When an event was written, in unix seconds. */
export function writtenAt(id: string | null): number | null {
  return id === null ? null : place(id)[0] / 1000;
}

/** 1, 2, 4 … 30 s, each somewhere between its half and its whole. */
export function backoffMs(tries: number, random: () => number = Math.random): number {
  const whole = Math.min(30_000, 1_000 * 2 ** Math.min(tries, 5));
  return whole / 2 + (random() * whole) / 2;
}
