import { memo, useEffect, useRef } from "react";
import UPlot from "uplot";
import "./uplot.css";
import type { Window } from "@/lib/range";
import { useTheme } from "@/lib/theme";
import { type ChartTheme, readTheme } from "./theme";

export interface Pointed {
  /** Index of the point under the crosshair, and where it is, in CSS pixels. */
  index: number;
  left: number;
  width: number;
}

/** All that is drawn beside the data; a new value draws the chart anew. */
export type Build = (theme: ChartTheme, width: number) => Omit<UPlot.Options, "width" | "height">;

interface UplotHostProps {
  build: Build;
  data: UPlot.AlignedData;
  height: number;
  onPoint?: (pointed: Pointed | null) => void;
  /** Dragged over; without it nothing can be dragged. */
  onZoom?: (left: number, right: number) => void;
  onReset?: () => void;
  /** What is shown, whatever there is data of. */
  shown: Window;
}

const LEAST_DRAG = 8;

/** A uPlot chart that follows its box, its theme and its data. */
export const UplotHost = memo(function UplotHost(props: UplotHostProps) {
  const { build, data, height, shown } = props;
  const box = useRef<HTMLDivElement>(null);
  const latest = useRef(props);
  latest.current = props;
  const theme = useTheme();

  // biome-ignore lint/correctness/useExhaustiveDependencies: a changed theme draws anew, with the colours it has then
  useEffect(() => {
    const host = box.current;
    if (!host) return;
    const chart = create(host, build, data, height, latest);
    const observer = new ResizeObserver(() => {
      if (host.clientWidth > 0) chart.setSize({ width: host.clientWidth, height });
    });
    observer.observe(host);
    return () => {
      observer.disconnect();
      chart.destroy();
      latest.current.onPoint?.(null);
    };
  }, [build, data, height, theme, shown.from, shown.to]);

  return <div ref={box} className="w-full select-none" style={{ height }} />;
});

function create(
  host: HTMLElement,
  build: Build,
  data: UPlot.AlignedData,
  height: number,
  latest: { readonly current: UplotHostProps },
): UPlot {
  const width = host.clientWidth || 600;
  const options = build(readTheme(), width);
  const { shown } = latest.current;
  return new UPlot(
    {
      ...options,
      width,
      height,
      legend: { show: false },
      scales: { ...options.scales, x: { time: true, range: [shown.from, shown.to] } },
      cursor: {
        y: false,
        points: { size: 7 },
        drag: { x: true, y: false, setScale: false },
        bind: { dblclick: () => reset(latest) },
        ...options.cursor,
      },
      hooks: {
        ...options.hooks,
        setCursor: [(chart) => latest.current.onPoint?.(pointed(chart))],
        setSelect: [(chart) => select(chart, latest.current.onZoom)],
      },
    },
    data,
    host,
  );
}

/** uPlot asks for a handler; its own would scale to the data. */
function reset(latest: { readonly current: UplotHostProps }): () => null {
  return () => {
    latest.current.onReset?.();
    return null;
  };
}

function pointed(chart: UPlot): Pointed | null {
  const { idx, left } = chart.cursor;
  if (idx === null || idx === undefined || left === undefined || left < 0) return null;
  const offset = chart.bbox.left / devicePixelRatio;
  return { index: idx, left: offset + left, width: chart.width };
}

function select(chart: UPlot, onZoom: UplotHostProps["onZoom"]): void {
  const { left, width } = chart.select;
  if (width >= LEAST_DRAG) onZoom?.(chart.posToVal(left, "x"), chart.posToVal(left + width, "x"));
  chart.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
}
