import type { Incident } from "@/api/types";

/** Whom an incident is about. */
export function subject(incident: Pick<Incident, "monitor" | "region">): string {
  if (incident.monitor) return incident.monitor.name;
  return incident.region ? `Region ${incident.region}` : "A deleted monitor";
}
