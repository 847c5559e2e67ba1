import { BEAT_WORD, type Beat } from "@/domain/beat";
import { BeatPaths, viewBox } from "./heartbeat-bar";
import { LIST_SHAPE } from "./heartbeat-paths";

const SHAPE = { ...LIST_SHAPE, cell: 8, bar: 6 };
const BEATS = Object.keys(BEAT_WORD) as Beat[];

interface HeartbeatLegendProps {
  /** Other words for what the states mean here; those left out of `only` are not shown. */
  words?: Partial<Record<Beat, string>>;
  only?: readonly Beat[];
}

/** What the heights and colours of a bar mean; once a page. */
export function HeartbeatLegend({ words, only }: HeartbeatLegendProps) {
  return (
    <ul aria-label="Legend" className="flex flex-wrap gap-x-4 gap-y-1 text-muted text-xs">
      {BEATS.filter((beat) => !only || only.includes(beat)).map((beat) => (
        <li key={beat} className="flex items-center gap-1.5">
          <svg viewBox={viewBox(1, SHAPE)} aria-hidden="true" className="h-4 w-2.5" preserveAspectRatio="none">
            <rect y={SHAPE.height - 1} width={SHAPE.cell} height={1} className="fill-line-strong" />
            <BeatPaths beats={[beat]} shape={SHAPE} />
          </svg>
          {words?.[beat] ?? BEAT_WORD[beat]}
        </li>
      ))}
    </ul>
  );
}
