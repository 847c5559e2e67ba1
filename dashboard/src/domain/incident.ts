/** What incidents are about, in words. */
import type { Incident, IncidentKind, IncidentState, Level } from "@/api/types";
import { capital } from "@/lib/format";
import { CAUSE } from "./cause";
import { reasonTitle } from "./reason";
import { subject } from "./subject";

export const KIND: Record<IncidentKind, string> = {
  availability: "Availability",
  certificate: "Certificate",
  coverage: "Coverage",
  region: "Region",
  lane: "Checks",
};

export const STATE: Record<IncidentState, string> = {
  open: "Open",
  acknowledged: "Acknowledged",
  resolved: "Resolved",
};

const LEVEL: Record<Level, string> = {
  coverage: "checked too little",
  certificate: "certificate ends soon",
  region: "region is sick",
  lane: "checks are not running",
  degraded: "degraded",
  regional: "down in some regions",
  down: "down",
};

/** `down`, `down in some regions`: a level within a sentence. */
export function levelWords(level: Level): string {
  return LEVEL[level];
}

/** Why there is an incident, in a few words. */
export function cause({ kind, reason, worst }: Pick<Incident, "kind" | "reason" | "worst">): string {
  if (kind !== "availability") return CAUSE[kind];
  return reason ? reasonTitle(reason) : capital(LEVEL[worst]);
}

/** `Shop is down`, `Region eu-west was sick`: an incident as a headline. */
export function headline(
  incident: Pick<Incident, "kind" | "state" | "level" | "worst" | "flapping" | "monitor" | "region">,
): string {
  const whom = subject(incident);
  const over = incident.state === "resolved";
  const is = over ? "was" : "is";
  switch (incident.kind) {
    case "certificate":
      return over ? `The certificate of ${whom} was about to end` : `The certificate of ${whom} ends soon`;
    case "coverage":
      return `${whom} ${is} checked too little`;
    case "region":
      return `${whom} ${is} sick`;
    case "lane":
      return `${whom} ${over ? "were" : "are"} not running`;
    case "availability":
      if (incident.flapping && !over) return `${whom} comes and goes`;
      return `${whom} ${is} ${LEVEL[over ? incident.worst : incident.level]}`;
  }
}
