import { describe, expect, it } from "vitest";
import { diagnosisSentence, plainWhy, REASON, reasonTitle } from "./reason";

describe("reasons", () => {
  it("are all said in plain words", () => {
    const looks = Object.values(REASON);
    expect(looks).toHaveLength(28);
    for (const { title, sentence, hint } of looks) {
      expect(title).toMatch(/^[A-Z][^.]*$/);
      expect(sentence).toMatch(/^[A-Z].*\.$/);
      expect(hint).toMatch(/^[A-Z].*\.$/);
      expect(title).not.toContain("_");
    }
    expect(new Set(looks.map((look) => look.title)).size).toBe(looks.length);
  });

  it("may be absent", () => {
    expect(reasonTitle(null)).toBe("");
    expect(reasonTitle("connect")).toBe("Connection failed");
    expect(diagnosisSentence("clock")).toMatch(/does not count/);
  });
});

describe("why a region has its vote", () => {
  it.each([
    ["up", "Up"],
    ["connect: 2 failures in a row or more", "Connection failed: 2 failures in a row or more"],
    ["timeout_response: 1 of 2 failures in a row it takes", "Timeout waiting: 1 of 2 failures in a row it takes"],
    ["tls_expired, but the probe's own network fails", "Certificate expired, but the probe's own network fails"],
    ["nobody looked: no_probe", "Not checked: no probe"],
    ["nobody looked: missed", "Not checked"],
    ["nothing was heard yet", "Nothing was heard yet"],
    ["nothing was heard for two intervals (120 s)", "Nothing was heard for two intervals (120 s)"],
    ["the region's workers are gone", "The region's workers are gone"],
    ["down before; 1 of 2 recoveries in a row it takes", "Down before; 1 of 2 recoveries in a row it takes"],
  ])("%s", (why, plain) => {
    expect(plainWhy(why)).toBe(plain);
  });
});
