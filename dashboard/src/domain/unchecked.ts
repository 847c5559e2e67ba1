/** What is said where UpGuard itself does not check. */
import { formatClock } from "@/lib/time";
import type { Zone } from "@/lib/zone";

/** "Not checked since 12:03:11". */
export function uncheckedWords(since: number, zone: Zone): string {
  return `Not checked since ${formatClock(since, zone)}`;
}
