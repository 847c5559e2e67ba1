/** What a message to a channel is of, in a word. */
import type { What } from "@/api/types";

export const MESSAGE: Record<What, string> = {
  opened: "Opening",
  escalated: "Worsening",
  changed: "Change",
  flapping: "Flapping",
  acknowledged: "Acknowledgement",
  reminded: "Reminder",
  commented: "Comment",
  resolved: "End",
};
