import { useCallback, useEffect, useMemo, useState } from "react";
import { type LogFilter, useLog, useReloadResults } from "@/api/queries/monitors-detail";
import type { Beat } from "@/api/types";
import { useLiveState, useOnBeat } from "@/live/use-live";

/** New results come in bursts, one a region: they are asked for together. */
const SETTLE_MS = 600;
/** Further down than this, the log is being read and does not move. */
const TOP_PX = 240;

/** Whether a beat would be in the log as it is filtered. */
export function fits(filter: LogFilter, beat: Pick<Beat, "region" | "verdict">): boolean {
  return (!filter.region || filter.region === beat.region) && (!filter.verdict || filter.verdict === beat.verdict);
}

/** The log, how many results are new since it was read, and the live tail that reads them. */
export function useTail(id: string, filter: LogFilter, isTailing: boolean) {
  const log = useLog(id, filter);
  const reload = useReloadResults(id);
  const { state } = useLiveState();
  const [fresh, setFresh] = useState(0);
  const { region, verdict } = filter;

  const onBeat = useCallback(
    (beat: Beat) => {
      if (fits({ region, verdict }, beat)) setFresh((count) => count + 1);
    },
    [region, verdict],
  );
  useOnBeat(id, onBeat);

  const read = useCallback(() => {
    setFresh(0);
    void reload();
  }, [reload]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another filter is another log
  useEffect(() => setFresh(0), [region, verdict]);
  useEffect(() => {
    if (!isTailing || fresh === 0) return;
    const timer = setTimeout(() => {
      if (window.scrollY < TOP_PX) read();
    }, SETTLE_MS);
    return () => clearTimeout(timer);
  }, [isTailing, fresh, read]);

  const results = useMemo(() => log.data?.pages.flatMap((page) => page.items) ?? [], [log.data]);
  return { log, results, fresh, read, isLive: state === "live" };
}
