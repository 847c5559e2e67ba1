import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Told } from "./protocol";
import { openStream, type Stream } from "./stream";

interface Call {
  headers: Record<string, string>;
  say: (text: string) => void;
  end: () => void;
}

let calls: Call[];
let heard: Told[];
let connected: boolean[];
let stream: Stream;
let answer: number;

const HELLO = 'event: hello\ndata: {"version":"1","seq":"5-0","server_time":"2026-01-01T00:00:00Z"}\n\n';

beforeEach(() => {
  vi.useFakeTimers();
  [calls, heard, connected, answer] = [[], [], [], 200];
  vi.stubGlobal("fetch", (_: string, init: { headers: Record<string, string>; signal: AbortSignal }) => {
    if (answer !== 200) return Promise.resolve(new Response(null, { status: answer }));
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        const say = (text: string) => controller.enqueue(new TextEncoder().encode(text));
        init.signal.addEventListener("abort", () => controller.error(new Error("aborted")));
        calls.push({ headers: init.headers, say, end: () => controller.close() });
      },
    });
    return Promise.resolve(new Response(body));
  });
});

afterEach(() => {
  stream.stop();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const wait = (ms: number) => vi.advanceTimersByTimeAsync(ms);

function open(token: (refused: boolean) => Promise<string | null> = () => Promise.resolve("t")): void {
  stream = openStream({
    after: "4-0",
    token,
    onEvents: (events) => heard.push(...events),
    onConnected: (is) => connected.push(is),
  });
}

it("comes back with the id it heard last", async () => {
  open();
  await wait(0);
  expect(calls[0]?.headers).toMatchObject({ authorization: "Bearer t", "last-event-id": "4-0" });
  calls[0]?.say(`${HELLO}event: region.up\nid: 6-0\ndata: {"region":"eu"}\n\n: ping\nid: 8-0\n\n`);
  await wait(0);
  expect(heard.map(({ event }) => event)).toEqual(["hello", "region.up"]);
  calls[0]?.end();
  await wait(1_100);
  expect(calls[1]?.headers["last-event-id"]).toBe("8-0");
  expect(connected).toEqual([true, false]);
});

it("takes 25 s of silence for the end", async () => {
  open();
  await wait(0);
  calls[0]?.say(HELLO);
  await wait(20_000);
  calls[0]?.say(": ping\n\n");
  await wait(24_000);
  expect(connected).toEqual([true]);
  await wait(1_100);
  expect(connected).toEqual([true, false]);
  await wait(1_100);
  expect(calls).toHaveLength(2);
});

it("waits longer and longer, and not at all when told so", async () => {
  answer = 503;
  open();
  await wait(10_000);
  const tried = connected.length;
  expect(tried).toBeLessThan(8);
  answer = 200;
  stream.retry();
  await wait(0);
  expect(calls).toHaveLength(1);
});

it("asks for another token where the last was refused", async () => {
  const token = vi.fn(() => Promise.resolve("t"));
  answer = 401;
  open(token);
  await wait(0);
  answer = 200;
  await wait(1_100);
  expect(token.mock.calls).toEqual([[false], [true]]);
});
