import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, bodyOf, done } from "@/api/client";
import { keys } from "@/api/keys";
import type { BulkDone, MonitorBody, MonitorPatch, Verdict } from "@/api/types";

export function useMonitorQuery(id: string) {
  return useQuery({
    queryKey: keys.monitor(id),
    queryFn: ({ signal }) => bodyOf(api.GET("/api/v1/monitors/{id}", { params: { path: { id } }, signal })),
  });
}

/** Why the status is what it is. */
export function useVerdict(id: string) {
  return useQuery({
    queryKey: keys.verdict(id),
    queryFn: ({ signal }) => bodyOf(api.GET("/api/v1/monitors/{id}/verdict", { params: { path: { id } }, signal })),
  });
}

export interface ResultsFilter {
  region?: string;
  verdict?: Verdict;
  attempt?: "request";
  limit?: number;
  after?: string;
}

export const readResults = (id: string, query: ResultsFilter, signal: AbortSignal) =>
  bodyOf(api.GET("/api/v1/monitors/{id}/results", { params: { path: { id }, query }, signal }));

/** The log of checks, newest first, page by page. */
export function useResults(id: string, filter: ResultsFilter) {
  return useInfiniteQuery({
    queryKey: [...keys.results(id), filter],
    queryFn: ({ pageParam, signal }) => readResults(id, { ...filter, after: pageParam ?? undefined }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
  });
}

export function useCreateMonitor() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (body: MonitorBody) => bodyOf(api.POST("/api/v1/monitors", { body })),
    onSuccess: (monitor) => cache.setQueryData(keys.monitor(monitor.id), monitor),
  });
}

/** A JSON Merge Patch: what is not named stays. */
export function useUpdateMonitor(id: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (body: MonitorPatch) => bodyOf(api.PATCH("/api/v1/monitors/{id}", { params: { path: { id } }, body })),
    onSuccess: (monitor) => {
      cache.setQueryData(keys.monitor(id), monitor);
      void cache.invalidateQueries({ queryKey: keys.monitor(id) });
    },
  });
}

export function useDeleteMonitor(id: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: () => done(api.DELETE("/api/v1/monitors/{id}", { params: { path: { id } } })),
    onSuccess: () => cache.removeQueries({ queryKey: keys.monitor(id) }),
  });
}

/** Pauses or resumes. */
export function useSwitchMonitor(id: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (action: "pause" | "resume") =>
      bodyOf(api.POST(`/api/v1/monitors/{id}/${action}`, { params: { path: { id } } })),
    onSuccess: (monitor) => {
      cache.setQueryData(keys.monitor(id), monitor);
      void cache.invalidateQueries({ queryKey: keys.verdict(id) });
    },
  });
}

export function useCheckNow(id: string) {
  return useMutation({
    mutationFn: () => bodyOf(api.POST("/api/v1/monitors/{id}/check", { params: { path: { id } } })),
  });
}

export type BulkAction = "pause" | "resume" | "delete";

/** The most ids of one request. */
const MOST = 1_000;

async function inBulk({ action, ids }: { action: BulkAction; ids: string[] }): Promise<BulkDone> {
  const items: BulkDone["items"] = [];
  for (let at = 0; at < ids.length; at += MOST) {
    const body = { action, ids: ids.slice(at, at + MOST) };
    const done = await bodyOf(api.POST("/api/v1/monitors/bulk", { body }));
    items.push(...done.items);
  }
  return { items };
}

export function useBulk() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: inBulk,
    onSettled: () => cache.invalidateQueries({ queryKey: keys.monitors }),
  });
}
