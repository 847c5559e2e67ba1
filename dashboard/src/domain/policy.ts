/** Alert policies in words. */
import type { Policy } from "@/api/types";
import { formatDuration, listWords } from "@/lib/format";
import { LEVEL_ORDER, levelLook } from "./level";

/** `Sends down, certificate and region at once, and again every 1 h until somebody acknowledges.` */
export function policyWords(policy: Pick<Policy, "sends" | "delay" | "reminder">): string {
  if (policy.sends.length === 0) return "Sends nothing: incidents are only shown here.";
  const labels = LEVEL_ORDER.filter((level) => policy.sends.includes(level)).map((level) =>
    levelLook(level).word.toLowerCase(),
  );
  const when = policy.delay === 0 ? "at once" : `after ${formatDuration(policy.delay)}`;
  const again = policy.reminder
    ? `, and again every ${formatDuration(policy.reminder)} until somebody acknowledges`
    : "";
  return `Sends ${listWords(labels)} ${when}${again}.`;
}

export type Mend = "levels" | "channels" | "channel";

/** What would put it right: choose levels, add a channel to the policy, or look at the channels it has. */
export function mendOf(policy: Pick<Policy, "sends" | "tells">): Mend {
  if (policy.sends.length === 0) return "levels";
  return policy.tells.length === 0 ? "channels" : "channel";
}
