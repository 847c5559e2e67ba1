/** Why a probe doubts what it sees. */
import type { Diagnosis } from "@/api/types";

/** Within a sentence that named the probe. */
export const DIAGNOSIS: Record<Diagnosis, string> = {
  network: "its own network fails",
  clock: "its clock is off",
};

const SENTENCES: Record<Diagnosis, string> = {
  network: "The probe's own network fails, so its result does not count.",
  clock: "The probe's clock is off, so its result does not count.",
};

export function diagnosisSentence(diagnosis: Diagnosis): string {
  return SENTENCES[diagnosis];
}
