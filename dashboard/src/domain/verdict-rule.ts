/** A verdict in words: what regions say, the rule that makes a status of it, and who was told. */
import type { Explanation, Quorum, RegionVote, Status, VerdictAnswer, Vote } from "@/api/types";
import { formatDuration, listWords, plural } from "@/lib/format";
import { STATUS } from "./status";

const FINDS: Partial<Record<Status, { vote: Vote; word: string }>> = {
  up: { vote: "up", word: "up" },
  degraded: { vote: "degraded", word: "degraded" },
  regional: { vote: "down", word: "down" },
  down: { vote: "down", word: "down" },
};

/** What it comes to, in a sentence. */
export function verdictSentence({ status, votes, can_vote, needed, regions }: Explanation): string {
  if (regions.length === 0 && status !== "paused") {
    return "There is no region to ask. Start a probe, or choose other regions for this monitor.";
  }
  if (status === "paused") return "Checks are switched off, so no region is asked.";
  if (status === "pending") return "No region has answered yet. The first result takes seconds.";
  if (can_vote === 0) return "No region can vote, so nobody knows.";
  const finds = FINDS[status];
  if (!finds) return `${votes.up} of ${plural(can_vote, "region")} find it up, too few to say so: it takes ${needed}.`;
  const { vote, word } = finds;
  const said = whoSays(votes[vote], can_vote, votes.abstain);
  const find = `${said} ${votes[vote] === 1 ? "finds" : "find"} it ${word}`;
  if (status === "regional") return `${find}. It takes ${needed} to call it down.`;
  return status === "up" ? `${find}.` : `${find}. It takes ${needed}.`;
}

/** "All 3 regions", "2 of 3 regions", "Both regions that can vote". */
function whoSays(count: number, canVote: number, abstain: number): string {
  const able = abstain > 0 ? " that can vote" : "";
  if (count < canVote) return `${count} of ${plural(canVote, "region")}${able}`;
  if (canVote === 1) return `The only region${able}`;
  return `${canVote === 2 ? "Both" : `All ${canVote}`} regions${able}`;
}

/** The quorum, with the number it comes to now. */
export function ruleSentence(quorum: Quorum, needed: number, canVote: number): string {
  const now = canVote === 0 ? "none can vote now" : `now ${needed} of ${canVote}`;
  if (typeof quorum === "object") return `At least ${plural(quorum.count, "region")} must agree: ${now}.`;
  switch (quorum) {
    case "any":
      return "One region is enough.";
    case "all":
      return `All regions that can vote must agree: ${now}.`;
    case "majority":
      return `More than half of the regions that can vote must agree: ${now}.`;
  }
}

/** How often a region must say so to be believed. */
export function confirmSentences({ failures, recoveries, recheck_every }: Explanation["confirm"]): string[] {
  const down = failures === 1 ? "its first failure" : `${failures} failures in a row`;
  const up = recoveries === 1 ? "its first good check" : `${recoveries} good checks in a row`;
  const first = `A region counts as down after ${down}, and as up again after ${up}.`;
  return recheck_every ? [first, `While in doubt it looks again every ${formatDuration(recheck_every)}.`] : [first];
}

/** Regions without a vote, by why: silent ones said nothing that counts, suspect ones doubt their own eyes. */
export function withoutVote(regions: readonly RegionVote[]): { silent: string[]; suspect: string[] } {
  const none = regions.filter(({ vote }) => vote === null);
  const doubted = (regionVote: RegionVote) => regionVote.latest !== null && regionVote.latest.suspect !== null;
  return {
    silent: none.filter((regionVote) => !doubted(regionVote)).map(({ region }) => region),
    suspect: none.filter(doubted).map(({ region }) => region),
  };
}

/** The same as sentences. */
export function abstentions(regions: readonly RegionVote[]): string[] {
  const { silent, suspect } = withoutVote(regions);
  const has = (names: string[]) => (names.length === 1 ? "has" : "have");
  return [
    ...(silent.length > 0 ? [`${listWords(silent)} ${has(silent)} no vote: nothing was heard that counts.`] : []),
    ...(suspect.length > 0 ? [`${listWords(suspect)} ${has(suspect)} no vote: the probe doubts what it sees.`] : []),
  ];
}

/** Why people were alerted, or were not. */
export function alertSentence({ alert, status }: VerdictAnswer): string {
  if (alert === null) {
    return STATUS[status].severity <= STATUS.degraded.severity
      ? "No incident is open, so nobody was alerted."
      : "There is nothing to alert anybody about.";
  }
  const policy = alert.policy ? `the policy “${alert.policy}”` : "the policy";
  if (alert.policy === null && alert.sends === null) return "An incident is open; no policy decided whom to tell.";
  if (alert.sends === false) return `Nobody was alerted: ${policy} shows such news and does not send it.`;
  if (alert.told === null) return `It goes by ${policy}.`;
  if (alert.told === 0) return `Nobody was alerted: ${policy} sends such news, but reaches no channel.`;
  return `${plural(alert.told, "channel was", "channels were")} told, by ${policy}.`;
}

/** The latest results may be ahead of the status by a second. */
export function aheadSentence({ status, judged }: VerdictAnswer): string | null {
  return status === judged || status === "paused" || status === "maintenance"
    ? null
    : `The latest results come to “${STATUS[judged].word}”; the status follows within seconds.`;
}

const ORDER: readonly (Vote | null)[] = ["down", "degraded", null, "up"];

/** Those that call for a look first; otherwise by name. */
export function sortBallots(regions: readonly RegionVote[]): RegionVote[] {
  return [...regions].sort((a, b) => ORDER.indexOf(a.vote) - ORDER.indexOf(b.vote) || a.region.localeCompare(b.region));
}
