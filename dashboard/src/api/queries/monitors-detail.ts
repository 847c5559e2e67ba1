/** What a monitor's own page asks beyond its monitor. */
import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { keys } from "@/api/keys";
import type { Asked, Evidence, Incident, Page, Result, Verdict } from "@/api/types";
import { readIncident, useIncidents } from "./incidents";
import { readResults } from "./monitors";

/** The attempt that a check on request has. */
export const ATTEMPT_REQUEST = 255;
const EAGER_MS = 700;

/** Results of a check on request, by region: asked for until every region has answered, or `until` (unix ms) is over. */
export function useRequested(id: string, asked: Asked | null, until: number) {
  return useQuery({
    queryKey: [...keys.results(id), "request", asked?.slot ?? 0],
    enabled: asked !== null,
    queryFn: async ({ signal }) => {
      const page = await readResults(id, { attempt: "request", limit: 100 }, signal);
      return answersOf(page.items, asked);
    },
    refetchInterval: ({ state }) => {
      const missing = (asked?.regions.length ?? 0) - (state.data?.length ?? 0);
      return missing > 0 && Date.now() < until ? EAGER_MS : false;
    },
    staleTime: 0,
  });
}

/** The results that answer this request, one a region. */
export function answersOf(results: readonly Result[], asked: Asked | null): Result[] {
  return results.filter((result) => result.attempt === ATTEMPT_REQUEST && result.slot === asked?.slot);
}

export interface LogFilter {
  region?: string;
  verdict?: Verdict;
}

const PAGE = 100;
/** Apart from what events make old: a log that is being read does not move. */
const logKey = (id: string) => ["log", id] as const;

/** The log of checks, newest first, page by page. */
export function useLog(id: string, filter: LogFilter) {
  return useInfiniteQuery({
    queryKey: [...logKey(id), filter],
    queryFn: ({ pageParam, signal }) =>
      readResults(id, { ...filter, limit: PAGE, after: pageParam ?? undefined }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
  });
}

/** Forgets all pages but the first of each log, and asks for it again. */
export function useReloadResults(id: string) {
  const cache = useQueryClient();
  return useCallback(() => {
    const queryKey = logKey(id);
    cache.setQueriesData<Log>({ queryKey }, firstPage);
    return cache.invalidateQueries({ queryKey });
  }, [cache, id]);
}

interface Log {
  pages: Page<Result>[];
  pageParams: (string | null)[];
}

function firstPage(log: Log | undefined): Log | undefined {
  return log && { pages: log.pages.slice(0, 1), pageParams: log.pageParams.slice(0, 1) };
}

/** The incident a moment (unix seconds) fell into: it may begin a little after the failure that opened it. */
export function incidentAt(incidents: readonly Incident[], moment: number, slack: number): Incident | undefined {
  return incidents.find((incident) => {
    const opened = Date.parse(incident.opened_at) / 1000;
    const ended = incident.resolved_at ? Date.parse(incident.resolved_at) / 1000 : Number.POSITIVE_INFINITY;
    return moment >= opened - slack && moment <= ended;
  });
}

export interface Kept {
  evidence: Evidence | null;
  /** The due second of the failure it was kept of, where that is not the one asked about. */
  instead: number | null;
  /** The incident that result belongs to. */
  incident: string | null;
  isLoading: boolean;
}

/** What was kept of a failing check: incidents keep the first failure of each region. */
export function useKept(monitor: string, result: Result, slack: number): Kept {
  const incidents = useIncidents({ monitor });
  const all = incidents.data?.pages.flatMap((page) => page.items) ?? [];
  const incident = incidentAt(all, result.slot, slack);
  const whole = useQuery({
    queryKey: keys.incident(incident?.id ?? ""),
    queryFn: ({ signal }) => readIncident(incident?.id ?? "", signal),
    enabled: incident !== undefined,
  });
  const first = whole.data?.failures.find(({ region }) => region === result.region);
  const isThis = first?.slot === result.slot && first.attempt === result.attempt;
  return {
    evidence: first?.evidence ?? null,
    instead: first && !isThis ? first.slot : null,
    incident: incident?.id ?? null,
    isLoading: incidents.isLoading || whole.isLoading,
  };
}
