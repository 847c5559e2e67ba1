import { describe, expect, it } from "vitest";
import { addDays, momentOf, offsetAt, startOfDay, ticks, wallAt } from "./days";

const BERLIN = "Europe/Berlin";
const NEW_YORK = "America/New_York";
const at = (text: string) => Date.parse(text) / 1000;
const iso = (moment: number) => new Date(moment * 1000).toISOString().replace(".000Z", "Z");

describe("days where the clock changes", () => {
  it.each([
    [BERLIN, "2026-03-29T10:00:00Z", 23],
    [BERLIN, "2026-10-25T10:00:00Z", 25],
    [BERLIN, "2026-03-28T10:00:00Z", 24],
    [NEW_YORK, "2026-03-08T15:00:00Z", 23],
    [NEW_YORK, "2026-11-01T15:00:00Z", 25],
    [NEW_YORK, "2026-11-02T15:00:00Z", 24],
    ["UTC", "2026-03-29T10:00:00Z", 24],
  ])("in %s the day of %s has %i hours", (zone, moment, hours) => {
    expect((addDays(at(moment), 1, zone) - startOfDay(at(moment), zone)) / 3_600).toBe(hours);
  });

  it.each([
    [BERLIN, "2026-03-29T00:30:00Z", "2026-03-28T23:00:00Z"],
    [BERLIN, "2026-03-29T21:59:59Z", "2026-03-28T23:00:00Z"],
    [BERLIN, "2026-10-25T22:59:59Z", "2026-10-24T22:00:00Z"],
    [NEW_YORK, "2026-03-09T03:59:59Z", "2026-03-08T05:00:00Z"],
    [NEW_YORK, "2026-11-02T04:59:59Z", "2026-11-01T04:00:00Z"],
  ])("in %s %s is in the day that began %s", (zone, moment, begin) => {
    expect(iso(startOfDay(at(moment), zone))).toBe(begin);
  });

  it("go on at midnight whatever their length", () => {
    const begins = [0, 1, 2, 3].map((days) => iso(addDays(at("2026-10-24T12:00:00Z"), days, BERLIN)));
    expect(begins).toEqual([
      "2026-10-23T22:00:00Z",
      "2026-10-24T22:00:00Z",
      "2026-10-25T23:00:00Z",
      "2026-10-26T23:00:00Z",
    ]);
  });

  it("begin at one where the zone skips midnight", () => {
    const begin = startOfDay(at("2026-09-06T12:00:00Z"), "America/Santiago");
    expect(wallAt(begin, "America/Santiago")).toMatchObject({ day: 6, hour: 1 });
  });
});

describe("wall clocks", () => {
  it("are read as they are", () => {
    expect(wallAt(at("2026-12-31T23:30:05Z"), BERLIN)).toEqual({
      year: 2027,
      month: 1,
      day: 1,
      hour: 0,
      minute: 30,
      second: 5,
    });
    expect(offsetAt(at("2026-07-01T00:00:00Z"), BERLIN)).toBe(7_200);
    expect(offsetAt(at("2026-07-01T00:00:00Z"), NEW_YORK)).toBe(-14_400);
    expect(offsetAt(at("2026-07-01T00:00:00Z"), "Asia/Kolkata")).toBe(19_800);
  });

  it("that show twice mean the first time, and those that never show the moment after", () => {
    expect(iso(momentOf(BERLIN, 2026, 10, 25, 2, 30))).toBe("2026-10-25T00:30:00Z");
    expect(iso(momentOf(BERLIN, 2026, 3, 29, 2, 30))).toBe("2026-03-29T01:30:00Z");
    expect(iso(momentOf(NEW_YORK, 2026, 11, 1, 1, 30))).toBe("2026-11-01T05:30:00Z");
  });
});

describe("ticks", () => {
  it("are round hours of the zone", () => {
    const found = ticks(at("2026-07-01T00:00:00Z"), at("2026-07-02T00:00:00Z"), 8, "Asia/Kolkata");
    expect(found.map((tick) => wallAt(tick, "Asia/Kolkata").hour)).toEqual([6, 9, 12, 15, 18, 21, 0, 3]);
  });

  it("stay round over a change of the clock, none twice", () => {
    const found = ticks(at("2026-10-24T20:00:00Z"), at("2026-10-26T02:00:00Z"), 10, BERLIN);
    const hours = found.map((tick) => wallAt(tick, BERLIN).hour);
    expect(hours).toEqual([0, 3, 6, 9, 12, 15, 18, 21, 0, 3]);
    expect(new Set(found).size).toBe(found.length);
    expect([...found].sort((a, b) => a - b)).toEqual(found);
  });

  it("are midnights over weeks", () => {
    const found = ticks(at("2026-03-20T12:00:00Z"), at("2026-04-10T12:00:00Z"), 6, BERLIN);
    expect(found.length).toBeGreaterThanOrEqual(3);
    for (const tick of found) expect(wallAt(tick, BERLIN)).toMatchObject({ hour: 0, minute: 0 });
  });

  it("stay few over years", () => {
    expect(ticks(at("2024-01-01T00:00:00Z"), at("2026-12-31T00:00:00Z"), 6, BERLIN).length).toBeLessThanOrEqual(10);
    expect(ticks(100_000, 100_000, 5, "UTC")).toHaveLength(0);
  });
});
