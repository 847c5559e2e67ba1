import { expect, it } from "vitest";
import { stateOf } from "./state";

const facts = { connected: true, lostAt: null, behindSince: null, isOnline: true };

it.each([
  ["it is live while the stream runs", facts, { state: "live", since: 0 }],
  [
    "a first connection is being opened",
    { ...facts, connected: false, lostAt: 0 },
    { state: "reconnecting", since: 0 },
  ],
  [
    "a short break is no more than that",
    { ...facts, connected: false, lostAt: 90 },
    { state: "reconnecting", since: 90 },
  ],
  ["a long one is offline", { ...facts, connected: false, lostAt: 80 }, { state: "offline", since: 80 }],
  [
    "no network is offline at once",
    { ...facts, connected: false, lostAt: 99, isOnline: false },
    { state: "offline", since: 99 },
  ],
  ["rows that could not be read again are stale", { ...facts, behindSince: 95 }, { state: "stale", since: 95 }],
])("%s", (_, given, expected) => {
  expect(stateOf(given, 100)).toEqual(expected);
});
