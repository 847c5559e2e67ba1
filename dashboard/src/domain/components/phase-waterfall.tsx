import type { Phases } from "@/api/types";
import { formatSeconds } from "@/lib/format";
import { cn } from "@/ui/cn";

interface PhaseWaterfallProps {
  /** Seconds of each; a phase that was not measured is absent, and not drawn as zero. */
  phases: Phases;
  /** Seconds the whole width stands for, to compare several; else their sum. */
  total?: number;
  className?: string;
}

const STEPS: readonly { key: keyof Phases; word: string; color: string }[] = [
  { key: "resolve", word: "DNS", color: "bg-phase-1" },
  { key: "connect", word: "Connect", color: "bg-phase-2" },
  { key: "tls", word: "TLS", color: "bg-phase-3" },
  { key: "processing", word: "Waiting", color: "bg-phase-4" },
  { key: "transfer", word: "Transfer", color: "bg-phase-5" },
];

/** The sum of what was measured, in seconds. */
export function phaseSum(phases: Phases): number {
  return STEPS.reduce((sum, step) => sum + (phases[step.key] ?? 0), 0);
}

/** What a check spent its time on: a bar for each phase, each beginning where the last one ended. */
export function PhaseWaterfall({ phases, total, className }: PhaseWaterfallProps) {
  const sum = phaseSum(phases);
  const whole = Math.max(total ?? sum, sum, Number.EPSILON);
  let gone = 0;
  const rows = STEPS.flatMap((step) => {
    const took = phases[step.key];
    if (took === undefined) return [];
    const from = gone;
    gone += took;
    return [{ ...step, took, from }];
  });
  if (rows.length === 0) return <p className="text-muted text-sm">No phase was measured.</p>;
  return (
    <dl className={cn("grid grid-cols-[auto_minmax(0,1fr)_auto] items-center gap-x-3 gap-y-1 text-xs", className)}>
      {rows.map((row) => (
        <div key={row.key} className="col-span-3 grid grid-cols-subgrid items-center">
          <dt className="text-muted">{row.word}</dt>
          <dd className="order-last text-right tabular-nums">{formatSeconds(row.took)}</dd>
          <dd aria-hidden className="relative h-2.5 overflow-hidden rounded-sm bg-sunken">
            <span
              className={cn("absolute inset-y-0 min-w-0.5 rounded-sm forced-colors:bg-[Highlight]", row.color)}
              style={{
                left: `min(${(row.from / whole) * 100}%, calc(100% - 2px))`,
                width: `${(row.took / whole) * 100}%`,
              }}
            />
          </dd>
        </div>
      ))}
      <div className="col-span-3 grid grid-cols-subgrid items-center font-medium">
        <dt>Total</dt>
        <dd aria-hidden />
        <dd className="text-right tabular-nums">{formatSeconds(sum)}</dd>
      </div>
    </dl>
  );
}
