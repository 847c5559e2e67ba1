/** What a message to a channel is of, in a word. */
import type { What } from "@/api/types";

const MESSAGE: Record<What, string> = {
  opened: "Opening",
  escalated: "Worsening",
  changed: "Change",
  flapping: "Flapping",
  acknowledged: "Acknowledgement",
  reminded: "Reminder",
  commented: "Comment",
  resolved: "End",
};

/** What is no message of an incident is a test. */
export function messageWord(what: What | null): string {
  return what === null ? "Test" : MESSAGE[what];
}
