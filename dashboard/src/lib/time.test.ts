import { act, renderHook } from "@testing-library/react";
import { afterEach, describe, expect, it } from "vitest";
import {
  formatAbsolute,
  formatClock,
  formatDay,
  formatMoment,
  formatRelative,
  formatUtcDay,
  seconds,
  zoneLabel,
} from "./time";
import { getZone, setZone, useZone, zoneName } from "./zone";

const NOON = Date.parse("2026-07-01T12:00:05Z") / 1000;

describe("relative times", () => {
  it.each([
    [0, "just now"],
    [1, "just now"],
    [12, "12 s ago"],
    [59, "59 s ago"],
    [61, "1 m ago"],
    [3 * 3_600 + 50, "3 h ago"],
    [12 * 86_400 + 5, "12 d ago"],
    [-300, "in 5 m"],
    [-2, "in 2 s"],
  ])("%i s after reads %s", (gone, text) => {
    expect(formatRelative(NOON - gone, NOON)).toBe(text);
  });
});

describe("absolute times", () => {
  it("are in the reader's zone, or in UTC", () => {
    expect(formatClock(NOON, "local")).toBe("14:00:05");
    expect(formatClock(NOON, "utc")).toBe("12:00:05");
    expect(formatMoment(NOON, "utc")).toContain("12:00:05");
    expect(formatDay(Date.parse("2026-06-30T23:00:00Z") / 1000, "local")).toBe("Jul 1");
  });

  it("name their zone", () => {
    expect(formatAbsolute(NOON, "utc")).toMatch(/2026.*12:00:05.*UTC/);
    expect(zoneLabel(NOON, "local")).toBe("GMT+2");
    expect(zoneLabel(Date.parse("2026-12-01T00:00:00Z") / 1000, "local")).toBe("GMT+1");
    expect(zoneLabel(NOON, "utc")).toBe("UTC");
  });

  it("keep the API's days as UTC has them", () => {
    expect(formatUtcDay("2026-07-01")).toBe("Jul 1");
    expect(formatUtcDay("2026-07-01", true)).toBe("Jul 1, 2026");
  });

  it("are read from RFC 3339", () => {
    expect(seconds("2026-07-01T12:00:05.500Z")).toBe(NOON + 0.5);
    expect(seconds(null)).toBeNull();
    expect(seconds("soon")).toBeNull();
  });
});

describe("the zone", () => {
  afterEach(() => localStorage.clear());

  it("is the reader's own until UTC is chosen, and stays chosen", () => {
    const { result } = renderHook(useZone);
    expect(result.current).toBe("local");
    act(() => setZone("utc"));
    expect(result.current).toBe("utc");
    expect(getZone()).toBe("utc");
    expect(zoneName("local")).toBe("Europe/Berlin");
    expect(zoneName("utc")).toBe("UTC");
  });
});
