import { describe, expect, it } from "vitest";
import { type Transition, transitionWords } from "@/domain/transition";
import type { Counts } from "@/live/store";
import { incident, row } from "@/test/factories";
import { needsAttention } from "./attention";
import { bursts, burstWords } from "./bursts";
import { fleetBeat } from "./fleet-days";
import { verdictOf } from "./verdict-words";

const none: Counts = { up: 0, degraded: 0, regional: 0, down: 0, pending: 0, maintenance: 0, paused: 0, unknown: 0 };

describe("the verdict", () => {
  it.each([
    [{ up: 214 }, "All 214 monitors up", "up"],
    [{ up: 1 }, "Your monitor is up", "up"],
    [{ up: 3, paused: 2 }, "All 3 active monitors up", "up"],
    [{ paused: 5 }, "5 monitors paused", "paused"],
    [{ up: 2, pending: 1 }, "2 monitors up, 1 without a verdict yet", "pending"],
    [{ up: 2, unknown: 1, pending: 1 }, "2 monitors up, 2 without a verdict yet", "unknown"],
    [{ maintenance: 1 }, "1 monitor in maintenance", "maintenance"],
  ] as const)("%o: %s", (counts, words, status) => {
    expect(verdictOf({ ...none, ...counts }, [], 0)).toEqual({ words, status });
  });

  it("says that nobody checks before anything that is calm, and after what is known to be down", () => {
    const since = "Not checked since 12:03:11";
    const said = (counts: object) => verdictOf({ ...none, ...counts }, [], 0, since).words;
    expect(verdictOf({ ...none, up: 2, unknown: 3 }, [], 0, since)).toEqual({ words: since, status: "unknown" });
    expect(said({ up: 5 })).toBe("All 5 monitors up");
    expect(said({ down: 1, unknown: 4 })).toContain("1 down");
  });

  it("names troubles, the worst first, and the longest of them", () => {
    const rows = [
      row({ id: "a", status: "down", since: 9_900 }),
      row({ id: "b", status: "degraded", since: 10_000 - 720 }),
      row({ id: "c", status: "up", since: 1 }),
    ];
    const verdict = verdictOf({ ...none, up: 1, down: 1, degraded: 1 }, rows, 10_000);
    expect(verdict).toEqual({ words: "1 down · 1 degraded – longest 12\u00a0m", status: "down" });
  });
});

describe("needs attention", () => {
  const policy = {
    id: "p",
    name: "Default",
    warning: "nobody will be told: the policy has no channels",
    tells: [] as unknown[],
    sends: ["down"],
  };

  it("has incidents, monitors in trouble without one, and policies that tell nobody, newest first", () => {
    const rows = [
      row({ id: "m1", status: "down" }),
      row({ id: "m2", status: "degraded", reason: "latency", since: Date.parse("2026-01-02T00:00:00Z") / 1000 }),
      row({ id: "m3", status: "paused" }),
    ];
    const policies = [policy, { ...policy, id: "q", warning: null }] as unknown as Parameters<typeof needsAttention>[2];
    const lines = needsAttention([incident({ id: "i" })], rows, policies);
    expect(lines.map(({ key, why }) => [key, why])).toEqual([
      ["m2", "Degraded: Too slow"],
      ["i", "Down: Unexpected status"],
      ["p", "Nobody will be told: it has no channels"],
    ]);
    expect(lines.map(({ unacknowledged }) => unacknowledged)).toEqual([null, "i", null]);
  });

  it("says who has taken it, and what it is about where there is no monitor", () => {
    const [taken] = needsAttention(
      [
        incident({
          id: "i",
          kind: "region",
          level: "region",
          state: "acknowledged",
          monitor: null,
          region: "eu-west",
          acknowledged_by: { kind: "person", id: "u", name: "Ada" },
        }),
      ],
      [],
      [],
    );
    expect(taken).toMatchObject({ title: "Region eu-west", acknowledgedBy: "Ada", unacknowledged: null });
  });
});

describe("activity", () => {
  const start = Date.parse("2026-01-01T00:00:00Z");
  const item = (seconds: number, change: Partial<Transition> = {}): Transition => ({
    incident: `i${seconds}`,
    at: new Date(start - seconds * 1000).toISOString(),
    what: "opened",
    level: "down",
    kind: "availability",
    monitor: { id: `m${seconds}`, name: `shop ${seconds}` },
    region: null,
    who: null,
    ...change,
  });

  it("groups what came together, from three on", () => {
    const items = [item(0), item(5), item(20), item(200), item(201), item(202, { what: "resolved" })];
    const lines = bursts(items);
    expect(lines.map((line) => line.items.length)).toEqual([3, 1, 1, 1]);
    expect(lines[0] && burstWords(lines[0])).toBe("3 monitors went down within 20\u00a0s");
  });

  it("says what people did as what people did", () => {
    expect(transitionWords(item(0, { what: "acknowledged", who: { kind: "person", id: "u", name: "Ada" } }))).toEqual({
      before: "Ada acknowledged",
      after: "",
    });
    expect(transitionWords(item(0, { what: "resolved" }))).toEqual({ before: "", after: "recovered" });
    expect(transitionWords(item(0, { level: "degraded" })).after).toBe("became degraded");
  });

  it("says once that one incident wavers", () => {
    const wavers = (seconds: number, what: Transition["what"]) =>
      item(seconds, { incident: "i", what, monitor: { id: "m", name: "shop" } });
    const lines = bursts([
      wavers(0, "changed"),
      wavers(600, "escalated"),
      wavers(900, "changed"),
      wavers(990, "opened"),
    ]);
    expect(lines.map((line) => line.items.length)).toEqual([3, 1]);
    expect(lines[0] && burstWords(lines[0])).toBe("shop went back and forth 3 times");
    expect(transitionWords(wavers(0, "escalated")).after).toBe("got worse");
  });

  it("bends verbs for many", () => {
    const flapping = [0, 1, 2].map((second) => item(second, { what: "flapping" }));
    expect(bursts(flapping).map(burstWords)).toEqual(["3 monitors go back and forth within 2\u00a0s"]);
  });
});

it.each([
  [{ good: 0, total: 0, expected: 0 }, "none"],
  [{ good: 0, total: 0, expected: 9 }, "missed"],
  [{ good: 1000, total: 1000, expected: 1000 }, "up"],
  [{ good: 999, total: 1000, expected: 1000 }, "up"],
  [{ good: 998, total: 1000, expected: 1000 }, "degraded"],
  [{ good: 980, total: 1000, expected: 1000 }, "down"],
] as const)("a fleet's day of %o is %s", (counts, beat) => {
  expect(fleetBeat({ day: "2026-01-01", incidents: 0, down_seconds: 0, ...counts })).toBe(beat);
});
