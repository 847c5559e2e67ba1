/** Why a probe doubts what it sees. */
import type { Diagnosis } from "@/api/types";

/** Behind "the probe's". */
export const PROBE_TROUBLE: Record<Diagnosis, string> = { network: "own network fails", clock: "clock is off" };

/** Within a sentence that named the probe. */
export const DIAGNOSIS: Record<Diagnosis, string> = {
  network: `its ${PROBE_TROUBLE.network}`,
  clock: `its ${PROBE_TROUBLE.clock}`,
};

export function diagnosisSentence(diagnosis: Diagnosis): string {
  return `The probe's ${PROBE_TROUBLE[diagnosis]}, so its result does not count.`;
}
