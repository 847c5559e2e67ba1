/** What a monitor can be, in words, order and shape. Colours live in tokens.css alone. */
import type { Status } from "@/api/types";

/** The colour family of a state: the suffix of its tokens. */
export type Tone = "up" | "degraded" | "regional" | "down" | "maintenance" | "paused" | "none";
export type StatusIcon = "up" | "degraded" | "regional" | "down" | "maintenance" | "paused" | "pending" | "unknown";

export interface StatusLook {
  word: string;
  tone: Tone;
  icon: StatusIcon;
  /** The lower, the more it calls for people. */
  severity: number;
}

export const STATUS: Record<Status, StatusLook> = {
  down: { word: "Down", tone: "down", icon: "down", severity: 0 },
  regional: { word: "Regional", tone: "regional", icon: "regional", severity: 1 },
  degraded: { word: "Degraded", tone: "degraded", icon: "degraded", severity: 2 },
  unknown: { word: "Unknown", tone: "none", icon: "unknown", severity: 3 },
  pending: { word: "Pending", tone: "none", icon: "pending", severity: 4 },
  maintenance: { word: "Maintenance", tone: "maintenance", icon: "maintenance", severity: 5 },
  up: { word: "Up", tone: "up", icon: "up", severity: 6 },
  paused: { word: "Paused", tone: "paused", icon: "paused", severity: 7 },
};

export function isStatus(text: string): text is Status {
  return Object.hasOwn(STATUS, text);
}

/** What to show of a monitor: paused wins over maintenance, that over pending, that over the verdict. */
export function precedence(is: { enabled: boolean; maintenance?: boolean; heard?: boolean; verdict: Status }): Status {
  if (!is.enabled) return "paused";
  if (is.maintenance) return "maintenance";
  return is.heard === false ? "pending" : is.verdict;
}

/** A group is as bad as its worst member; paused members do not count unless there are no others. */
export function worst(statuses: Iterable<Status>): Status | null {
  let found: Status | null = null;
  for (const status of statuses) {
    if (found === null || STATUS[status].severity < STATUS[found].severity) found = status;
  }
  return found;
}

/** Whether people should look. */
export function isTrouble(status: Status): boolean {
  return STATUS[status].severity <= STATUS.degraded.severity;
}
