import { describe, expect, it } from "vitest";
import { change, flooredPercent, formatRatio } from "./ratio";

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

describe("a change", () => {
  it("needs a figure on both sides", () => {
    expect(change(5, 3)).toBe(2);
    expect(change(5, null)).toBeNull();
    expect(change(null, 5)).toBeNull();
    expect(change(0, 0)).toBe(0);
  });
});
