import type { ChannelKind } from "@/api/types";
import { type RawSearch, text, word } from "@/lib/search";

export type Tab = "channels" | "policies" | "deliveries";

export interface AlertingSearch {
  /** the channels where it is absent */
  tab?: Tab;
  /** of the deliveries: the log of this channel; what did not arrive where it is absent */
  channel?: string;
  /** of what did not arrive: only these */
  state?: "pending" | "dead";
  /** opens the form of a new channel of this kind */
  add?: ChannelKind;
}

export function alertingSearch(raw: RawSearch): AlertingSearch {
  return {
    tab: word(raw, "tab", ["channels", "policies", "deliveries"]),
    channel: text(raw, "channel"),
    state: word(raw, "state", ["pending", "dead"]),
    add: word(raw, "add", ["webhook", "email", "slack", "discord", "telegram", "pagerduty", "ntfy"]),
  };
}
