import { describe, expect, it } from "vitest";
import { beatsOf, beatsSentence, summariseBeats } from "./beat";

describe("beats", () => {
  it("reads one char a slot", () => {
    expect(beatsOf("ugdmw-?")).toEqual(["up", "degraded", "down", "missed", "maintenance", "none", "none"]);
  });

  it("pads at the left and cuts there", () => {
    expect(beatsOf("ud", 4)).toEqual(["none", "none", "up", "down"]);
    expect(beatsOf("uuud", 2)).toEqual(["up", "down"]);
    expect(beatsOf("", 2)).toEqual(["none", "none"]);
    expect(beatsOf("uu", 0)).toEqual([]);
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
