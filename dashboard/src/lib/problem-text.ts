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
  const whole = capital(text.replace(/^`([^`]+)`/, "“$1”"));
  return /[.!?]$/.test(whole) ? whole : `${whole}.`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
