import { describe, expect, it } from "vitest";
import type { Status } from "@/api/types";
import { levelLook } from "./level";
import { isStatus, isTrouble, precedence, STATUS, worst } from "./status";
import { statusOfVerdict } from "./verdict";

const STATUSES = (Object.keys(STATUS) as Status[]).sort((a, b) => STATUS[a].severity - STATUS[b].severity);

describe("the order of statuses", () => {
  it("puts what calls for people first", () => {
    expect(STATUSES).toEqual(["down", "regional", "degraded", "unknown", "pending", "maintenance", "up", "paused"]);
  });

  it("has a word, an icon and a rank of its own for each", () => {
    const looks = STATUSES.map((status) => STATUS[status]);
    for (const field of ["word", "icon", "severity"] as const) {
      expect(new Set(looks.map((look) => look[field])).size).toBe(STATUSES.length);
    }
  });

  it("knows trouble from what is merely not up", () => {
    expect(STATUSES.filter(isTrouble)).toEqual(["down", "regional", "degraded"]);
  });
});

describe("precedence", () => {
  it.each([
    [{ enabled: false, maintenance: true, heard: false, verdict: "down" as const }, "paused"],
    [{ enabled: true, maintenance: true, heard: false, verdict: "down" as const }, "maintenance"],
    [{ enabled: true, heard: false, verdict: "up" as const }, "pending"],
    [{ enabled: true, heard: true, verdict: "regional" as const }, "regional"],
    [{ enabled: true, verdict: "unknown" as const }, "unknown"],
  ])("%o is %s", (is, status) => {
    expect(precedence(is)).toBe(status);
  });
});

describe("a group", () => {
  it("is as bad as its worst member and ignores the paused", () => {
    expect(worst(["up", "paused", "degraded", "up"])).toBe("degraded");
    expect(worst(["paused", "up"])).toBe("up");
    expect(worst(["paused", "paused"])).toBe("paused");
    expect(worst([])).toBeNull();
  });
});

describe("words from outside", () => {
  it("are statuses only when they are", () => {
    expect(isStatus("regional")).toBe(true);
    expect(isStatus("toString")).toBe(false);
  });

  it("give every verdict and level a look", () => {
    expect(statusOfVerdict("missed")).toBe("unknown");
    expect(levelLook("coverage").word).toBe("Coverage");
  });
});
