import { useCallback, useMemo, useState } from "react";
import type { Series } from "@/api/types";
import { formatMs } from "@/lib/format";
import { type Zone, zoneName } from "@/lib/time";
import { ChartLegend, type LegendMark } from "./chart-legend";
import { ChartTooltip } from "./chart-tooltip";
import type { Band } from "./marks";
import { type By, type Percentile, responseModel } from "./response-model";
import { alignedData, responseOptions } from "./response-options";
import { ceiling } from "./stack";
import { type Pointed, UplotHost } from "./uplot-host";

export interface ResponseChartProps {
  series: Series;
  by: By;
  percentile: Percentile;
  /** Milliseconds above which a check is degraded. */
  threshold: number | null;
  /** Seconds between checks: points further apart are not joined. */
  interval: number;
  zone: Zone;
  height: number;
  onZoom: (left: number, right: number) => void;
  onReset: () => void;
  /** The bucket under the crosshair, for what shows the same times elsewhere. */
  onPoint?: (index: number | null) => void;
}

/** Response times over a range, with what happened in it. */
export default function ResponseChart(props: ResponseChartProps) {
  const { series, by, percentile, threshold, interval, zone, height, onPoint, onZoom, onReset } = props;
  const [pointed, setPointed] = useState<Pointed | null>(null);
  const model = useMemo(() => responseModel(series, by, percentile), [series, by, percentile]);
  const data = useMemo(() => alignedData(model), [model]);
  const bands = useMemo(() => series.incidents.map(bandOf), [series]);
  const build = useMemo(() => {
    const neighbours = Math.max(series.step, interval) * 2.5;
    return responseOptions(model, { bands, threshold, neighbours, timeZone: zoneName(zone) });
  }, [model, bands, threshold, series.step, interval, zone]);
  const shown = useMemo(() => ({ from: series.from, to: series.to }), [series.from, series.to]);
  const point = useCallback(
    (next: Pointed | null) => {
      setPointed(next);
      onPoint?.(next?.index ?? null);
    },
    [onPoint],
  );

  return (
    <div>
      <div className="relative">
        <UplotHost
          build={build}
          data={data}
          height={height}
          shown={shown}
          onPoint={point}
          onZoom={onZoom}
          onReset={onReset}
        />
        {pointed ? <ChartTooltip series={series} layers={model.layers} pointed={pointed} zone={zone} /> : null}
      </div>
      <div className="mt-3">
        <ChartLegend layers={model.layers} marks={legendMarks(bands, threshold, model.most)} />
      </div>
    </div>
  );
}

function bandOf(incident: Series["incidents"][number]): Band {
  const tone = incident.level === "down" || incident.level === "regional" ? "down" : "degraded";
  return { from: incident.from, to: incident.to, tone };
}

function legendMarks(bands: readonly Band[], threshold: number | null, most: number | null): LegendMark[] {
  const found: LegendMark[] = [];
  if (bands.some((band) => band.tone === "down")) found.push({ name: "Incident", kind: "down" });
  if (bands.some((band) => band.tone === "degraded"))
    found.push({ name: "Degraded, or a certificate", kind: "degraded" });
  if (threshold !== null) {
    const hidden = threshold > ceiling(most, threshold) ? ", above this chart" : "";
    found.push({ name: `Degraded above ${formatMs(threshold)}${hidden}`, kind: "threshold" });
  }
  return found;
}
