import { describe, expect, it } from "vitest";
import { capital, formatDuration, formatInterval, formatMs, formatSeconds, listWords, plural } from "./format";

describe("milliseconds", () => {
  it.each([
    [0, "0 ms"],
    [0.02, "0.1 ms"],
    [0.44, "0.4 ms"],
    [1.4, "1 ms"],
    [234.4, "234 ms"],
    [999.4, "999 ms"],
    [999.6, "1.00 s"],
    [1_234, "1.23 s"],
    [30_000, "30.00 s"],
    [null, "—"],
    [undefined, "—"],
    [Number.NaN, "—"],
  ])("%s reads %s", (ms, text) => {
    expect(formatMs(ms)).toBe(text);
  });

  it("come from seconds too", () => {
    expect(formatSeconds(0.0123)).toBe("12 ms");
    expect(formatSeconds(undefined)).toBe("—");
  });
});

describe("durations", () => {
  it.each([
    [-3, "0 s"],
    [0.9, "0 s"],
    [34, "34 s"],
    [60, "1 m"],
    [200, "3 m 20 s"],
    [3_600, "1 h"],
    [15_120, "4 h 12 m"],
    [86_400, "1 d"],
    [12 * 86_400 + 4 * 3_600 + 59 * 60, "12 d 4 h"],
    [400 * 86_400, "400 d"],
  ])("%s s read %s", (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text);
  });
});

describe("intervals", () => {
  it.each([
    [5, "every 5 seconds"],
    [60, "every minute"],
    [90, "every 90 seconds"],
    [300, "every 5 minutes"],
    [3_600, "every hour"],
    [86_400, "every day"],
  ])("%i s read %s", (seconds, text) => {
    expect(formatInterval(seconds)).toBe(text);
  });
});

describe("words", () => {
  it("count", () => {
    expect(plural(1, "check")).toBe("1 check");
    expect(plural(1_200, "check")).toBe("1,200 checks");
    expect(plural(0, "entry", "entries")).toBe("0 entries");
  });

  it("list", () => {
    expect(listWords([])).toBe("");
    expect(listWords(["a"])).toBe("a");
    expect(listWords(["a", "b", "c"])).toBe("a, b and c");
  });

  it("get a capital", () => {
    expect(capital("last hour")).toBe("Last hour");
    expect(capital("")).toBe("");
  });
});
