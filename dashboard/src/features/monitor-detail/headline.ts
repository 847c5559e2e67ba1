/** What the head of the page says, from whatever is known first. */
import type { LiveMonitor, Monitor, Reason, Status } from "@/api/types";
import { reasonWords } from "@/domain/reason";
import { precedence, STATUS } from "@/domain/status";
import { formatDuration } from "@/lib/format";
import { seconds } from "@/lib/time";

export interface Headline {
  name: string;
  url: string;
  status: Status;
  /** unix seconds */
  since: number;
  reason: Reason | null;
  /** Since when nobody checks it, unix seconds; null while somebody does. */
  unchecked: number | null;
}

/** The list's row is there at once and follows events; the monitor itself knows whether it is switched on. */
export function headline(monitor: Monitor | undefined, live: LiveMonitor | undefined): Headline | null {
  const told = monitor && {
    status: monitor.status,
    since: seconds(monitor.since) ?? 0,
    reason: monitor.reason,
    unchecked: seconds(monitor.unchecked_since),
  };
  const row = live && {
    status: live.status,
    since: live.since,
    reason: live.reason,
    unchecked: live.unchecked_since ?? null,
  };
  // A row that still says paused is behind a monitor that was just resumed, and the other way round.
  const behind = told !== undefined && row !== undefined && (row.status === "paused") === monitor?.enabled;
  const state = behind ? told : (row ?? told);
  if (!state) return null;
  const name = monitor?.name ?? live?.name ?? "";
  const url = monitor?.url ?? live?.url ?? "";
  return { name, url, ...state, status: precedence({ enabled: monitor?.enabled ?? true, verdict: state.status }) };
}

/** "Up for 12 d 4 h", "Down for 3 m: connection failed". */
export function sinceWords({ status, since, reason }: Headline, now: number): string {
  if (status === "pending") return "Waiting for the first result";
  const lasted = `${STATUS[status].word} for ${formatDuration(Math.max(0, now - since))}`;
  const why = status === "up" || status === "paused" ? "" : reasonWords(reason);
  return why ? `${lasted}: ${why}` : lasted;
}
