/** The lines of the activity feed, from both of its lists. Pure. */
import type { Activity } from "@/api/types";
import { type Burst, bursts } from "./bursts";

export type KeyAct = Activity["keys"][number];

/** What was done with an API key; never part of a burst. */
interface KeyLine {
  key: string;
  act: KeyAct;
  /** Unix seconds. */
  at: number;
}

/** Newest first. Of each list `kept` were asked for: where one was cut, the other is not told further back. */
export function linesOf({ items, keys }: Activity, kept: number): (Burst | KeyLine)[] {
  const acts = keys.map((act) => ({ key: `${act.key.id} ${act.what}`, act, at: Date.parse(act.at) / 1000 }));
  const lines = [...bursts(items), ...acts].sort((a, b) => b.at - a.at);
  const ends = [items, keys]
    .filter((list) => list.length >= kept)
    .map((list) => Date.parse(list.at(-1)?.at ?? "") / 1000);
  return lines.filter((line) => ends.every((end) => line.at >= end));
}
