import type { Incident } from "@/api/types";

/** Whom an incident is about. */
export function subject(incident: Pick<Incident, "monitor" | "region"> & Partial<Pick<Incident, "kind">>): string {
  if (incident.monitor) return incident.monitor.name;
  if (incident.kind === "lane") return "UpGuard’s checks";
  return incident.region ? `Region ${incident.region}` : "A deleted monitor";
}
