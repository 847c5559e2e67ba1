import { expect, it } from "vitest";
import type { MonitorBeats, Verdict } from "@/api/types";
import { beat } from "@/test/factories";
import { withBeat } from "./beats";

const start: MonitorBeats = {
  id: "m",
  beats: "uuu",
  last_slot: 300,
  last: { region: "eu-west", verdict: "up", reason: null, at: 301, ms: 20 },
  uptime: { "24h": { good: 3, total: 3, expected: 3 } },
};

/** `+slot:verdict` of each beat; slots are 60 s apart. */
function plays(known: MonitorBeats, ...beats: [slot: number, verdict: Verdict, attempt?: number][]): MonitorBeats {
  return beats.reduce(
    (now, [slot, verdict, attempt = 0]) =>
      withBeat(now, beat({ monitor: "m", slot, verdict, attempt }), 60, slot + 2, 8),
    known,
  );
}

it.each([
  ["the next slot is a new char", [[360, "down"]], "uuud", 360],
  ["the same slot keeps the worst of its regions", [[300, "down"]], "uud", 300],
  [
    "a better region does not mend it",
    [
      [300, "down"],
      [300, "up"],
    ],
    "uud",
    300,
  ],
  [
    "missed counts only where nobody looked",
    [
      [360, "missed"],
      [360, "up"],
    ],
    "uuuu",
    360,
  ],
  ["an older slot is mended in its place", [[240, "degraded"]], "ugu", 300],
  ["a gap stays a gap", [[480, "up"]], "uuu--u", 480],
  ["rechecks are no beat of the bar", [[360, "down", 1]], "uuu", 300],
  ["what is older than the bar is left out", [[60, "down"]], "uuu", 300],
  ["a long silence is cut", [[300 + 60 * 20, "up"]], "-------u", 1500],
] as const)("%s", (_, beats, chars, slot) => {
  const now = plays(start, ...(beats as unknown as [number, Verdict, number?][]));
  expect(now.beats).toBe(chars);
  expect(now.last_slot).toBe(slot);
});

it("the last outcome is the newest one, rechecks included", () => {
  const now = plays(start, [360, "down"], [360, "up", 1]);
  expect(now.last).toMatchObject({ verdict: "up", at: 362 });
  expect(plays(now, [120, "down"]).last).toMatchObject({ verdict: "up", at: 362 });
});

it("begins with the first beat", () => {
  const empty = { ...start, beats: "", last_slot: null, last: null };
  expect(plays(empty, [60, "up"])).toMatchObject({ beats: "u", last_slot: 60 });
});
