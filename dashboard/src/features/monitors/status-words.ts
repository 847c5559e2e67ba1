import type { Status } from "@/api/types";
import { STATUS } from "@/domain/status";

/** "All statuses", "Down, Paused", "3 statuses". */
export function statusWords(chosen: readonly Status[]): string {
  const words = chosen.map((status) => STATUS[status].word);
  if (words.length === 0) return "All statuses";
  return words.length < 3 ? words.join(", ") : `${words.length} statuses`;
}
