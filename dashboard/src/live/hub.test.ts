import { beforeEach, expect, it, vi } from "vitest";
import { createHub, type Hub, type Send } from "./hub";
import type { Told } from "./protocol";
import type { Stream, StreamOptions } from "./stream";

let opened: (StreamOptions & { stop: () => void; retry: () => void })[];
let hub: Hub;

beforeEach(() => {
  opened = [];
  hub = createHub((options): Stream => {
    const stream = { ...options, stop: vi.fn(), retry: vi.fn() };
    opened.push(stream);
    return stream;
  });
});

function tab(): { send: Send; heard: unknown[] } {
  const heard: unknown[] = [];
  const send: Send = (message) => heard.push(message);
  hub.join(send);
  return { send, heard };
}

const signIn = (send: Send, who = "ada/acme") => hub.hear(send, { type: "token", token: `token of ${who}`, who });

it("opens one stream for all tabs, from behind the first snapshot", () => {
  const [first, second] = [tab(), tab()];
  signIn(first.send);
  hub.hear(first.send, { type: "after", seq: "7-0" });
  signIn(second.send);
  hub.hear(second.send, { type: "after", seq: "9-0" });
  expect(opened).toHaveLength(1);
  expect(opened[0]?.after).toBe("7-0");
  opened[0]?.onEvents([{ event: "resync", data: {}, id: "8-0" }]);
  expect(first.heard.at(-1)).toEqual(second.heard.at(-1));
});

it("tells a new tab which lanes are silent, until the stream says hello anew", () => {
  const first = tab();
  signIn(first.send);
  hub.hear(first.send, { type: "after", seq: "7-0" });
  const lane = { lane: 0, since: "2026-01-01T00:00:00Z", stalled: true, unknown_up_to: 5 };
  const lanes: Told = { event: "lanes", data: { lanes: [lane] }, id: "7-0" };
  opened[0]?.onEvents([lanes]);
  expect(tab().heard.at(-1)).toEqual({ type: "events", events: [lanes] });
  const data = { version: "1", seq: "9-0", server_time: "2026-01-01T00:00:00Z" };
  opened[0]?.onEvents([{ event: "hello", data, id: "9-0" }]);
  expect(tab().heard).toHaveLength(1);
});

it("tells a new tab how things are", () => {
  const first = tab();
  signIn(first.send);
  hub.hear(first.send, { type: "after", seq: "7-0" });
  const hello = { version: "1", seq: "7-0", server_time: "2026-01-01T00:00:00Z" };
  opened[0]?.onConnected(true, hello);
  expect(first.heard.at(-1)).toEqual({ type: "connected", connected: true, hello });
  // What time it was then is not what time it is.
  expect(tab().heard).toEqual([{ type: "connected", connected: true, hello: null }]);
  opened[0]?.onConnected(false, null);
  expect(first.heard.at(-1)).toEqual({ type: "connected", connected: false, hello: null });
});

it("opens nothing without a sign-in, and ends with it", () => {
  const { send } = tab();
  hub.hear(send, { type: "after", seq: "7-0" });
  expect(opened).toHaveLength(0);
  signIn(send);
  hub.hear(send, { type: "after", seq: "7-0" });
  hub.hear(send, { type: "token", token: null, who: "" });
  expect(opened[0]?.stop).toHaveBeenCalled();
});

it("never goes on with one person's stream for another", () => {
  const { send } = tab();
  signIn(send);
  hub.hear(send, { type: "after", seq: "7-0" });
  signIn(send, "eve/evil");
  expect(opened[0]?.stop).toHaveBeenCalled();
  hub.hear(send, { type: "after", seq: "1-0" });
  expect(opened).toHaveLength(2);
});

it("asks the tabs for a token where the last was refused", async () => {
  const { send, heard } = tab();
  signIn(send);
  hub.hear(send, { type: "after", seq: "7-0" });
  const fresh = opened[0]?.token(true);
  expect(heard.at(-1)).toEqual({ type: "need-token" });
  hub.hear(send, { type: "token", token: "new", who: "ada/acme" });
  expect(await fresh).toBe("new");
  expect(opened[0]?.stop).not.toHaveBeenCalled();
});

it("closes when the last tab has gone", () => {
  const [first, second] = [tab(), tab()];
  signIn(first.send);
  hub.hear(first.send, { type: "after", seq: "7-0" });
  hub.hear(first.send, { type: "bye" });
  expect(opened[0]?.stop).not.toHaveBeenCalled();
  hub.hear(second.send, { type: "bye" });
  expect(opened[0]?.stop).toHaveBeenCalled();
});
