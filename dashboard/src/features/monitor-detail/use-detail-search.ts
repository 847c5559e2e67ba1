import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useCallback } from "react";
import type { MonitorSearch } from "./search";

const FROM = "/_app/monitors/$id/";

export function useMonitorId(): string {
  return useParams({ from: FROM }).id;
}

/** The page's state in the URL, and how to change some of it. */
export function useDetailSearch(): [MonitorSearch, (change: MonitorSearch, replace?: boolean) => void] {
  const search = useSearch({ from: FROM });
  const navigate = useNavigate({ from: "/monitors/$id/" });
  const change = useCallback(
    (next: MonitorSearch, replace = false) =>
      void navigate({ search: (old) => ({ ...old, ...next }), replace, resetScroll: false }),
    [navigate],
  );
  return [search, change];
}
