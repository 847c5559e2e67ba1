import { useEffect, useMemo, useState } from "react";
import type { LiveMonitor, Status } from "@/api/types";
import { store } from "./live";
import { type ListFilter, moved, nameRanks, order, type Sort } from "./order";

/** The order is computed anew at most this often. */
const EVERY_MS = 2_000;

export interface MonitorIds {
  ids: string[];
  /** Monitors that would move, come or go, while the order is held still. */
  changed: number;
  reorder: () => void;
}

interface Order {
  ids: string[];
  was: Map<string, Status>;
}

/** Names change rarely: their order is kept until a row comes, goes or is called otherwise. */
function rankKeeper(): () => Map<string, number> {
  let names = new Map<string, string>();
  let ranks = new Map<string, number>();
  const isOld = (row: LiveMonitor) => names.get(row.id) !== row.name;
  return () => {
    const rows = [...store.rows()];
    if (rows.length !== names.size || rows.some(isOld)) {
      ranks = nameRanks(rows);
      names = new Map(rows.map((row) => [row.id, row.name]));
    }
    return ranks;
  };
}
const currentRanks = rankKeeper();

function compute(filter: ListFilter, sort: Sort): Order {
  const ids = order(store.rows(), filter, sort, currentRanks());
  return { ids, was: new Map(ids.map((id) => [id, store.row(id)?.status ?? "unknown"])) };
}

/** The list's version, told at once after a rest and then at most every two seconds. */
function useSlowVersion(): number {
  const [version, setVersion] = useState(store.version);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let at = 0;
    const tell = () => {
      timer = undefined;
      at = store.isReady() ? Date.now() : 0;
      setVersion(store.version());
    };
    const later = () => {
      timer ??= setTimeout(tell, Math.max(0, at + EVERY_MS - Date.now()));
    };
    const off = store.onList(later);
    tell();
    return () => {
      clearTimeout(timer);
      off();
    };
  }, []);
  return version;
}

/** Which monitors to show, in which order. While `frozen` the order stands; gone ones leave it all the same. */
export function useMonitorIds(filter: ListFilter, sort: Sort, frozen = false): MonitorIds {
  const version = useSlowVersion();
  const key = JSON.stringify([filter, sort]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for the filter, the version for the rows
  const fresh = useMemo(() => compute(filter, sort), [key, version]);
  const [held, setHeld] = useState<{ key: string; order: Order } | null>(null);
  if (frozen && held?.key !== key) setHeld({ key, order: fresh });
  if (!frozen && held !== null) setHeld(null);

  const shown = frozen && held?.key === key ? held.order : fresh;
  return useMemo(() => {
    const ids = shown === fresh ? shown.ids : shown.ids.filter((id) => store.row(id) !== undefined);
    const hasChanged = (id: string) => shown.was.get(id) !== fresh.was.get(id);
    const changed = shown === fresh ? 0 : moved(ids, fresh.ids, hasChanged);
    return { ids, changed, reorder: () => setHeld({ key, order: fresh }) };
  }, [shown, fresh, key]);
}
