import type { Monitor } from "@/api/types";
import type { Range } from "@/lib/range";
import { ErrorPanel } from "@/ui/error-panel";
import { PanelBoundary } from "@/ui/panel-boundary";
import { CoveragePanel } from "./coverage-panel";
import { FailuresPanel } from "./failures-panel";
import { FiguresRow } from "./figures-row";
import { HeartbeatPanel } from "./heartbeat-panel";
import { IncidentsPanel } from "./incidents-panel";
import { RangePicker } from "./range-picker";
import { RegionsPanel } from "./regions-panel";
import { ResponsePanel } from "./response-panel";
import { useDetailSearch } from "./use-detail-search";
import { useRange, useRangeSeries } from "./use-range";
import { VerdictPanel } from "./verdict-panel";

/** All about a monitor on one page. */
export function OverviewTab({ monitor }: { monitor: Monitor }) {
  const ranged = useRange();
  const [{ pct = "p95" }] = useDetailSearch();
  const { series, baseline } = useRangeSeries(monitor.id, ranged.window);
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
        <h2 className="font-semibold text-[0.9375rem] first-letter:uppercase">{ranged.words}</h2>
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
        <>
          <FiguresRow monitor={monitor} series={series.data} baseline={baseline} />
          <PanelBoundary title="The chart">
            <ResponsePanel monitor={monitor} series={series.data} ranged={ranged} />
          </PanelBoundary>
          <PanelBoundary title="The regions">
            <RegionsPanel monitor={monitor} series={series.data} percentile={pct} words={ranged.words} />
          </PanelBoundary>
        </>
      )}
      <PanelBoundary title="The heartbeat">
        <HeartbeatPanel monitor={monitor} onRange={openDay} />
      </PanelBoundary>
      <PanelBoundary title="The uptime">
        <CoveragePanel id={monitor.id} />
      </PanelBoundary>
      <div className="grid items-start gap-4 lg:grid-cols-2">
        <PanelBoundary title="The incidents">
          <IncidentsPanel id={monitor.id} />
        </PanelBoundary>
        <PanelBoundary title="The failures">
          <FailuresPanel monitor={monitor} />
        </PanelBoundary>
      </div>
    </div>
  );
}
