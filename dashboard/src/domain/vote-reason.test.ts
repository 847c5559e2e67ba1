import { describe, expect, it } from "vitest";
import type { RegionVote } from "@/api/types";
import { voteReason } from "./vote-reason";

type Latest = NonNullable<RegionVote["latest"]>;
type Said = Parameters<typeof voteReason>[0];

const rule = { confirm: { failures: 2, recoveries: 3, recheck_every: null }, silent_after: 120 };

function latest(
  verdict: Latest["verdict"],
  reason: Latest["reason"] = null,
  suspect: Latest["suspect"] = null,
): Latest {
  return { slot: 0, attempt: 0, verdict, reason, suspect };
}

function said(change: Partial<Said>): Said {
  return { vote: null, run: 0, silence: null, latest: null, ...change };
}

describe("why a region has its vote", () => {
  it.each([
    [said({ vote: "up", latest: latest("up") }), "Up"],
    [said({ vote: "degraded", latest: latest("degraded", "latency") }), "Too slow"],
    [said({ vote: "up", run: 1, latest: latest("down", "connect") }), "Connection failed: 1 of 2 failures in a row"],
    [said({ vote: "down", latest: latest("down", "connect") }), "Connection failed: 2 or more failures in a row"],
    [said({ vote: "down", run: 1, latest: latest("up") }), "Down before; 1 of 3 good checks in a row"],
  ])("%#", (vote, words) => {
    expect(voteReason(vote, rule)).toBe(words);
  });

  it("counts no failures where one is enough", () => {
    const once = { ...rule, confirm: { failures: 1, recoveries: 1, recheck_every: null } };
    expect(voteReason(said({ vote: "down", latest: latest("down", "dns") }), once)).toBe("Name not found");
  });
});

describe("why a region has none", () => {
  it.each([
    [said({ silence: "unheard" }), "No results yet"],
    [said({ silence: "silent", latest: latest("up") }), "No results for 120 s"],
    [said({ silence: "absent", latest: latest("up") }), "No probe is running in this region"],
    [
      said({ silence: "suspect", latest: latest("down", "tls_expired", "network") }),
      "Certificate expired, but the probe's own network fails",
    ],
    [said({ silence: "suspect", latest: latest("up", null, "clock") }), "Up, but the probe's clock is off"],
    [said({ silence: "missed", latest: latest("missed", "no_probe") }), "Not checked: no probe"],
    [said({ silence: "missed", latest: latest("missed") }), "Not checked"],
    [
      said({ silence: "undecided", run: 1, latest: latest("down", "timeout_response") }),
      "Timeout waiting: 1 of 2 failures in a row",
    ],
  ])("%#", (vote, words) => {
    expect(voteReason(vote, rule)).toBe(words);
  });
});
