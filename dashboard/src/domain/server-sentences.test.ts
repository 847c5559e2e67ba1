import { describe, expect, it } from "vitest";
import type { RegionVote } from "@/api/types";
import { problemText, voteWhy, whyNotWords } from "./server-sentences";

describe("why a region has its vote", () => {
  type Latest = NonNullable<RegionVote["latest"]>;
  const said = (verdict: Latest["verdict"], reason: Latest["reason"] = null): Latest => ({
    slot: 0,
    attempt: 0,
    verdict,
    reason,
    suspect: null,
  });

  it.each([
    ["up", said("up"), "Up"],
    ["connect: 2 failures in a row or more", said("down", "connect"), "Connection failed: 2 failures in a row or more"],
    [
      "timeout_response: 1 of 2 failures in a row it takes",
      said("down", "timeout_response"),
      "Timeout waiting: 1 of 2 failures in a row it takes",
    ],
    [
      "tls_expired, but the probe's own network fails",
      said("down", "tls_expired"),
      "Certificate expired, but the probe's own network fails",
    ],
    ["nobody looked: no_probe", said("missed", "no_probe"), "Not checked: no probe"],
    ["nobody looked: missed", said("missed"), "Not checked"],
    ["nothing was heard yet", null, "Nothing was heard yet"],
    [
      "nothing was heard for two intervals (120 s)",
      said("missed", "late"),
      "Nothing was heard for two intervals (120 s)",
    ],
    ["the region's workers are gone", said("up"), "The region's workers are gone"],
    [
      "down before; 1 of 2 recoveries in a row it takes",
      said("up"),
      "Down before; 1 of 2 recoveries in a row it takes",
    ],
  ])("%s", (why, latest, plain) => {
    expect(voteWhy({ why, latest })).toBe(plain);
  });
});

it("calls a field by its label, and quotes what somebody wrote", () => {
  expect(problemText("`url` is required", "The address")).toBe("The address is required.");
  expect(problemText("`200-` is no status", "The list", ["status"])).toBe("“200-” is no status.");
  expect(problemText("that is taken!", "The name")).toBe("That is taken!");
});

it("says settings by what they are", () => {
  expect(whyNotWords("smtp.host is not set")).toBe("this installation has no mail server (smtp.host)");
  expect(whyNotWords("the channel is switched off")).toBe("the channel is switched off");
});
