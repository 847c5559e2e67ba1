import type { IncidentFilter } from "@/api/queries/incidents";
import type { IncidentKind, IncidentState } from "@/api/types";
import { type RawSearch, text, word } from "@/lib/search";

export const SINCE = ["24h", "7d", "30d", "90d"] as const;
export type Since = (typeof SINCE)[number];

export interface IncidentsSearch {
  state?: IncidentState;
  kind?: IncidentKind;
  /** a monitor's id */
  monitor?: string;
  /** how far back; 90 days where it is absent */
  since?: Since;
}

const DAY = 86_400;
const SPAN: Record<Since, number> = { "24h": DAY, "7d": 7 * DAY, "30d": 30 * DAY, "90d": 90 * DAY };

export const SINCE_WORDS: Record<Since, string> = {
  "24h": "24 hours",
  "7d": "7 days",
  "30d": "30 days",
  "90d": "90 days",
};

export function incidentsSearch(raw: RawSearch): IncidentsSearch {
  return {
    state: word(raw, "state", ["open", "acknowledged", "resolved"]),
    kind: word(raw, "kind", ["availability", "certificate", "coverage", "region", "lane"]),
    monitor: text(raw, "monitor"),
    since: word(raw, "since", SINCE),
  };
}

export function isFiltered(search: IncidentsSearch): boolean {
  return Object.values(search).some((value) => value !== undefined);
}

/** What is not over, whenever it began; none where only what is over is asked for. */
export function openFilter({ state, kind, monitor }: IncidentsSearch): IncidentFilter | null {
  if (state === "resolved") return null;
  return { state: state ? [state] : ["open", "acknowledged"], kind, monitor };
}

/** What is over, as far back as asked; none where only what is open is asked for. */
export function pastFilter({ state, kind, monitor, since }: IncidentsSearch, now: number): IncidentFilter | null {
  if (state && state !== "resolved") return null;
  // Whole minutes: the same question for a while, so that its answer is kept.
  const from = Math.floor((now - SPAN[since ?? "90d"]) / 60) * 60;
  return { state: ["resolved"], kind, monitor, since: from };
}
