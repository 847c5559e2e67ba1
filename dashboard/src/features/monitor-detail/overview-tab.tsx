import { lazy, Suspense } from "react";
import type { Monitor } from "@/api/types";
import { capital } from "@/lib/format";
import type { Range } from "@/lib/range";
import { seconds } from "@/lib/time";
import { cn } from "@/ui/cn";
import { ErrorPanel } from "@/ui/error-panel";
import { PanelBoundary } from "@/ui/panel-boundary";
import { Skeleton } from "@/ui/skeleton";
import { FiguresRow } from "./figures-row";
import { RangePicker } from "./range-picker";
import { ResponsePanel } from "./response-panel";
import { useDetailSearch } from "./use-detail-search";
import { useRange, useRangeSeries } from "./use-range";
import { VerdictPanel } from "./verdict-panel";

/** Further down than the first screen. */
const RegionsPanel = lazy(() => import("./regions-panel").then(({ RegionsPanel: it }) => ({ default: it })));
const HistoryPanels = lazy(() => import("./history-panels").then(({ HistoryPanels: it }) => ({ default: it })));

/** All about a monitor on one page. */
export function OverviewTab({ monitor }: { monitor: Monitor }) {
  const ranged = useRange(seconds(monitor.created_at) ?? 0);
  const [{ pct = "p95" }] = useDetailSearch();
  const { series, baseline, isBehind } = useRangeSeries(monitor.id, ranged.window);
  const openDay = (range: Range) => {
    ranged.setRange(range);
    document.getElementById("response")?.scrollIntoView({ block: "center" });
  };
  return (
    <div className="flex flex-col gap-4">
      <PanelBoundary title="The verdict">
        <VerdictPanel id={monitor.id} />
      </PanelBoundary>
      <div className="mt-2 flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <h2 className="font-semibold text-[0.9375rem]">{capital(ranged.words)}</h2>
        <RangePicker range={ranged.range} onChange={ranged.setRange} />
      </div>
      {series.isError ? (
        <ErrorPanel
          error={series.error}
          title="The figures could not be loaded"
          retry={() => void series.refetch()}
          retrying={series.isFetching}
        />
      ) : null}
      {series.isError && !series.data ? null : (
        <div aria-busy={isBehind} className={cn("flex flex-col gap-4", isBehind && "opacity-60")}>
          <FiguresRow monitor={monitor} series={series.data} baseline={baseline} />
          <PanelBoundary title="The chart">
            <ResponsePanel monitor={monitor} series={series.data} ranged={ranged} />
          </PanelBoundary>
          <PanelBoundary title="The regions">
            <Suspense fallback={<Skeleton className="h-64 w-full" />}>
              <RegionsPanel monitor={monitor} series={series.data} percentile={pct} words={ranged.words} />
            </Suspense>
          </PanelBoundary>
        </div>
      )}
      <PanelBoundary title="The history">
        <Suspense fallback={<Skeleton className="h-[52rem] w-full" />}>
          <HistoryPanels monitor={monitor} onRange={openDay} />
        </Suspense>
      </PanelBoundary>
    </div>
  );
}
