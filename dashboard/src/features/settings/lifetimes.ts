/** How long a new key is good for. */

const DAY_S = 86_400;

export const LIFETIMES = [
  { value: "", label: "No end" },
  { value: "30", label: "30 days" },
  { value: "90", label: "90 days" },
  { value: "365", label: "1 year" },
] as const;

/** The end of a lifetime that begins at `now` (unix seconds); undefined where it has none. */
export function endOf(days: string, now: number): string | undefined {
  return days === "" ? undefined : new Date((now + Number(days) * DAY_S) * 1000).toISOString();
}
