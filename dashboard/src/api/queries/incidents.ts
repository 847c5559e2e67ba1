import { type QueryClient, useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, bodyOf } from "@/api/client";
import { keys } from "@/api/keys";
import type { Incident, IncidentKind, IncidentState, IncidentWhole, Page } from "@/api/types";

export interface IncidentFilter {
  state?: readonly IncidentState[];
  kind?: IncidentKind;
  /** a monitor's id */
  monitor?: string;
  /** unix seconds; not over before */
  since?: number;
}

const PAGE = 50;
const lists = [...keys.incidents, "list"] as const;

/** The API takes several states with commas between. */
function queryOf({ state, since, ...filter }: IncidentFilter) {
  return { ...filter, state: state?.join(), since: since?.toString() };
}

/** Incidents, newest first, page by page. */
export function useIncidents(filter: IncidentFilter, enabled = true) {
  return useInfiniteQuery({
    queryKey: [...lists, filter],
    queryFn: ({ pageParam, signal }) => {
      const query = { ...queryOf(filter), limit: PAGE, after: pageParam ?? undefined };
      return bodyOf(api.GET("/api/v1/incidents", { params: { query }, signal }));
    },
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
    enabled,
  });
}

export const readIncident = (id: string, signal: AbortSignal) =>
  bodyOf(api.GET("/api/v1/incidents/{id}", { params: { path: { id } }, signal }));

/** One, with its timeline, evidence and deliveries. */
export function useIncident(id: string) {
  return useQuery({
    queryKey: keys.incident(id),
    queryFn: ({ signal }) => readIncident(id, signal),
  });
}

/** Somebody takes it. Shown at once, taken back where the server refuses. Never queued: offline it fails. */
export function useAcknowledge(id: string) {
  return useStep(id, "acknowledge", (incident) => ({
    ...incident,
    state: "acknowledged",
    acknowledged_at: new Date().toISOString(),
  }));
}

/** Somebody ends it. */
export function useResolve(id: string) {
  return useStep(id, "resolve", (incident) => ({
    ...incident,
    state: "resolved",
    resolved_at: new Date().toISOString(),
  }));
}

function useStep(id: string, step: "acknowledge" | "resolve", expect: <T extends Incident>(incident: T) => T) {
  const client = useQueryClient();
  return useMutation({
    networkMode: "always",
    mutationFn: () => bodyOf(api.POST(`/api/v1/incidents/{id}/${step}`, { params: { path: { id } } })),
    onMutate: async () => {
      await client.cancelQueries({ queryKey: keys.incidents });
      return rewrite(client, id, expect);
    },
    onError: (_error, _nothing, undo) => undo?.(),
    onSuccess: (incident) => client.setQueryData(keys.incident(id), incident),
    onSettled: () => client.invalidateQueries({ queryKey: keys.incidents }),
  });
}

type Pages = { pages: Page<Incident>[]; pageParams: (string | null)[] };

/** Changes an incident wherever it is cached; the answer puts all back. */
function rewrite(client: QueryClient, id: string, expect: <T extends Incident>(incident: T) => T): () => void {
  const before = client.getQueriesData({ queryKey: keys.incidents });
  client.setQueryData<IncidentWhole>(keys.incident(id), (incident) => incident && expect(incident));
  client.setQueriesData<Pages>({ queryKey: lists }, (list) => {
    if (!list) return list;
    const items = (page: Page<Incident>) => page.items.map((item) => (item.id === id ? expect(item) : item));
    return { ...list, pages: list.pages.map((page) => ({ ...page, items: items(page) })) };
  });
  return () => {
    for (const [key, data] of before) client.setQueryData(key, data);
  };
}

export function useComment(id: string) {
  const client = useQueryClient();
  return useMutation({
    networkMode: "always",
    mutationFn: (text: string) =>
      bodyOf(api.POST("/api/v1/incidents/{id}/comments", { params: { path: { id } }, body: { text } })),
    onSuccess: (incident) => client.setQueryData(keys.incident(id), incident),
  });
}

/** The last transitions of all incidents, newest first. */
export function useActivity(limit = 50) {
  return useQuery({
    queryKey: [...keys.activity, limit],
    queryFn: ({ signal }) => bodyOf(api.GET("/api/v1/activity", { params: { query: { limit } }, signal })),
  });
}
