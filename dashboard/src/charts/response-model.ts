/** Response times as a chart has them: what is drawn, in which colours, and what is read off at a point. */
import type { Series, SeriesLines } from "@/api/types";
import { formatMs } from "@/lib/format";
import { fewerLines, type Line, largest, stack } from "./stack";

export const PERCENTILES = ["p50", "p95", "p99"] as const;
export type Percentile = (typeof PERCENTILES)[number];
export type By = "phases" | "regions";

/** A token: which ramp, and which step of it, from 1. */
export type Paint = { ramp: "phase" | "region"; step: number } | { ramp: "fg" | "muted" };

export interface Layer {
  name: string;
  /** As it was measured. */
  values: Line;
  /** As it is drawn: areas lie on those beneath them. */
  drawn: Line;
  paint: Paint;
  area: boolean;
  dash: readonly number[];
}

export interface ResponseModel {
  /** Unix seconds of the middle of each bucket. */
  at: number[];
  /** In the order of the legend. */
  layers: Layer[];
  most: number | null;
}

const PHASES: readonly (readonly [keyof SeriesLines["phases"], string])[] = [
  ["resolve", "DNS"],
  ["connect", "Connect"],
  ["tls", "TLS"],
  ["processing", "Waiting"],
  ["transfer", "Transfer"],
];
const DASHES: readonly (readonly number[])[] = [[], [7, 4], [2, 3], [9, 3, 2, 3], [13, 5], [4, 2]];

export function responseModel(series: Series, by: By, percentile: Percentile): ResponseModel {
  const layers = by === "phases" ? phaseLayers(series.all, percentile) : regionLayers(series, percentile);
  return {
    at: series.at.map((begin) => begin + series.step / 2),
    layers,
    most: largest(layers.map((layer) => layer.drawn)),
  };
}

function phaseLayers(all: SeriesLines, percentile: Percentile): Layer[] {
  const sums = stack(PHASES.map(([phase]) => all.phases[phase]));
  const areas = PHASES.map(([phase, name], index): Layer => {
    const paint: Paint = { ramp: "phase", step: index + 1 };
    return { name, values: all.phases[phase], drawn: sums[index] ?? [], paint, area: true, dash: [] };
  });
  const measured = areas.filter((layer) => layer.values.some((value) => value !== null));
  const line = all[percentile];
  return [...measured, { name: percentile, values: line, drawn: line, paint: { ramp: "fg" }, area: false, dash: [] }];
}

function regionLayers(series: Series, percentile: Percentile): Layer[] {
  const lines = series.regions.map((region) => ({ name: region.region, line: region[percentile] }));
  return fewerLines(lines, DASHES.length).map(({ name, line }, index): Layer => {
    const others = lines.length > DASHES.length && index === DASHES.length - 1;
    const paint: Paint = others ? { ramp: "muted" } : { ramp: "region", step: index + 1 };
    return { name, values: line, drawn: line, paint, area: false, dash: DASHES[index] ?? [] };
  });
}

/** The CSS colour of a paint. */
export function paintVar(paint: Paint): string {
  return "step" in paint ? `var(--${paint.ramp}-${paint.step})` : `var(--${paint.ramp})`;
}

/** The chart in a sentence, for those who cannot see it. */
export function responseSentence(series: Series, percentile: Percentile, words: string): string {
  const line = series.all[percentile].filter((value) => value !== null);
  if (line.length === 0) return `No response was measured in the ${words}.`;
  const whole = formatMs(series.all.summary[percentile]);
  const span = `between ${formatMs(Math.min(...line))} and ${formatMs(Math.max(...line))}`;
  const count = series.incidents.length;
  const incidents = count === 0 ? "No incident" : count === 1 ? "1 incident" : `${count} incidents`;
  return `${percentile} of the ${words} is ${whole}, ${span} over time. ${incidents} in this time.`;
}

/** Checks of a bucket by verdict, as words; those that did not occur are left out. */
export function countsAt(lines: SeriesLines, index: number): string {
  const parts = [
    [lines.up[index], "up"],
    [lines.degraded[index], "degraded"],
    [lines.down[index], "down"],
    [lines.missed[index], "not checked"],
  ] as const;
  const told = parts.filter(([count]) => (count ?? 0) > 0).map(([count, word]) => `${count} ${word}`);
  return told.length > 0 ? told.join(", ") : "no checks";
}
