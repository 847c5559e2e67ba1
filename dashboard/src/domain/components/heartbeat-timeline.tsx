import { type KeyboardEvent, type PointerEvent, type ReactNode, useId, useMemo, useRef, useState } from "react";
import type { Beat } from "@/domain/beat";
import { cn, focusRing, focusRingInside } from "@/ui/cn";
import { BeatPaths, viewBox } from "./heartbeat-bar";
import { cellAt, DAY_SHAPE, keyMove } from "./heartbeat-paths";

export interface BarCell {
  key: string;
  beat: Beat;
  /** "Aug 22": the head of its row in the table. */
  title: string;
  /** "75 % uptime, 1 incident". */
  detail: string;
}

interface HeartbeatTimelineProps {
  /** What it shows, and of which time. */
  label: string;
  /** Oldest first. */
  cells: readonly BarCell[];
  startLabel: string;
  endLabel: string;
  /** The head of the table's first column. */
  unit: string;
  /** Enter, or a click with a mouse, opens a cell. */
  onOpen?: (index: number) => void;
  /** Beside the labels, such as a legend. */
  children?: ReactNode;
}

const MARK = "data-heartbeat-timeline";

/** A bar one can walk: one tab stop, arrows, a tap, and the same as a table. */
export function HeartbeatTimeline(props: HeartbeatTimelineProps) {
  const { cells, startLabel, endLabel, children } = props;
  const [asTable, setAsTable] = useState(false);
  return (
    <div>
      {asTable ? <CellTable {...props} /> : <Bar {...props} />}
      <div className="mt-1.5 flex items-baseline justify-between gap-2 text-muted text-xs">
        <span>{startLabel}</span>
        <span>{endLabel}</span>
      </div>
      <div className="mt-3 flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        {children ?? <span />}
        <button
          type="button"
          aria-pressed={asTable}
          disabled={cells.length === 0}
          onClick={() => setAsTable(!asTable)}
          className={cn(
            focusRing,
            "min-h-6 rounded-sm text-accent text-xs underline underline-offset-3 pointer-coarse:min-h-11",
          )}
        >
          {asTable ? "View as bar" : "View as table"}
        </button>
      </div>
    </div>
  );
}

function Bar({ label, cells, onOpen }: HeartbeatTimelineProps) {
  const [at, setAt] = useState(cells.length - 1);
  const [shown, setShown] = useState(false);
  const hint = useId();
  const box = useRef<HTMLDivElement>(null);
  const beats = useMemo(() => cells.map((cell) => cell.beat), [cells]);
  const index = Math.min(Math.max(at, 0), cells.length - 1);
  const cell = cells[index];

  const onKeyDown = (event: KeyboardEvent) => {
    const move = event.altKey || event.ctrlKey || event.metaKey ? null : keyMove(event.key, index, cells.length);
    if (event.key === "Escape") setShown(false);
    if (move === null) return;
    event.preventDefault();
    setShown(true);
    if ("to" in move) setAt(move.to);
    else if ("open" in move) onOpen?.(index);
    else neighbour(box.current, move.leave)?.focus();
  };
  const point = (event: PointerEvent) => {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    const found = width > 0 ? cellAt((event.clientX - left) / width, cells.length) : index;
    setAt(found);
    setShown(true);
    return found;
  };
  const click = (event: PointerEvent) => {
    const found = point(event);
    if (event.pointerType === "mouse") onOpen?.(found);
  };

  return (
    <div className="relative">
      <div
        ref={box}
        {...{ [MARK]: "" }}
        role="slider"
        tabIndex={0}
        aria-label={label}
        aria-describedby={hint}
        aria-valuemin={1}
        aria-valuemax={Math.max(1, cells.length)}
        aria-valuenow={index + 1}
        aria-valuetext={cell ? `${cell.title}: ${cell.detail}` : "No data"}
        onKeyDown={onKeyDown}
        onFocus={(event) => setShown(event.currentTarget.matches(":focus-visible"))}
        onBlur={() => setShown(false)}
        onPointerMove={point}
        onPointerUp={click}
        onPointerLeave={() => setShown(false)}
        className={cn(focusRingInside, "cursor-pointer touch-pan-y rounded-sm p-0.5")}
      >
        <svg
          viewBox={viewBox(cells.length, DAY_SHAPE)}
          preserveAspectRatio="none"
          aria-hidden="true"
          className="block h-10 w-full overflow-visible"
        >
          <rect x={0} y={DAY_SHAPE.height - 1} width={cells.length * DAY_SHAPE.cell} height={1} className="fill-line" />
          {shown && cell ? (
            <rect x={index * DAY_SHAPE.cell} width={DAY_SHAPE.cell} height={DAY_SHAPE.height} className="fill-fg/12" />
          ) : null}
          <BeatPaths beats={beats} shape={DAY_SHAPE} />
        </svg>
      </div>
      <span id={hint} className="sr-only">
        Arrow keys move by one, Page Up and Page Down by seven{onOpen ? ", Enter opens" : ""}.
      </span>
      {shown && cell ? <Bubble cell={cell} share={(index + 0.5) / cells.length} /> : null}
    </div>
  );
}

/** What the pointer or the keyboard is at; told to screen readers by the bar itself. */
function Bubble({ cell, share }: { cell: BarCell; share: number }) {
  return (
    <div
      aria-hidden="true"
      className="pointer-events-none absolute bottom-full z-10 mb-1 w-max max-w-64 rounded-md bg-fg px-2 py-1 text-bg text-xs shadow-pop"
      style={{ left: `${share * 100}%`, transform: `translateX(${-share * 100}%)` }}
    >
      <span className="font-medium">{cell.title}</span>
      <span className="block tabular-nums">{cell.detail}</span>
    </div>
  );
}

function CellTable({ label, cells, unit }: HeartbeatTimelineProps) {
  return (
    <section
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
      className={cn(focusRingInside, "max-h-72 overflow-y-auto rounded-md border border-line")}
    >
      <table className="w-full text-left text-sm">
        <caption className="sr-only">{label}</caption>
        <thead className="sticky top-0 bg-card text-muted text-xs">
          <tr>
            <th scope="col" className="px-3 py-2 font-medium">
              {unit}
            </th>
            <th scope="col" className="px-3 py-2 font-medium">
              Result
            </th>
          </tr>
        </thead>
        <tbody>
          {[...cells].reverse().map((cell) => (
            <tr key={cell.key} className="border-line border-t">
              <th scope="row" className="whitespace-nowrap px-3 py-1.5 font-normal">
                {cell.title}
              </th>
              <td className="px-3 py-1.5">{cell.detail}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** The timeline before or after this one on the page. */
function neighbour(box: HTMLElement | null, step: -1 | 1): HTMLElement | undefined {
  const all = [...document.querySelectorAll<HTMLElement>(`[${MARK}]`)];
  return box ? all[all.indexOf(box) + step] : undefined;
}
