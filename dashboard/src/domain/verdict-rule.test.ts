import { describe, expect, it } from "vitest";
import type { VerdictAnswer } from "@/api/types";
import { downVerdict, verdict } from "@/test/monitor-fixtures";
import {
  abstentions,
  aheadSentence,
  alertSentence,
  confirmSentences,
  ruleSentence,
  sortBallots,
  verdictSentence,
} from "./verdict-rule";

describe("a verdict in words", () => {
  const votes = (up: number, down: number, abstain = 0, degraded = 0) => ({ up, down, abstain, degraded });
  const told = (change: Partial<VerdictAnswer>) => verdictSentence(verdict(change));

  it.each([
    [{ votes: votes(3, 0), can_vote: 3 }, "All 3 regions find it up."],
    [{ votes: votes(2, 0), can_vote: 2 }, "Both regions find it up."],
    [{ votes: votes(2, 0, 1), can_vote: 2 }, "Both regions that can vote find it up."],
    [{ votes: votes(1, 0), can_vote: 1, needed: 1 }, "The only region finds it up."],
    [{ status: "down", votes: votes(1, 2), can_vote: 3 }, "2 of 3 regions find it down. It takes 2."],
    [
      { status: "regional", votes: votes(2, 1), can_vote: 3 },
      "1 of 3 regions finds it down. It takes 2 to call it down.",
    ],
    [{ status: "degraded", votes: votes(1, 0, 0, 2), can_vote: 3 }, "2 of 3 regions find it degraded. It takes 2."],
    [{ status: "unknown", votes: votes(0, 0, 3), can_vote: 0 }, "No region can vote, so nobody knows."],
    [{ status: "pending" }, "No region has answered yet. The first result takes seconds."],
    [{ regions: [] }, "There is no region to ask. Start a probe, or choose other regions for this monitor."],
    [{ status: "paused" }, "Checks are switched off, so no region is asked."],
  ] as const)("%o", (change, sentence) => {
    expect(told(change as Partial<VerdictAnswer>)).toBe(sentence);
  });

  it.each([
    ["any", 1, 3, "One region is enough."],
    ["majority", 2, 3, "More than half of the regions that can vote must agree: now 2 of 3."],
    ["all", 3, 3, "All regions that can vote must agree: now 3 of 3."],
    [{ count: 2 }, 2, 3, "At least 2 regions must agree: now 2 of 3."],
    ["majority", 0, 0, "More than half of the regions that can vote must agree: none can vote now."],
  ] as const)("the rule %o", (quorum, needed, can, sentence) => {
    expect(ruleSentence(quorum, needed, can)).toBe(sentence);
  });

  it("says how often a region must say so", () => {
    expect(confirmSentences({ failures: 2, recoveries: 3, recheck_every: 10 })).toEqual([
      "A region counts as down after 2 failures in a row, and as up again after 3 good checks in a row.",
      "While in doubt it looks again every 10 s.",
    ]);
    expect(confirmSentences({ failures: 1, recoveries: 1 })).toEqual([
      "A region counts as down after its first failure, and as up again after its first good check.",
    ]);
  });

  it("names the silent and the suspect", () => {
    const silent = {
      region: "sa-east",
      vote: null,
      why: "nothing was heard yet",
      run: 0,
      silence: "unheard" as const,
      latest: null,
    };
    expect(abstentions([...verdict().regions, silent])).toEqual([
      "sa-east has no vote: nothing was heard that counts.",
      "ap-south has no vote: the probe doubts what it sees.",
    ]);
    expect(abstentions(downVerdict().regions)).toEqual([]);
  });

  it("puts what calls for a look first", () => {
    const mixed = sortBallots([...verdict().regions, ...downVerdict().regions.slice(0, 2)]);
    expect(mixed.map(({ vote }) => vote)).toEqual(["down", "down", null, "up", "up"]);
  });

  it.each([
    [{ alert: null }, "There is nothing to alert anybody about."],
    [{ alert: null, status: "regional" }, "No incident is open, so nobody was alerted."],
    [
      { alert: { policy: "Nights", sends: false, told: 0 } },
      "Nobody was alerted: the policy “Nights” shows such news and does not send it.",
    ],
    [
      { alert: { policy: "Nights", sends: true, told: 0 } },
      "Nobody was alerted: the policy “Nights” sends such news, but reaches no channel.",
    ],
    [{ alert: { policy: "Nights", sends: true, told: 1 } }, "1 channel was told, by the policy “Nights”."],
    [{ alert: { policy: "Nights", sends: true, told: 3 } }, "3 channels were told, by the policy “Nights”."],
    [{ alert: { policy: "Nights", sends: true, told: null } }, "It goes by the policy “Nights”."],
    [{ alert: { policy: null, sends: null, told: null } }, "An incident is open; no policy decided whom to tell."],
  ])("alerts: %o", (change, sentence) => {
    expect(alertSentence(verdict(change as Partial<VerdictAnswer>))).toBe(sentence);
  });

  it("says when the results are ahead of the status", () => {
    expect(aheadSentence(verdict({ judged: "down" }))).toBe(
      "The latest results come to “Down”; the status follows within seconds.",
    );
    expect(aheadSentence(verdict())).toBeNull();
    expect(aheadSentence(verdict({ status: "paused", judged: "up" }))).toBeNull();
  });
});
