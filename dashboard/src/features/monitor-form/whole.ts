import { z } from "@/lib/zod";
import { LIMITS } from "./limits";

/** A whole number the server takes, written as text. */
export function whole(name: keyof typeof LIMITS, label: string, optional = false) {
  const [least, most] = LIMITS[name];
  const fits = (text: string) => {
    if (optional && text.trim() === "") return true;
    return /^\d+$/.test(text.trim()) && Number(text) >= least && Number(text) <= most;
  };
  const or = optional ? ", or leave it empty" : "";
  return z
    .string()
    .check(z.refine(fits, `${label}: write a whole number from ${least} to ${most.toLocaleString()}${or}.`));
}
