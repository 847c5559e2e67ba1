/** A model of response times as uPlot wants it. */
import type UPlot from "uplot";
import { msLabel, timeLabels, timeSplits } from "./axis";
import { type Band, marks } from "./marks";
import type { Layer, Paint, ResponseModel } from "./response-model";
import { ceiling, isolated } from "./stack";
import type { ChartTheme } from "./theme";
import type { Build } from "./uplot-host";

export interface ResponseMarks {
  bands: readonly Band[];
  /** Milliseconds above which a check is degraded. */
  threshold: number | null;
  /** Seconds between points that are still neighbours. */
  neighbours: number;
  timeZone: string;
}

/** Areas first, the highest first, so that each lies before the one that reaches above it; then the lines. */
export function paintOrder(layers: readonly Layer[]): Layer[] {
  return [...layers.filter((layer) => layer.area).reverse(), ...layers.filter((layer) => !layer.area)];
}

export function alignedData(model: ResponseModel): UPlot.AlignedData {
  return [model.at, ...paintOrder(model.layers).map((layer) => layer.drawn)];
}

export function responseOptions(model: ResponseModel, extra: ResponseMarks): Build {
  const top = ceiling(model.most, extra.threshold);
  return (theme) => ({
    padding: [8, 8, 0, 0],
    series: [{}, ...paintOrder(model.layers).map((layer) => seriesOf(layer, theme, extra.neighbours))],
    scales: { y: { range: [0, top] } },
    axes: [timeAxis(theme, extra.timeZone), msAxis(theme)],
    plugins: [marks(extra.bands, extra.threshold, theme)],
  });
}

function colour(paint: Paint, theme: ChartTheme): string {
  if (!("step" in paint)) return theme[paint.ramp];
  const ramp = paint.ramp === "phase" ? theme.phases : theme.regions;
  return ramp[paint.step - 1] ?? theme.muted;
}

function seriesOf(layer: Layer, theme: ChartTheme, neighbours: number): UPlot.Series {
  const stroke = colour(layer.paint, theme);
  return {
    label: layer.name,
    stroke,
    width: layer.area ? 1 : 1.75,
    ...(layer.area ? { fill: stroke } : { dash: [...layer.dash] }),
    points: {
      show: true,
      size: 4,
      fill: stroke,
      filter: (chart, index) => isolated(chart.data[index] ?? []),
    },
    gaps: (chart, _series, _from, _to, gaps) => gaps.filter(([from, to]) => span(chart, from, to) > neighbours),
  };
}

function span(chart: UPlot, from: number, to: number): number {
  return chart.posToVal(to, "x", true) - chart.posToVal(from, "x", true);
}

function timeAxis(theme: ChartTheme, timeZone: string): UPlot.Axis {
  return {
    stroke: theme.muted,
    font: theme.font,
    grid: { show: false },
    ticks: { stroke: theme.line, size: 4 },
    size: 28,
    splits: (chart, _axis, from, to) => timeSplits(from, to, chart.bbox.width / devicePixelRatio, timeZone),
    values: (_chart, splits) => timeLabels(splits, timeZone),
  };
}

function msAxis(theme: ChartTheme): UPlot.Axis {
  return {
    stroke: theme.muted,
    font: theme.font,
    grid: { stroke: theme.line, width: 1 },
    ticks: { show: false },
    size: 56,
    space: 40,
    values: (_chart, splits) => splits.map(msLabel),
  };
}
