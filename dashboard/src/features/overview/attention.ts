/** What somebody should look at, as lines. Pure. */

import type { Incident, LiveMonitor, Policy } from "@/api/types";
import { reasonTitle } from "@/lib/reason";
import { isTrouble, levelLook, STATUS, type StatusIcon, type Tone } from "@/lib/status";
import { subject } from "@/lib/subject";
import { warningWords } from "@/lib/why-not";

export interface Attention {
  key: string;
  tone: Tone;
  icon: StatusIcon;
  /** Who or what. */
  title: string;
  why: string;
  /** Unix seconds; null where it is no moment. */
  since: number | null;
  to: { incident: string } | { monitor: string } | "policies";
  /** The incident nobody has acknowledged yet. */
  unacknowledged: string | null;
  acknowledgedBy: string | null;
}

const LEVEL_ICON: Record<Incident["level"], StatusIcon> = {
  down: "down",
  regional: "regional",
  degraded: "degraded",
  region: "down",
  lane: "down",
  certificate: "degraded",
  coverage: "unknown",
};

function ofIncident(incident: Incident): Attention {
  const { id, level, state, acknowledged_by: by } = incident;
  return {
    key: id,
    tone: levelLook(level).tone,
    icon: LEVEL_ICON[level],
    title: subject(incident),
    why: whyOf(incident),
    since: Date.parse(incident.opened_at) / 1000,
    to: { incident: id },
    unacknowledged: state === "open" ? id : null,
    acknowledgedBy: state === "acknowledged" ? (by?.name ?? "somebody") : null,
  };
}

function whyOf({ kind, level, reason, flapping }: Incident): string {
  if (kind === "certificate") return "Certificate ends soon";
  if (kind === "coverage") return "Checked less than it should be";
  if (kind === "lane") return "No results are stored";
  if (kind === "region") return "Its probes are gone or doubt what they see";
  const words = [levelLook(level).word, reasonTitle(reason)].filter(Boolean).join(": ");
  return flapping ? `${words}, back and forth` : words;
}

function ofRow(row: LiveMonitor): Attention {
  const { tone, icon, word } = STATUS[row.status];
  return {
    key: row.id,
    tone,
    icon,
    title: row.name,
    why: [word, reasonTitle(row.reason)].filter(Boolean).join(": "),
    since: row.since,
    to: { monitor: row.id },
    unacknowledged: null,
    acknowledgedBy: null,
  };
}

function ofPolicy(policy: Policy): Attention {
  return {
    key: policy.id,
    tone: "degraded",
    icon: "degraded",
    title: `Alert policy “${policy.name}”`,
    why: warningWords(policy.warning ?? ""),
    since: null,
    to: "policies",
    unacknowledged: null,
    acknowledgedBy: null,
  };
}

/** Incidents, monitors in trouble without one, and policies that would tell nobody. Newest first, what is no moment last. */
export function needsAttention(
  incidents: readonly Incident[],
  rows: Iterable<LiveMonitor>,
  policies: readonly Policy[],
): Attention[] {
  const covered = new Set(incidents.map(({ monitor }) => monitor?.id));
  const lines = incidents.map(ofIncident);
  for (const row of rows) {
    if (isTrouble(row.status) && row.incident === null && !covered.has(row.id)) lines.push(ofRow(row));
  }
  for (const policy of policies) if (policy.warning !== null) lines.push(ofPolicy(policy));
  return lines.sort((a, b) => (b.since ?? 0) - (a.since ?? 0));
}
