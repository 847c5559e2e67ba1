/** Which monitors a list shows, and in which order. Pure; sort keys are computed once per row, not once per comparison. */
import type { LiveMonitor, Status } from "@/api/types";
import { STATUS } from "@/domain/status";

export type Sort = "severity" | "name" | "since" | "-since";

export interface ListFilter {
  q?: string;
  status?: readonly Status[];
  tag?: string;
  region?: string;
}

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

/** The place of each monitor in the order of names. */
export function nameRanks(rows: Iterable<LiveMonitor>): Map<string, number> {
  const sorted = [...rows].sort((a, b) => collator.compare(a.name, b.name) || (a.id < b.id ? -1 : 1));
  return new Map(sorted.map((row, rank) => [row.id, rank]));
}

const haystacks = new WeakMap<LiveMonitor, string>();

function haystack(row: LiveMonitor): string {
  const known = haystacks.get(row);
  if (known !== undefined) return known;
  const text = `${row.name}\n${row.url}\n${row.tags.join("\n")}`.toLowerCase();
  haystacks.set(row, text);
  return text;
}

export function matches(filter: ListFilter): (row: LiveMonitor) => boolean {
  const terms = filter.q?.toLowerCase().split(/\s+/).filter(Boolean) ?? [];
  const statuses = filter.status && filter.status.length > 0 ? new Set(filter.status) : null;
  const { tag, region } = filter;
  return (row) =>
    (statuses === null || statuses.has(row.status)) &&
    (tag === undefined || row.tags.includes(tag)) &&
    (region === undefined || row.regions.length === 0 || row.regions.includes(region)) &&
    terms.every((term) => haystack(row).includes(term));
}

interface Keyed {
  id: string;
  first: number;
  second: number;
  name: number;
}

function keysOf(row: LiveMonitor, sort: Sort, ranks: Map<string, number>): Keyed {
  const name = ranks.get(row.id) ?? Number.MAX_SAFE_INTEGER;
  const { id, since } = row;
  if (sort === "name") return { id, first: name, second: 0, name };
  if (sort === "since") return { id, first: since, second: 0, name };
  if (sort === "-since") return { id, first: -since, second: 0, name };
  return { id, first: STATUS[row.status].severity, second: since, name };
}

/** Severity: the worst first, then longest in that state, then by name. */
export function order(
  rows: Iterable<LiveMonitor>,
  filter: ListFilter,
  sort: Sort,
  ranks: Map<string, number>,
): string[] {
  const fits = matches(filter);
  const keyed: Keyed[] = [];
  for (const row of rows) if (fits(row)) keyed.push(keysOf(row, sort, ranks));
  keyed.sort((a, b) => a.first - b.first || a.second - b.second || a.name - b.name);
  return keyed.map(({ id }) => id);
}

/** How many monitors a new order would move, bring or take, given the status each had in the old one. */
export function moved(before: readonly string[], after: readonly string[], was: (id: string) => boolean): number {
  const old = new Set(before);
  const next = new Set(after);
  let count = 0;
  for (const id of after) if (!old.has(id) || was(id)) count += 1;
  for (const id of before) if (!next.has(id)) count += 1;
  return count;
}
