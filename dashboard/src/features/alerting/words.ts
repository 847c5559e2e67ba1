/** Alerting in words. */
import type { Level, Policy, What } from "@/api/types";
import { formatDuration, listWords } from "@/lib/format";
import { MESSAGE } from "@/lib/message";

/** Levels in the order people think of them, each with what it means. */
export const LEVELS: readonly { level: Level; label: string; means: string }[] = [
  { level: "down", label: "Down", means: "Enough regions find it down." },
  { level: "regional", label: "Regional", means: "Some regions find it down, too few for a verdict." },
  { level: "degraded", label: "Degraded", means: "It answers, but too slowly." },
  { level: "certificate", label: "Certificate", means: "A certificate ends soon." },
  { level: "coverage", label: "Coverage", means: "A monitor is checked less than it should be." },
  { level: "region", label: "Region", means: "A region's probes are gone or doubt what they see." },
  { level: "lane", label: "Checks", means: "UpGuard itself stores no results." },
];

export function whatWords(what: What | null): string {
  return what === null ? "Test" : MESSAGE[what];
}

/** `Sends down, certificate and region at once, and again every 1 h until somebody acknowledges.` */
export function policyWords(policy: Pick<Policy, "sends" | "delay" | "reminder">): string {
  if (policy.sends.length === 0) return "Sends nothing: incidents are only shown here.";
  const labels = LEVELS.filter(({ level }) => policy.sends.includes(level)).map(({ label }) => label.toLowerCase());
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
