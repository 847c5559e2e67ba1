/** Why there is an incident that is about no status of a monitor. */
import type { IncidentKind } from "@/api/types";

export const CAUSE: Record<Exclude<IncidentKind, "availability">, string> = {
  certificate: "Certificate ends soon",
  coverage: "Checked less than it should be",
  region: "Its probes are gone or doubt what they see",
  lane: "No results are stored",
};
