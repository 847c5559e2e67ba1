/** A policy that would tell nobody is said aloud. */
import type { Policy } from "@/api/types";
import { whyNotWords } from "./why-not";

/** Why nobody would be told by it, as a sentence without its full stop. */
export function warningWords({ sends, tells }: Pick<Policy, "sends" | "tells">): string {
  return `Nobody will be told: ${whyNobody(sends, tells)}`;
}

function whyNobody(sends: Policy["sends"], tells: Policy["tells"]): string {
  if (sends.length === 0) return "it sends no level at all";
  if (tells.length === 0) return "it has no channels";
  const whys = tells.map(whyNotWords).filter((why, at, all) => why !== all[at - 1]);
  return whys.join("; ");
}
