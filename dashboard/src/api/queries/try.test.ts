import { describe, expect, it } from "vitest";
import { shares, type TryPart, withAnswers } from "./try";

const asking = (region: string): TryPart => ({ region, state: "asking", answer: null });

describe("a try", () => {
  it("asks a few regions one by one, and many with one request", () => {
    expect(shares([])).toEqual([[]]);
    expect(shares(["a", "b"])).toEqual([["a"], ["b"]]);
    expect(shares(["a", "b", "c", "d", "e"])).toEqual([["a", "b", "c", "d", "e"]]);
  });

  it("puts answers in their places, and says who stayed silent", () => {
    const answer = { region: "b", outcome: null, why: "No probe is here." };
    const parts = withAnswers([asking("a"), asking("b"), asking("c")], ["b", "c"], [answer]);
    expect(parts.map(({ state }) => state)).toEqual(["asking", "done", "done"]);
    expect(parts[1]?.answer).toBe(answer);
    expect(parts[2]?.answer?.why).toBe("It has not answered.");
    expect(withAnswers([], [], [answer])).toEqual([{ region: "b", state: "done", answer }]);
  });
});
