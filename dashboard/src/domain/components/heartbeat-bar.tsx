import { memo, useMemo } from "react";
import { type Beat, beatsOf, beatsSentence } from "@/domain/beat";
import { cn } from "@/ui/cn";
import { type BarShape, barPaths, LIST_SHAPE } from "./heartbeat-paths";

const FILL: Partial<Record<Beat, string>> = {
  up: "fill-up-fill",
  degraded: "fill-degraded-fill",
  down: "fill-down-fill",
  maintenance: "fill-maintenance-fill",
};

/** The paths of a bar, to put into an svg of its view box. */
export const BeatPaths = memo(function BeatPaths({ beats, shape }: { beats: readonly Beat[]; shape: BarShape }) {
  const paths = useMemo(() => barPaths(beats, shape), [beats, shape]);
  const states = (Object.keys(FILL) as Beat[]).filter((beat) => paths[beat]);
  return (
    <>
      {states.map((beat) => (
        <path key={beat} d={paths[beat]} className={FILL[beat]} />
      ))}
      {paths.hatch ? (
        <path
          d={paths.hatch}
          className="stroke-card"
          strokeWidth={1.25}
          vectorEffect="non-scaling-stroke"
          fill="none"
        />
      ) : null}
      {paths.missed ? (
        <path
          d={paths.missed}
          className="stroke-muted"
          strokeWidth={1}
          strokeDasharray="2.5 1"
          vectorEffect="non-scaling-stroke"
          fill="none"
        />
      ) : null}
    </>
  );
});

export function viewBox(count: number, { cell, height }: BarShape): string {
  return `0 0 ${count * cell} ${height}`;
}

interface HeartbeatBarProps {
  /** One char a slot, as the API gives them, oldest first. */
  beats: string;
  /** Cells to show; the newest is at the right. */
  count?: number;
  /** What it is a bar of, where the sentence alone would not do. */
  label?: string;
  className?: string;
}

/** The bar of a row: a picture with a sentence. */
export const HeartbeatBar = memo(function HeartbeatBar({ beats, count = 40, label, className }: HeartbeatBarProps) {
  const cells = useMemo(() => beatsOf(beats, count), [beats, count]);
  const sentence = beatsSentence(cells);
  return (
    <svg
      role="img"
      aria-label={label ? `${label}. ${sentence}` : sentence}
      viewBox={viewBox(count, LIST_SHAPE)}
      preserveAspectRatio="none"
      className={cn("block h-6 w-full", className)}
    >
      <line
        x1={0}
        x2={count * LIST_SHAPE.cell}
        y1={LIST_SHAPE.height - 0.5}
        y2={LIST_SHAPE.height - 0.5}
        className="stroke-line"
        vectorEffect="non-scaling-stroke"
      />
      <BeatPaths beats={cells} shape={LIST_SHAPE} />
    </svg>
  );
});
