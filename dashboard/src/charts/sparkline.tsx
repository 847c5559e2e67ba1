import { useMemo } from "react";
import { cn } from "@/ui/cn";
import { type Line, largest, thinned } from "./stack";

const WIDTH = 120;
const HEIGHT = 28;
const TOP = 2;
const POINTS = 60;
/** Width of a point that stands alone. */
const LONE = 1.5;

/** The line's path from zero up; a gap stays a gap, and a lone point is a short dash. */
export function sparkPath(line: Line, width = WIDTH, height = HEIGHT): string {
  const most = largest([line]);
  if (most === null) return "";
  const step = line.length > 1 ? width / (line.length - 1) : 0;
  const y = (value: number) => fixed(height - 1 - (most === 0 ? 0 : (value / most) * (height - 1 - TOP)));
  let path = "";
  line.forEach((value, at) => {
    if (value === null) return;
    const x = fixed(at * step);
    const follows = at > 0 && line[at - 1] !== null;
    const lone = !follows && (line[at + 1] ?? null) === null;
    path += follows ? `L${x} ${y(value)}` : `M${lone ? Math.min(x, width - LONE) : x} ${y(value)}`;
    if (lone) path += `h${LONE}`;
  });
  return path;
}

function fixed(value: number): number {
  return Math.round(value * 10) / 10;
}

interface SparklineProps {
  line: Line;
  /** A sentence; without it the line is decoration beside the figures. */
  label?: string;
  /** The point to mark, such as under another chart's crosshair. */
  at?: number | null;
  className?: string;
}

/** A line without axes, from zero. */
export function Sparkline({ line, label, at = null, className }: SparklineProps) {
  const path = useMemo(() => sparkPath(thinned(line, POINTS)), [line]);
  const x = at !== null && line.length > 1 ? (at * WIDTH) / (line.length - 1) : null;
  const drawing = (
    <svg
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      aria-hidden="true"
      className={cn("block h-7 w-full", className)}
    >
      <line
        x1={0}
        x2={WIDTH}
        y1={HEIGHT - 0.5}
        y2={HEIGHT - 0.5}
        className="stroke-line"
        vectorEffect="non-scaling-stroke"
      />
      <path d={path} fill="none" className="stroke-accent" strokeWidth={1.5} vectorEffect="non-scaling-stroke" />
      {x === null ? null : (
        <line
          x1={x}
          x2={x}
          y1={0}
          y2={HEIGHT}
          className="stroke-muted"
          strokeDasharray="2 2"
          vectorEffect="non-scaling-stroke"
        />
      )}
    </svg>
  );
  if (!label) return drawing;
  return (
    <span role="img" aria-label={label} className="block">
      {drawing}
    </span>
  );
}
