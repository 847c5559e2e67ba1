/** The geometry of a heartbeat bar: one path per state, whatever the number of cells. */
import type { Beat } from "@/domain/beat";

/** Height of a state's bar, of 100. Height, hatch and hollow say what colour says. */
export const BEAT_HEIGHT: Record<Beat, number> = {
  up: 60,
  degraded: 80,
  down: 100,
  maintenance: 60,
  missed: 25,
  none: 0,
};

export interface BarShape {
  /** Width of a cell and of the bar in it, and the height of the whole. */
  cell: number;
  bar: number;
  height: number;
}

export const LIST_SHAPE: BarShape = { cell: 4, bar: 3, height: 24 };
export const DAY_SHAPE: BarShape = { cell: 10, bar: 7, height: 40 };

export type BarPaths = Partial<Record<Beat, string>> & { hatch?: string };

/** Paths from the oldest cell at the left to the newest at the right. */
export function barPaths(beats: readonly Beat[], shape: BarShape): BarPaths {
  const paths: BarPaths = {};
  beats.forEach((beat, index) => {
    const height = round((BEAT_HEIGHT[beat] / 100) * shape.height);
    if (height === 0) return;
    const x = round(index * shape.cell + (shape.cell - shape.bar) / 2);
    const top = round(shape.height - height);
    paths[beat] =
      (paths[beat] ?? "") + (beat === "missed" ? hollow(x, top, shape, height) : solid(x, top, shape, height));
    if (beat === "maintenance") paths.hatch = (paths.hatch ?? "") + hatch(x, top, shape);
  });
  return paths;
}

function solid(x: number, top: number, { bar }: BarShape, height: number): string {
  return `M${x} ${top}h${bar}v${height}h-${bar}z`;
}

/** An outline that keeps its stroke inside the cell. */
function hollow(x: number, top: number, { bar }: BarShape, height: number): string {
  return `M${x + 0.5} ${top + 0.5}h${bar - 1}v${height - 1}h-${bar - 1}z`;
}

/** Strokes from the lower left to the upper right, cut by nothing but the bar. */
function hatch(x: number, top: number, { bar, height }: BarShape): string {
  let strokes = "";
  for (let y = top + bar + 2; y <= height; y += 5) strokes += `M${x} ${y}l${bar} -${bar}`;
  return strokes;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

/** The cell at a share (0 to 1) of the width. */
export function cellAt(share: number, count: number): number {
  return Math.min(count - 1, Math.max(0, Math.floor(share * count)));
}

export type Move = { to: number } | { leave: -1 | 1 } | { open: true };

/** What a key does in the bar: ←/→ a cell, PgUp/PgDn seven, Home/End, ↑/↓ the bar before or after, Enter opens. */
export function keyMove(key: string, at: number, count: number): Move | null {
  const to = (index: number) => ({ to: Math.min(count - 1, Math.max(0, index)) });
  switch (key) {
    case "ArrowLeft":
      return to(at - 1);
    case "ArrowRight":
      return to(at + 1);
    case "PageUp":
      return to(at - 7);
    case "PageDown":
      return to(at + 7);
    case "Home":
      return to(0);
    case "End":
      return to(count - 1);
    case "ArrowUp":
      return { leave: -1 };
    case "ArrowDown":
      return { leave: 1 };
    case "Enter":
    case " ":
      return { open: true };
    default:
      return null;
  }
}
