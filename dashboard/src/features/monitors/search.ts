import type { Status } from "@/api/types";
import { type RawSearch, text, word, words } from "@/lib/search";

export const statuses: readonly Status[] = [
  "down",
  "regional",
  "degraded",
  "unknown",
  "pending",
  "up",
  "maintenance",
  "paused",
];
export const sorts = ["severity", "name", "since", "-since"] as const;
export type Sort = (typeof sorts)[number];

/** The list's whole state: a link to it shows the same. */
export interface MonitorsSearch {
  q?: string;
  status?: string;
  tag?: string;
  region?: string;
  sort?: Sort;
}

export function monitorsSearch(raw: RawSearch): MonitorsSearch {
  return {
    q: text(raw, "q"),
    status: words(raw, "status", statuses)?.join(","),
    tag: text(raw, "tag"),
    region: text(raw, "region"),
    sort: word(raw, "sort", sorts),
  };
}
