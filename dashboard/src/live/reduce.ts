/** What an event makes of a row. Pure. */
import type { IncidentState, LiveMonitor } from "@/api/types";
import type { Told } from "./protocol";

/** Whose row an event is about. */
export function monitorOf(told: Told): string | null {
  return "monitor" in told.data ? told.data.monitor : null;
}

/** The row after the event; the same object where nothing of it changed. */
export function reduce(row: LiveMonitor, told: Told): LiveMonitor {
  switch (told.event) {
    case "status": {
      const since = Date.parse(told.data.since) / 1000;
      const { unchecked_since: _, ...known } = row;
      return {
        ...known,
        status: told.data.to,
        since: Number.isNaN(since) ? row.since : since,
        reason: told.data.reason,
      };
    }
    case "incident.opened":
    case "incident.acknowledged":
    case "incident.resolved":
      return withIncident(row, told.data.incident, STATE[told.event]);
    default:
      return row;
  }
}

const STATE = {
  "incident.opened": "open",
  "incident.acknowledged": "acknowledged",
  "incident.resolved": "resolved",
} as const;

function withIncident(row: LiveMonitor, id: string, state: IncidentState): LiveMonitor {
  if (state === "resolved") return row.incident?.id === id ? { ...row, incident: null } : row;
  const isOurs = row.incident === null || row.incident.id === id;
  return isOurs ? { ...row, incident: { id, state } } : row;
}
