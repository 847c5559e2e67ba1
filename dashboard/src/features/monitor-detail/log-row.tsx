import { memo } from "react";
import type { Phases, Result } from "@/api/types";
import { phaseSum } from "@/domain/components/phase-waterfall";
import { VerdictChip } from "@/domain/components/status-chip";
import { reasonTitle } from "@/domain/reason";
import { formatSeconds } from "@/lib/format";
import { formatMoment, useZone } from "@/lib/time";
import { cn, focusRingInside } from "@/ui/cn";
import { causeWords } from "./results";

interface LogRowProps {
  result: Result;
  /** Seconds the whole width of the phases stands for. */
  scale: number;
  onOpen: (result: Result) => void;
}

const layout = cn(
  "grid h-full w-full items-center border-line border-b px-4 text-left text-sm hover:bg-hover",
  "grid-cols-[auto_minmax(0,1fr)_auto] content-center gap-x-3 gap-y-1 sm:gap-x-4 sm:grid-cols-[8.5rem_7rem_6.5rem_2.5rem_4.5rem_minmax(0,1fr)]",
  "lg:grid-cols-[8.5rem_8rem_6.5rem_2.5rem_4.5rem_10rem_minmax(0,1fr)]",
);

/** A line of the log; it opens the whole of it. */
export const LogRow = memo(function LogRow({ result, scale, onOpen }: LogRowProps) {
  const zone = useZone();
  const sum = phaseSum(result.phases);
  const said = [result.cause === "schedule" ? "" : causeWords(result), reasonTitle(result.reason), result.detail ?? ""];
  return (
    <button type="button" onClick={() => onOpen(result)} className={cn(layout, focusRingInside)}>
      <span className="whitespace-nowrap tabular-nums max-sm:order-4 max-sm:text-muted max-sm:text-xs">
        {formatMoment(result.slot, zone)}
      </span>
      <span className="min-w-0 truncate max-sm:order-5 max-sm:col-span-2 max-sm:text-muted max-sm:text-xs">
        {result.region}
      </span>
      <span className="max-sm:order-1">
        <VerdictChip verdict={result.verdict} />
      </span>
      <span className="text-muted tabular-nums max-sm:hidden">{result.http_status ?? "—"}</span>
      <span className="text-right tabular-nums max-sm:order-3">{sum > 0 ? formatSeconds(sum) : "—"}</span>
      <PhaseStrip phases={result.phases} scale={scale} />
      <span className="min-w-0 truncate text-muted max-sm:order-2">{said.filter(Boolean).join(" · ")}</span>
    </button>
  );
});

const PHASES: readonly (readonly [keyof Phases, string])[] = [
  ["resolve", "bg-phase-1"],
  ["connect", "bg-phase-2"],
  ["tls", "bg-phase-3"],
  ["processing", "bg-phase-4"],
  ["transfer", "bg-phase-5"],
];

/** The phases side by side, to the scale of the rows around it. */
function PhaseStrip({ phases, scale }: { phases: Phases; scale: number }) {
  return (
    <span aria-hidden className="flex h-2 overflow-hidden rounded-sm bg-sunken max-lg:hidden">
      {PHASES.map(([phase, colour]) => (
        <span key={phase} className={colour} style={{ width: `${((phases[phase] ?? 0) / scale) * 100}%` }} />
      ))}
    </span>
  );
}
