/** A verdict as it was when a status changed, in words. */
import type { Explanation, Quorum, RegionVote, Vote } from "@/api/types";
import { plural } from "@/lib/format";

/** The part of an entry's data that explains a verdict; null where it holds none. */
export function explanationOf(data: Record<string, unknown>): Explanation | null {
  const whole = data as Partial<Explanation>;
  const complete = whole.votes && whole.quorum && Array.isArray(whole.regions) && typeof whole.needed === "number";
  return complete ? (whole as Explanation) : null;
}

const RULE: Record<Extract<Quorum, string>, string> = {
  any: "one region is enough",
  majority: "a majority decides",
  all: "all regions must agree",
};

/** `2 of 3 regions voted down; a majority decides, here 2.` */
export function verdictSentence({ votes, quorum, needed, can_vote }: Explanation): string {
  if (can_vote === 0) return "No region could vote.";
  const counts = (["down", "degraded", "up"] as const).filter((vote) => votes[vote] > 0);
  const said = counts.map((vote) => `${votes[vote]} ${vote}`).join(", ");
  const rule = typeof quorum === "string" ? RULE[quorum] : `${plural(quorum.count, "region")} must agree`;
  const silent = votes.abstain > 0 ? ` ${plural(votes.abstain, "region")} had no vote.` : "";
  return `Of ${plural(can_vote, "region")} that could vote: ${said}. The rule: ${rule}, here ${needed}.${silent}`;
}

export function voteWords(vote: Vote | null): string {
  return vote === null ? "No vote" : { up: "Up", degraded: "Degraded", down: "Down" }[vote];
}

/** The regions that found it bad, to be named in a line. */
export function failing(regionVotes: readonly RegionVote[]): string[] {
  return regionVotes.filter(({ vote }) => vote === "down" || vote === "degraded").map(({ region }) => region);
}
