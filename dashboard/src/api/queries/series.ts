import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { get } from "../client";
import { keys } from "../keys";
import type { Series, UptimeDays } from "../types";

export interface SeriesRange {
  /** Unix seconds. */
  from: number;
  to: number;
  region?: string;
}

/** Response times in at most 1,500 buckets. The range before stays on screen while a new one loads. */
export function useSeries(id: string, range: SeriesRange) {
  return useQuery({
    queryKey: [...keys.series(id), range],
    queryFn: ({ signal }) => get<Series>(`monitors/${id}/series`, { ...range }, signal),
    placeholderData: keepPreviousData,
  });
}

export function useUptime(id: string, days = 90) {
  return useQuery({
    queryKey: [...keys.uptime(id), days],
    queryFn: ({ signal }) => get<UptimeDays>(`monitors/${id}/uptime`, { days }, signal),
  });
}

/** Of the whole organisation. */
export function useFleetUptime(days = 90) {
  return useQuery({
    queryKey: [...keys.fleetUptime, days],
    queryFn: ({ signal }) => get<UptimeDays>("uptime", { days }, signal),
    staleTime: 60_000,
  });
}
