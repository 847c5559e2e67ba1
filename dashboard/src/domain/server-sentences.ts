/**
 * All that reads sentences of the server, and nothing else does: of some things it answers a sentence where a code or a
 * number would be needed.
 */
import { capital } from "@/lib/format";

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
