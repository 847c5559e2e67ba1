import { useNavigate, useSearch } from "@tanstack/react-router";
import { useDeferredValue, useEffect, useMemo, useState } from "react";
import type { Status } from "@/api/types";
import type { ListFilter } from "@/live/order";
import { type MonitorsSearch, monitorsSearch, type Sort, statuses } from "./search";

/** The URL is told of typing after this. */
const TYPED_MS = 250;

export interface ListSearch {
  filter: ListFilter;
  sort: Sort;
  /** What stands in the filter box; the rows follow when there is time. */
  typed: string;
  type: (text: string) => void;
  set: (change: MonitorsSearch) => void;
  clear: () => void;
  isFiltered: boolean;
}

export function statusesOf(search: MonitorsSearch): Status[] {
  const given = search.status?.split(",") ?? [];
  return statuses.filter((status) => given.includes(status));
}

/** What the list shows, kept in the URL: a link, a reload and the back button show the same. */
export function useListSearch(): ListSearch {
  const search = useSearch({ from: "/_app/monitors/" });
  const navigate = useNavigate({ from: "/monitors/" });
  const [typed, setTyped] = useState(search.q ?? "");
  const [known, setKnown] = useState(search.q ?? "");
  // The URL was changed from elsewhere: back, or a link.
  if ((search.q ?? "") !== known) {
    setKnown(search.q ?? "");
    if ((search.q ?? "") !== typed.trim()) setTyped(search.q ?? "");
  }
  const set = (change: MonitorsSearch) =>
    void navigate({ search: (old) => monitorsSearch({ ...old, ...change }), replace: true });

  useEffect(() => {
    if (typed.trim() === (search.q ?? "")) return;
    const q = typed.trim() || undefined;
    const timer = setTimeout(() => void navigate({ search: (old) => ({ ...old, q }), replace: true }), TYPED_MS);
    return () => clearTimeout(timer);
  }, [typed, search.q, navigate]);

  const q = useDeferredValue(typed);
  const filter = useMemo(
    () => ({ q, status: statusesOf({ status: search.status }), tag: search.tag, region: search.region }),
    [q, search.status, search.tag, search.region],
  );
  const clear = () => {
    setTyped("");
    set({ q: undefined, status: undefined, tag: undefined, region: undefined });
  };
  const isFiltered = Boolean(q || search.status || search.tag || search.region);
  return { filter, sort: search.sort ?? "severity", typed, type: setTyped, set, clear, isFiltered };
}
