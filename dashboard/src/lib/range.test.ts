import { describe, expect, it } from "vitest";
import {
  bucketOf,
  customRange,
  defaultRange,
  isPreset,
  LONGEST,
  PRESETS,
  parseRange,
  rangeSeconds,
  rangeWords,
  windowBefore,
  windowOf,
  zoomed,
} from "./range";

const NOW = 1_760_000_123;

describe("a range in the URL", () => {
  it.each(["1h", "24h", "7d", "30d", "90d", "1y"])("%s stays", (range) => {
    expect(parseRange(range)).toBe(range);
  });

  it("of its own is read back", () => {
    expect(parseRange("1760000000-1760003600")).toBe("1760000000-1760003600");
  });

  it.each(["", "2h", "toString", "1760003600-1760000000", "1-2", "a-b", "1760000000-", 7, null, undefined])(
    "%s is nothing",
    (text) => {
      expect(parseRange(text)).toBeUndefined();
    },
  );

  it("is no shorter than five minutes and no longer than a year", () => {
    expect(parseRange("1760000000-1760000010")).toBe("1759999855-1760000155");
    expect(rangeSeconds(parseRange("1600000000-1760000000") ?? "1h")).toBe(LONGEST);
    expect(customRange(1_760_003_600, 1_760_000_000)).toBe("1760000000-1760003600");
  });

  it("has words", () => {
    expect(rangeWords("24h")).toBe("last 24 hours");
    expect(rangeWords("1760000000-1760003600")).toBe("chosen range");
    expect(isPreset("valueOf")).toBe(false);
  });
});

describe("the range shown first", () => {
  it("is an hour of what is young, else a day", () => {
    expect(defaultRange(600)).toBe("1h");
    expect(defaultRange(86_400)).toBe("24h");
  });
});

describe("buckets", () => {
  it.each([
    ["1h", 1, 10],
    ["24h", 1, 300],
    ["7d", 1, 1_800],
    ["30d", 1, 7_200],
    ["90d", 1, 21_600],
    ["1y", 1, 86_400],
    ["1h", 60, 60],
    ["24h", 3_600, 3_600],
    ["1h", 86_400, 86_400],
  ] as const)("of %s at an interval of %i s are %i s", (range, interval, step) => {
    expect(bucketOf(rangeSeconds(range), interval)).toBe(step);
  });

  it("are never more than can be shown", () => {
    for (const range of PRESETS) expect(rangeSeconds(range) / bucketOf(rangeSeconds(range))).toBeLessThanOrEqual(365);
  });
});

describe("a window", () => {
  it("of a preset has its length and ends now or a little later", () => {
    for (const range of PRESETS) {
      const { from, to } = windowOf(range, NOW);
      expect(to - from).toBe(rangeSeconds(range));
      expect(to).toBeGreaterThanOrEqual(NOW);
      expect(to - NOW).toBeLessThan(bucketOf(rangeSeconds(range)));
    }
  });

  it("stays the same until a bucket is over", () => {
    expect(windowOf("24h", NOW)).toEqual(windowOf("24h", NOW + 1));
    expect(windowOf("24h", NOW)).not.toEqual(windowOf("24h", NOW + 300));
  });

  it("of its own does not move", () => {
    expect(windowOf("1760000000-1760003600", NOW)).toEqual({ from: 1_760_000_000, to: 1_760_003_600 });
  });

  it("has one before it, of the same length", () => {
    expect(windowBefore({ from: 100, to: 160 })).toEqual({ from: 40, to: 100 });
  });
});

describe("a zoom", () => {
  const shown = { from: 1_760_000_000, to: 1_760_086_400 };

  it("is what was dragged over, either way, within what is shown", () => {
    expect(zoomed(shown, 1_760_010_000, 1_760_020_000)).toBe("1760010000-1760020000");
    expect(zoomed(shown, 1_760_020_000, 1_760_010_000)).toBe("1760010000-1760020000");
    expect(zoomed(shown, 1_759_000_000, 1_760_010_000)).toBe("1760000000-1760010000");
  });
});
