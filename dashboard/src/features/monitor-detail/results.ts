/** One result of a check, in words. */
import type { Result } from "@/api/types";
import { plural } from "@/lib/format";

/** A result's own key: no two are alike in all of these. */
export function resultKey({ slot, region, attempt }: Pick<Result, "slot" | "region" | "attempt">): string {
  return `${slot} ${region} ${attempt}`;
}

export function causeWords({ cause, attempt }: Pick<Result, "cause" | "attempt">): string {
  if (cause === "schedule") return "On schedule";
  return cause === "request" ? "On request" : `Recheck ${attempt}`;
}

/** "12 new". */
export function newWords(count: number): string {
  return `${plural(count, "new", "new")}`;
}
