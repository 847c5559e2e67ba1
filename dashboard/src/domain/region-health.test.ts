import { describe, expect, it } from "vitest";
import type { Region, Worker } from "@/api/types";
import { clockWords, fleetWords, healthOf, healthSentence, load, versions, worstFirst } from "./region-health";

function worker(over: Partial<Worker> = {}): Worker {
  return {
    worker: "a1",
    version: "0.1.0",
    in_flight: 3,
    limit: 12,
    queue_age_ms: 2,
    clock_offset_ms: 0,
    diagnosis: null,
    seen_at: "2026-01-01T00:00:00Z",
    alive: true,
    ...over,
  };
}

function region(over: Partial<Region> = {}): Region {
  return {
    id: "eu-west",
    registered: true,
    isolated: false,
    since: null,
    workers: [worker()],
    lag_seconds: 0,
    pending: 0,
    ...over,
  };
}

describe("a region's health", () => {
  it.each([
    ["well", region()],
    ["well", region({ lag_seconds: null })],
    ["waiting", region({ workers: [] })],
    ["silent", region({ workers: [worker({ alive: false })] })],
    ["doubts", region({ workers: [worker(), worker({ worker: "a2", diagnosis: "clock" })] })],
    ["well", region({ workers: [worker(), worker({ worker: "a2", diagnosis: "clock", alive: false })] })],
    ["behind", region({ lag_seconds: 45 })],
    ["unregistered", region({ registered: false, workers: [] })],
  ] as const)("is %s", (health, given) => {
    expect(healthOf(given)).toBe(health);
    expect(healthSentence(given) === "").toBe(health === "well");
  });

  it("says who doubts what", () => {
    const some = region({ workers: [worker(), worker({ worker: "a2", diagnosis: "clock" })] });
    expect(healthSentence(some)).toBe(
      "1 probe of 2 say: its clock is off. Such results have no vote and count in no uptime.",
    );
    expect(healthSentence(region({ lag_seconds: 75.4 }))).toContain("1 m 15 s");
  });
});

it("puts the worst first", () => {
  const all = [
    region(),
    region({ id: "ap", lag_seconds: 60 }),
    region({ id: "us", workers: [worker({ alive: false })] }),
  ];
  expect(worstFirst(all).map(({ id }) => id)).toEqual(["us", "ap", "eu-west"]);
});

it("sums up workers", () => {
  const workers = [worker(), worker({ version: "0.2.0", in_flight: 5, limit: 4 })];
  expect(versions(workers)).toBe("0.1.0 and 0.2.0");
  expect(load(workers)).toEqual({ taken: 8, limit: 16, share: 0.5 });
  expect(load([])).toEqual({ taken: 0, limit: 0, share: 0 });
  expect(fleetWords([region(), region({ registered: false })])).toBe("1 region, 1 probe at work");
});

it("reads a clock", () => {
  expect(clockWords(0.4)).toBe("on time");
  expect(clockWords(3)).toBe("3 ms fast");
  expect(clockWords(-2500)).toBe("2.5 s slow");
});
