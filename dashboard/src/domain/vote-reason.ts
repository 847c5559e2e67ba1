/** Why a region has its vote or none, from what the server knows of it. */
import type { Explanation, RegionVote } from "@/api/types";
import { PROBE_TROUBLE } from "./diagnosis";
import { reasonTitle, reasonWords } from "./reason";
import { VERDICT_WORD } from "./verdict";

type Rule = Pick<Explanation, "confirm" | "silent_after">;
type Said = Pick<RegionVote, "vote" | "run" | "silence" | "latest">;

/** A clause without its full stop. */
export function voteReason(said: Said, rule: Rule): string {
  return said.silence === null ? whyVote(said, rule) : whyNone(said, rule);
}

function whyVote({ vote, run, latest }: Said, { confirm }: Rule): string {
  const found = foundWords(latest);
  if (vote === "down") {
    if (run > 0) return `Down before; ${run} of ${confirm.recoveries} good checks in a row`;
    return confirm.failures > 1 ? `${found}: ${confirm.failures} or more failures in a row` : found;
  }
  return run > 0 ? failing(found, run, confirm) : found;
}

function whyNone({ run, silence, latest }: Said, { confirm, silent_after }: Rule): string {
  switch (silence) {
    case "silent":
      return `No results for ${silent_after} s`;
    case "absent":
      return "No probe is running in this region";
    case "suspect":
      return `${foundWords(latest)}, but the probe's ${PROBE_TROUBLE[latest?.suspect ?? "network"]}`;
    case "missed":
      return ["Not checked", reasonWords(latest?.reason ?? null)].filter(Boolean).join(": ");
    case "undecided":
      return failing(foundWords(latest), run, confirm);
    default:
      return "No results yet";
  }
}

function failing(found: string, run: number, confirm: Rule["confirm"]): string {
  return `${found}: ${run} of ${confirm.failures} failures in a row`;
}

function foundWords(latest: RegionVote["latest"]): string {
  if (latest === null) return "No results yet";
  return latest.reason === null ? VERDICT_WORD[latest.verdict] : reasonTitle(latest.reason);
}
