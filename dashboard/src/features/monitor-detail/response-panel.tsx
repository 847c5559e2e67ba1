import { lazy, Suspense, useState } from "react";
import type { Monitor, Series } from "@/api/types";
import type { By, Percentile } from "@/charts/response-model";
import { responseSentence } from "@/charts/response-model";
import { capital } from "@/lib/format";
import { useMedia } from "@/lib/media";
import { zoomed } from "@/lib/range";
import { useZone, zoneLabel } from "@/lib/time";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { EmptyState } from "@/ui/empty-state";
import { Skeleton } from "@/ui/skeleton";
import { cursor } from "./cursor";
import { ResponseControls } from "./response-controls";
import { useDetailSearch } from "./use-detail-search";

import type { Ranged } from "./use-range";

const ChartTable = lazy(() => import("@/charts/a11y-table").then(({ ChartTable: it }) => ({ default: it })));
const ResponseChart = lazy(() => import("@/charts/response-chart"));

interface ResponsePanelProps {
  monitor: Monitor;
  series: Series | undefined;
  ranged: Ranged;
}

/** How long answers take, over the range. */
export function ResponsePanel({ monitor, series, ranged }: ResponsePanelProps) {
  const [search, change] = useDetailSearch();
  const [asTable, setAsTable] = useState(false);
  const zone = useZone();
  const by: By = search.by ?? "phases";
  const percentile: Percentile = search.pct ?? "p95";
  const isEmpty = series?.all.p50.every((value) => value === null) ?? false;
  return (
    <Card
      id="response"
      title="Response times"
      description={`${capital(ranged.words)}, times in ${zoneLabel(ranged.window.to, zone)}`}
      actions={
        <ResponseControls
          by={by}
          percentile={percentile}
          onBy={(next) => change({ by: next === "regions" ? next : undefined }, true)}
          onPercentile={(next) => change({ pct: next === "p95" ? undefined : next }, true)}
        />
      }
    >
      {series === undefined ? (
        <Skeleton className="h-[248px] w-full sm:h-[328px]" />
      ) : isEmpty ? (
        <Nothing ranged={ranged} monitor={monitor} />
      ) : asTable ? (
        <Suspense fallback={<Skeleton className="h-80 w-full" />}>
          <ChartTable label="Response times" series={series} by={by} percentile={percentile} zone={zone} />
        </Suspense>
      ) : (
        <Chart {...{ monitor, series, by, percentile, ranged }} />
      )}
      {series && !isEmpty ? (
        <div className="mt-3 flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
          <p className="text-muted text-xs">{asTable ? null : <Hint />}</p>
          <button
            type="button"
            aria-pressed={asTable}
            onClick={() => setAsTable(!asTable)}
            className="min-h-6 rounded-sm text-accent text-xs underline underline-offset-3 pointer-coarse:min-h-11"
          >
            {asTable ? "View as chart" : "View as table"}
          </button>
        </div>
      ) : null}
    </Card>
  );
}

function Hint() {
  return (
    <>
      <span className="pointer-coarse:hidden">Drag over the chart to zoom in, double-click to go back.</span>
      <span className="pointer-fine:hidden">Tap the chart to read it.</span>
    </>
  );
}

interface ChartProps extends ResponsePanelProps {
  series: Series;
  by: By;
  percentile: Percentile;
}

function Chart({ monitor, series, by, percentile, ranged }: ChartProps) {
  const zone = useZone();
  const height = useMedia("(max-width: 639px)") ? 200 : 280;
  const zoom = (left: number, right: number) => ranged.setRange(zoomed(series, left, right));
  return (
    <figure>
      <figcaption className="sr-only">{responseSentence(series, percentile, ranged.words)}</figcaption>
      <Suspense fallback={<Skeleton className="h-[248px] w-full sm:h-[328px]" />}>
        <ResponseChart
          series={series}
          by={by}
          percentile={percentile}
          threshold={monitor.expect.max_latency_ms ?? null}
          interval={monitor.interval}
          zone={zone}
          height={height}
          onZoom={zoom}
          onReset={ranged.reset}
          onPoint={cursor.set}
        />
      </Suspense>
    </figure>
  );
}

function Nothing({ ranged, monitor }: { ranged: Ranged; monitor: Monitor }) {
  if (monitor.status === "pending") {
    return <EmptyState title="Nothing measured yet">The first result takes seconds.</EmptyState>;
  }
  const isWidest = ranged.range === "1y";
  return (
    <EmptyState
      title={`Nothing was measured in the ${ranged.words}`}
      action={isWidest ? null : <Button onClick={() => ranged.setRange("30d")}>Show the last 30 days</Button>}
    >
      {monitor.enabled
        ? "Either no check was due, or none got an answer. The log of checks says which."
        : "It is paused: resume it to measure again."}
    </EmptyState>
  );
}
