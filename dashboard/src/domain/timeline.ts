/** An incident's story, in the order it is told: what regions found, what the machine made of it, what people did. */
import type { Explanation, Failure, IncidentWhole, Level, TimelineEntry, What } from "@/api/types";
import { plural } from "@/lib/format";
import { DIAGNOSIS } from "./diagnosis";
import { explanationOf } from "./explanation";
import { levelWords } from "./incident";
import { REASON_TITLE } from "./reason";
import { wholeSentence } from "./server-sentences";

export type Tone = "bad" | "warning" | "good" | "person" | "plain";

export interface Step {
  key: string;
  /** RFC 3339 */
  at: string;
  tone: Tone;
  title: string;
  /** Who did it; null for the machine. */
  who: string | null;
  /** Sentences under the title. */
  lines: string[];
  /** What somebody wrote, as they wrote it. */
  quote: string | null;
  /** The verdict as it was when this happened. */
  explanation: Explanation | null;
  /** One of the ups and downs of what comes and goes. */
  isSwing: boolean;
}

/** Many swings in a row, told as one. */
export interface Fold {
  key: string;
  steps: Step[];
}

/** So many swings in a row are still told one by one. */
const FEW = 3;

/** First failures and the incident's own timeline, oldest first. */
export function steps(incident: IncidentWhole): Step[] {
  const found = incident.failures.map(failureStep);
  const told = incident.timeline.map((entry) => entryStep(entry, incident));
  // What regions found comes before what was concluded of it in the same second.
  return [...found, ...told].sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
}

/** What comes and goes all day would bury the rest: its swings become folds. */
export function folded(all: readonly Step[]): (Step | Fold)[] {
  const told: (Step | Fold)[] = [];
  let run: Step[] = [];
  const flush = () => {
    const first = run[0];
    if (first && run.length > FEW) told.push({ key: `fold-${first.key}`, steps: run });
    else told.push(...run);
    run = [];
  };
  for (const step of all) {
    if (step.isSwing) {
      run.push(step);
      continue;
    }
    flush();
    told.push(step);
  }
  flush();
  return told;
}

function failureStep(failure: Failure): Step {
  const what = REASON_TITLE[failure.reason];
  return {
    key: `failure-${failure.region}`,
    at: new Date(failure.slot * 1000).toISOString(),
    tone: "bad",
    title: `First failure in ${failure.region}`,
    who: null,
    lines: [failure.detail ? `${what}: ${failure.detail}` : what],
    quote: null,
    explanation: null,
    isSwing: false,
  };
}

function entryStep(entry: TimelineEntry, incident: IncidentWhole): Step {
  const { data, what } = entry;
  const level = levelAt(incident, entry);
  const tones: Record<What, Tone> = {
    opened: level === "down" || level === "region" || level === "lane" ? "bad" : "warning",
    escalated: "bad",
    changed: "warning",
    flapping: "warning",
    acknowledged: "person",
    reminded: "plain",
    commented: "person",
    resolved: "good",
  };
  return {
    key: `change-${entry.change}`,
    at: entry.at,
    tone: isClosed(entry) ? "plain" : tones[what],
    title: title(entry, level),
    who: entry.who?.name ?? null,
    lines: [...facts(data), ...told(entry)],
    quote: what === "commented" ? text(data.text) : null,
    explanation: explanationOf(data),
    isSwing: what === "changed",
  };
}

/** Which level an entry speaks of: its explanation's status, else what the incident is about. */
function levelAt(incident: IncidentWhole, entry: TimelineEntry): Level {
  const status = entry.data.status;
  if (status === "degraded" || status === "regional" || status === "down") return status;
  return incident.kind === "availability" ? incident.worst : incident.level;
}

/** Whether it ended by what somebody did to the monitor, and nothing recovered. */
function isClosed({ what, data }: TimelineEntry): boolean {
  return what === "resolved" && text(data.closed) !== null;
}

function title(entry: TimelineEntry, level: Level): string {
  const { what, who } = entry;
  const by = who ? ` by ${who.name}` : "";
  switch (what) {
    case "opened":
      return `Incident opened: ${levelWords(level)}`;
    case "escalated":
      return `Got worse: ${levelWords(level)}`;
    case "changed":
      return `Changed: ${levelWords(level)}`;
    case "flapping":
      return "It comes and goes: kept open as one incident";
    case "acknowledged":
      return `Acknowledged${by}`;
    case "reminded":
      return "Reminder sent";
    case "commented":
      return who ? `${who.name} commented` : "Comment";
    case "resolved":
      if (isClosed(entry)) return `Closed${by}`;
      return who ? `Resolved${by}` : "Recovered";
  }
}

function facts(data: Record<string, unknown>): string[] {
  const lines: string[] = [];
  const why = text(data.why);
  if (why) lines.push(wholeSentence(why));
  if (typeof data.days === "number") {
    lines.push(`The certificate ends in ${plural(data.days, "day")}.`);
  }
  if (Array.isArray(data.workers)) {
    for (const worker of data.workers as { worker?: string; diagnosis?: string }[]) {
      const doubt = DIAGNOSIS[worker.diagnosis === "clock" ? "clock" : "network"];
      lines.push(`${worker.worker}: ${doubt}.`);
    }
  }
  return lines;
}

/** Whether people were told, and if not, why. Comments and mere changes are never sent. */
function told(entry: TimelineEntry): string[] {
  const count = entry.data.told;
  if (typeof count !== "number" || entry.what === "commented" || entry.what === "changed") return [];
  const policy = text(entry.data.policy);
  const by = policy ? ` by the policy “${policy}”` : "";
  if (count > 0) return [`Goes to ${plural(count, "channel")}${by}.`];
  // Who was not told of the beginning is not told of the rest: that was said already.
  if (entry.what !== "opened" && entry.what !== "escalated") return [];
  if (!policy) return ["Nobody was told: no alert policy applies."];
  if (entry.data.sends === false) return [`Nobody was told: the policy “${policy}” does not send this level.`];
  return [`Nobody was told: the policy “${policy}” has no channel that could be told.`];
}

function text(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}
