/**
 * All that reads sentences of the server, and nothing else does: of some things it answers a sentence where a code or a
 * number would be needed.
 */
import type { RegionVote } from "@/api/types";
import { capital } from "@/lib/format";
import { reasonTitle, reasonWords } from "./reason";
import { VERDICT_WORD } from "./verdict";

/** The API names a field in backticks at the head of a sentence; people know it by its label. */
const NAMED = /^`([^`]+)`\s+/;

/**
 * "`url` is required" under the label "The address" → "The address is required."
 * `names` are what the API may call the field; other words in backticks are what somebody wrote, and stay.
 */
export function problemText(detail: string, label: string, names?: readonly string[]): string {
  const named = NAMED.exec(detail)?.[1];
  const isField = named !== undefined && (names === undefined || names.includes(named));
  const text = isField ? `${label} ${detail.replace(NAMED, "")}` : detail;
  return wholeSentence(text.replace(/^`([^`]+)`/, "“$1”"));
}

/** Capital and full stop, where they are missing. */
export function wholeSentence(text: string): string {
  const whole = capital(text);
  return /[.!?]$/.test(whole) ? whole : `${whole}.`;
}

/** Without its full stop: for what is said with more behind it. */
export function clause(text: string): string {
  return text.endsWith(".") ? text.slice(0, -1) : text;
}

const WHY_NOT: Record<string, string> = {
  "smtp.host is not set": "this installation has no mail server (smtp.host)",
};

/** Why a channel cannot be told, within a sentence. */
export function whyNotWords(why: string): string {
  return WHY_NOT[why] ?? why;
}

/**
 * Why a region has its vote or none. It begins with what the region said last, or ends with why nobody looked: both are
 * known as codes. How many times in a row it said so, and why it is silent, only the sentence tells.
 */
export function voteWhy({ why, latest }: Pick<RegionVote, "why" | "latest">): string {
  if (latest === null) return capital(why);
  const { verdict, reason } = latest;
  const code = reason ?? verdict;
  if (verdict === "missed" && why.endsWith(`: ${code}`)) {
    return [VERDICT_WORD.missed, reasonWords(reason)].filter(Boolean).join(": ");
  }
  const word = reason === null ? VERDICT_WORD[verdict] : reasonTitle(reason);
  return capital(why.startsWith(code) ? word + why.slice(code.length) : why);
}
