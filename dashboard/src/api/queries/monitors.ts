import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { del, get, patch, post } from "../client";
import { keys } from "../keys";
import type { Asked, BulkDone, Monitor, MonitorBody, Page, Result, Tried, Verdict, VerdictAnswer } from "../types";

export function useMonitorQuery(id: string) {
  return useQuery({
    queryKey: keys.monitor(id),
    queryFn: ({ signal }) => get<Monitor>(`monitors/${id}`, {}, signal),
  });
}

/** Why the status is what it is. */
export function useVerdict(id: string) {
  return useQuery({
    queryKey: keys.verdict(id),
    queryFn: ({ signal }) => get<VerdictAnswer>(`monitors/${id}/verdict`, {}, signal),
  });
}

export interface ResultsFilter {
  region?: string;
  verdict?: Verdict[];
  attempt?: "request";
  limit?: number;
}

/** The log of checks, newest first, page by page. */
export function useResults(id: string, filter: ResultsFilter = {}, options: { refetchInterval?: number | false } = {}) {
  return useInfiniteQuery({
    queryKey: [...keys.results(id), filter],
    queryFn: ({ pageParam, signal }) =>
      get<Page<Result>>(`monitors/${id}/results`, { ...filter, after: pageParam }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
    ...options,
  });
}

export function useCreateMonitor() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (body: MonitorBody) => post<Monitor>("monitors", body),
    onSuccess: (monitor) => cache.setQueryData(keys.monitor(monitor.id), monitor),
  });
}

/** A JSON Merge Patch: what is not named stays. */
export function useUpdateMonitor(id: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (body: Partial<MonitorBody>) => patch<Monitor>(`monitors/${id}`, body),
    onSuccess: (monitor) => {
      cache.setQueryData(keys.monitor(id), monitor);
      void cache.invalidateQueries({ queryKey: keys.monitor(id) });
    },
  });
}

export function useDeleteMonitor(id: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: () => del(`monitors/${id}`),
    onSuccess: () => cache.removeQueries({ queryKey: keys.monitor(id) }),
  });
}

/** Pauses or resumes. */
export function useSwitchMonitor(id: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (action: "pause" | "resume") => post<Monitor>(`monitors/${id}/${action}`),
    onSuccess: (monitor) => {
      cache.setQueryData(keys.monitor(id), monitor);
      void cache.invalidateQueries({ queryKey: keys.verdict(id) });
    },
  });
}

export function useCheckNow(id: string) {
  return useMutation({ mutationFn: () => post<Asked>(`monitors/${id}/check`) });
}

/** Runs a body that is not saved, and answers an outcome per region. */
export function useTryMonitor() {
  return useMutation({ mutationFn: (body: MonitorBody) => post<Tried>("monitors/try", body) });
}

export type BulkAction = "pause" | "resume" | "delete";

/** The most ids of one request. */
const MOST = 1_000;

async function inBulk({ action, ids }: { action: BulkAction; ids: string[] }): Promise<BulkDone> {
  const items: BulkDone["items"] = [];
  for (let at = 0; at < ids.length; at += MOST) {
    const done = await post<BulkDone>("monitors/bulk", { action, ids: ids.slice(at, at + MOST) });
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
