/** What somebody should look at, as lines. Pure. */

import type { Incident, LiveMonitor, Policy } from "@/api/types";
import { CAUSE } from "@/domain/cause";
import { levelLook } from "@/domain/level";
import { reasonTitle } from "@/domain/reason";
import { isTrouble, STATUS, type StatusIcon, type Tone } from "@/domain/status";
import { subject } from "@/domain/subject";
import { warningWords } from "@/domain/warning";

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

function ofIncident(incident: Incident): Attention {
  const { id, level, state, acknowledged_by: by } = incident;
  return {
    key: id,
    tone: levelLook(level).tone,
    icon: levelLook(level).icon,
    title: subject(incident),
    why: whyOf(incident),
    since: Date.parse(incident.opened_at) / 1000,
    to: { incident: id },
    unacknowledged: state === "open" ? id : null,
    acknowledgedBy: state === "acknowledged" ? (by?.name ?? "somebody") : null,
  };
}

function whyOf({ kind, level, reason, flapping }: Incident): string {
  if (kind !== "availability") return CAUSE[kind];
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
    why: warningWords(policy),
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
