import { describe, expect, it } from "vitest";
import { beatsOf } from "./status";
import {
  beatsSentence,
  change,
  dayBeat,
  flooredPercent,
  formatCoverage,
  formatRatio,
  formatUptime,
  summariseBeats,
  uptimePercent,
} from "./uptime";

describe("a ratio", () => {
  it.each([
    [10, 10, "100 %"],
    [999_999, 1_000_000, "99.999 %"],
    [9_999_999, 10_000_000, "99.999 %"],
    [99_999_999_999, 100_000_000_000, "99.999 %"],
    [1_999, 2_000, "99.950 %"],
    [99, 100, "99.000 %"],
    [98_999, 100_000, "98.99 %"],
    [39, 40, "97.50 %"],
    [2, 3, "66.66 %"],
    [1, 100_000, "0.00 %"],
    [0, 5, "0.00 %"],
    [0, 0, "—"],
  ])("%i of %i reads %s", (part, whole, text) => {
    expect(formatRatio(part, whole)).toBe(text);
  });

  it("is never rounded up, and 100 only when exact", () => {
    for (let whole = 1; whole <= 4_000; whole += 7) {
      const percent = flooredPercent(whole - 1, whole);
      expect(percent?.value).toBeLessThan(100);
      expect(percent?.value).toBeLessThanOrEqual(((whole - 1) / whole) * 100);
    }
  });

  it("is nothing where nothing was counted", () => {
    expect(flooredPercent(0, 0)).toBeNull();
    expect(flooredPercent(3, -1)).toBeNull();
    expect(flooredPercent(-1, 10)).toEqual({ value: 0, decimals: 2 });
  });
});

describe("uptime and coverage", () => {
  const counts = { good: 90, total: 95, expected: 100 };

  it("leaves what nobody looked at out of uptime and into coverage", () => {
    expect(formatUptime(counts)).toBe("94.73 %");
    expect(formatCoverage(counts)).toBe("95.00 %");
    expect(formatUptime({ good: 0, total: 0 })).toBe("—");
    expect(formatCoverage({ total: 0, expected: 5 })).toBe("0.00 %");
    expect(uptimePercent({ good: 0, total: 0 })).toBeNull();
    expect(uptimePercent(counts)).toBe(94.73);
  });
});

describe("a day", () => {
  const day = (good: number, total: number, expected: number, down_seconds = 0) => ({
    good,
    total,
    expected,
    down_seconds,
  });

  it.each([
    [day(0, 0, 0), "none"],
    [day(0, 0, 10), "missed"],
    [day(10, 10, 10), "up"],
    [day(9, 10, 10), "degraded"],
    [day(9, 10, 10, 60), "down"],
    [day(10, 10, 10, 5), "down"],
  ] as const)("%o is %s", (counts, beat) => {
    expect(dayBeat(counts)).toBe(beat);
  });
});

describe("beats in a sentence", () => {
  it.each([
    [`${"u".repeat(39)}d`, "Last 40 checks: 97.50 % uptime, 1 failed"],
    ["uug", "Last 3 checks: 100 % uptime, none failed"],
    ["u", "Last 1 check: 100 % uptime, none failed"],
    ["umd", "Last 3 checks: 50.00 % uptime, 1 failed, 1 not checked"],
    ["mm", "Last 2 checks: nobody looked"],
    ["--", "No checks yet"],
    ["", "No checks yet"],
  ])("%s", (chars, sentence) => {
    expect(beatsSentence(beatsOf(chars))).toBe(sentence);
  });

  it("counts degraded as good and maintenance as neither", () => {
    expect(summariseBeats(beatsOf("ugdmw-"))).toEqual({ total: 3, good: 2, failed: 1, missed: 1 });
  });
});

describe("a change", () => {
  it("needs a figure on both sides", () => {
    expect(change(5, 3)).toBe(2);
    expect(change(5, null)).toBeNull();
    expect(change(null, 5)).toBeNull();
    expect(change(0, 0)).toBe(0);
  });
});
