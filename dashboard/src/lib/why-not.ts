/** Why somebody would not be told, as the API says it and as people do. */
const KNOWN: Record<string, string> = {
  "`sends` is empty": "it sends no level at all",
  "the policy has no channels": "it has no channels",
  "smtp.host is not set": "this installation has no mail server (smtp.host)",
};

/** Why a channel cannot be told, within a sentence. */
export function whyNotWords(why: string): string {
  return KNOWN[why] ?? why;
}

/** The warning of a policy, as a sentence without its full stop. */
export function warningWords(warning: string): string {
  return `Nobody will be told: ${whyNotWords(warning.replace(/^nobody will be told: /, ""))}`;
}
