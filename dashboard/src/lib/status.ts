/** What a monitor can be, in words, order and shape. Colours live in tokens.css alone. */
import type { Level, Status, Verdict } from "@/api/types";

/** The colour family of a state: the suffix of its tokens. */
export type Tone = "up" | "degraded" | "regional" | "down" | "maintenance" | "paused" | "none";
export type StatusIcon = "up" | "degraded" | "regional" | "down" | "maintenance" | "paused" | "pending" | "unknown";

export interface StatusLook {
  word: string;
  tone: Tone;
  icon: StatusIcon;
  /** The lower, the more it calls for people. */
  severity: number;
  /** In one sentence. */
  means: string;
}

export const STATUS: Record<Status, StatusLook> = {
  down: { word: "Down", tone: "down", icon: "down", severity: 0, means: "Enough regions find it down." },
  regional: {
    word: "Regional",
    tone: "regional",
    icon: "regional",
    severity: 1,
    means: "Some regions find it down, too few to call it down.",
  },
  degraded: {
    word: "Degraded",
    tone: "degraded",
    icon: "degraded",
    severity: 2,
    means: "It answers, but too slowly, or its certificate ends soon.",
  },
  unknown: {
    word: "Unknown",
    tone: "none",
    icon: "unknown",
    severity: 3,
    means: "No region that counts has looked lately.",
  },
  pending: { word: "Pending", tone: "none", icon: "pending", severity: 4, means: "Waiting for the first result." },
  maintenance: {
    word: "Maintenance",
    tone: "maintenance",
    icon: "maintenance",
    severity: 5,
    means: "Planned work: nobody is alerted.",
  },
  up: { word: "Up", tone: "up", icon: "up", severity: 6, means: "Regions find it up." },
  paused: { word: "Paused", tone: "paused", icon: "paused", severity: 7, means: "A person switched its checks off." },
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

const LEVELS: Record<Level, { word: string; tone: Tone }> = {
  down: { word: "Down", tone: "down" },
  regional: { word: "Regional", tone: "regional" },
  degraded: { word: "Degraded", tone: "degraded" },
  region: { word: "Region", tone: "down" },
  lane: { word: "Checks", tone: "down" },
  certificate: { word: "Certificate", tone: "degraded" },
  coverage: { word: "Coverage", tone: "none" },
};

export function levelLook(level: Level): { word: string; tone: Tone } {
  return LEVELS[level];
}

/** One cell of a heartbeat bar. */
export type Beat = "up" | "degraded" | "down" | "missed" | "maintenance" | "none";

const BEAT_OF_CHAR: Record<string, Beat> = {
  u: "up",
  g: "degraded",
  d: "down",
  m: "missed",
  w: "maintenance",
  "-": "none",
};

/** The API's string of one char a slot, as cells: padded on the left, or cut there, to `count`. */
export function beatsOf(chars: string, count = chars.length): Beat[] {
  const cells = Array.from(chars.slice(-count || chars.length), (char) => BEAT_OF_CHAR[char] ?? "none");
  const pad = Math.max(0, count - cells.length);
  return [...Array<Beat>(pad).fill("none"), ...cells];
}

export const BEAT_WORD: Record<Beat, string> = {
  up: "Up",
  degraded: "Degraded",
  down: "Down",
  missed: "Not checked",
  maintenance: "Maintenance",
  none: "No data",
};

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
