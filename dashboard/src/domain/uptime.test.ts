import { describe, expect, it } from "vitest";
import { dayBeat, formatCoverage, formatUptime, uptimePercent } from "./uptime";

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
