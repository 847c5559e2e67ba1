/** What a single check can find, in words and looks. */
import type { Status, Verdict } from "@/api/types";

const VERDICT_STATUS: Record<Verdict, Status> = { up: "up", degraded: "degraded", down: "down", missed: "unknown" };

export const VERDICT_WORD: Record<Verdict, string> = {
  up: "Up",
  degraded: "Degraded",
  down: "Down",
  missed: "Not checked",
};

/** The status whose look a single result wears. */
export function statusOfVerdict(verdict: Verdict): Status {
  return VERDICT_STATUS[verdict];
}
