import type { Incident } from "@/api/types";
import { REASON_HELP } from "./reason-help";

/** What to look at first, in an incident; empty where there is nothing to say. */
export function advice({ kind, reason }: Pick<Incident, "kind" | "reason">): string {
  if (kind === "region") return "Look at the probes of the region; their results do not count until they are well.";
  if (kind === "lane") return "Look at /readyz of each replica and at their logs; the runbook is UpguardLaneStalled.";
  if (kind === "certificate") return "Renew the certificate; the incident ends with the next check.";
  if (kind === "coverage") return "Look at the regions: there may be too few probes, or none.";
  return reason ? REASON_HELP[reason].hint : "";
}
