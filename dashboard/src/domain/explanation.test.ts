import { expect, it } from "vitest";
import type { Explanation } from "@/api/types";
import { explanationOf, failing, verdictSentence } from "./explanation";

const explanation: Explanation = {
  status: "down",
  quorum: "majority",
  needed: 2,
  can_vote: 3,
  votes: { up: 1, degraded: 0, down: 2, abstain: 1 },
  confirm: { failures: 2, recoveries: 2 },
  silent_after: 120,
  regions: [
    {
      region: "eu-west",
      vote: "down",
      why: "status: 2 failures in a row or more",
      run: 0,
      silence: null,
      latest: null,
    },
    { region: "us-east", vote: "up", why: "up", run: 0, silence: null, latest: null },
  ],
};

it("reads an explanation where there is one", () => {
  expect(explanationOf({ ...explanation, from: "up", told: 1 })?.needed).toBe(2);
  expect(explanationOf({ why: "its workers are well" })).toBeNull();
});

it("says who voted what by which rule", () => {
  expect(verdictSentence(explanation)).toBe(
    "Of 3 regions that could vote: 2 down, 1 up. The rule: a majority decides, here 2. 1 region had no vote.",
  );
  expect(
    verdictSentence({ ...explanation, quorum: { count: 1 }, needed: 1, votes: { ...explanation.votes, abstain: 0 } }),
  ).toBe("Of 3 regions that could vote: 2 down, 1 up. The rule: 1 region must agree, here 1.");
  expect(verdictSentence({ ...explanation, can_vote: 0 })).toBe("No region could vote.");
});

it("names the regions that found it bad", () => {
  expect(failing(explanation.regions)).toEqual(["eu-west"]);
});
