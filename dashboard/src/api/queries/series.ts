import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { api, bodyOf } from "@/api/client";
import { keys } from "@/api/keys";

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
    queryFn: ({ signal }) => {
      const query = { ...range, from: String(range.from), to: String(range.to) };
      return bodyOf(api.GET("/api/v1/monitors/{id}/series", { params: { path: { id }, query }, signal }));
    },
    placeholderData: keepPreviousData,
  });
}

export function useUptime(id: string, days = 90) {
  return useQuery({
    queryKey: [...keys.uptime(id), days],
    queryFn: ({ signal }) =>
      bodyOf(api.GET("/api/v1/monitors/{id}/uptime", { params: { path: { id }, query: { days } }, signal })),
  });
}

/** Of the whole organisation. */
export function useFleetUptime(days = 90) {
  return useQuery({
    queryKey: [...keys.fleetUptime, days],
    queryFn: ({ signal }) => bodyOf(api.GET("/api/v1/uptime", { params: { query: { days } }, signal })),
    staleTime: 60_000,
  });
}
