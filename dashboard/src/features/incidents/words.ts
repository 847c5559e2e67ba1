/** What incidents are about, in words. */
import type { Incident, IncidentKind, IncidentState, Level } from "@/api/types";
import { REASON } from "@/lib/reason";
import { subject } from "@/lib/subject";

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
export function cause(incident: Pick<Incident, "kind" | "reason" | "worst">): string {
  switch (incident.kind) {
    case "certificate":
      return "Certificate ends soon";
    case "coverage":
      return "Checked less than it should be";
    case "region":
      return "Its probes are gone or doubt what they see";
    case "lane":
      return "No results are stored";
    case "availability":
      return incident.reason ? REASON[incident.reason].title : sentenceCase(LEVEL[incident.worst]);
  }
}

export function sentenceCase(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
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
