import { ChevronRight } from "lucide-react";
import type { TriedRegion } from "@/api/queries/try";
import { reasonTitle } from "@/domain/reason";
import { REASON_HELP } from "@/domain/reason-help";
import { formatIn, seconds, useZone, zoneName } from "@/lib/time";
import { cn, focusRing } from "@/ui/cn";
import { EvidenceView } from "./evidence";
import { PhaseWaterfall, phaseSum } from "./phase-waterfall";
import { VerdictChip } from "./status-chip";

type Outcome = NonNullable<TriedRegion["outcome"]>;

interface TriedOutcomeProps {
  region: string;
  outcome: Outcome;
  /** Seconds of the slowest region. */
  total: number;
}

/** One region's outcome: what it found, which expectation failed, where the time went, and what it saw. */
export function TriedOutcome({ region, outcome, total }: TriedOutcomeProps) {
  const sum = phaseSum(outcome.phases);
  return (
    <div>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <span className="min-w-0 flex-1 truncate font-medium">{region}</span>
        {outcome.http_status ? (
          <span className="text-muted text-sm tabular-nums">HTTP {outcome.http_status}</span>
        ) : null}
        <VerdictChip verdict={outcome.verdict} />
      </div>
      <Why outcome={outcome} />
      {sum > 0 ? <PhaseWaterfall phases={outcome.phases} total={total} className="mt-3" /> : null}
      <Facts outcome={outcome} />
      <Seen outcome={outcome} />
    </div>
  );
}

function Why({ outcome }: { outcome: Outcome }) {
  if (!outcome.reason) return null;
  const help = REASON_HELP[outcome.reason];
  return (
    <div
      className={cn(
        "mt-2 rounded-lg px-3 py-2 text-sm",
        outcome.verdict === "degraded" ? "bg-degraded-tint" : "bg-down-tint",
      )}
    >
      <p className={cn("font-medium", outcome.verdict === "degraded" ? "text-degraded-text" : "text-down-text")}>
        {reasonTitle(outcome.reason)}
      </p>
      <p className="mt-0.5 break-words">{outcome.detail ?? help.sentence}</p>
      <p className="mt-0.5 text-muted">{help.hint}</p>
      {outcome.suspect ? <p className="mt-1">The probe doubts this: its own {outcome.suspect} is not right.</p> : null}
    </div>
  );
}

function Facts({ outcome }: { outcome: Outcome }) {
  const zone = useZone();
  const ends = outcome.certificate?.not_after;
  if (!outcome.address && !ends) return null;
  return (
    <p className="mt-2 flex flex-wrap gap-x-4 gap-y-0.5 text-muted text-xs">
      {outcome.address ? <span className="break-all">Address {outcome.address}</span> : null}
      {ends ? (
        <span>
          Certificate until{" "}
          {formatIn(seconds(ends), zoneName(zone), { day: "numeric", month: "short", year: "numeric" })}
        </span>
      ) : null}
    </p>
  );
}

function Seen({ outcome }: { outcome: Outcome }) {
  const evidence = outcome.evidence;
  if (!evidence) return null;
  return (
    <details className="group mt-2">
      <summary
        className={cn(
          focusRing,
          "inline-flex min-h-6 items-center gap-1 rounded-sm text-accent text-sm pointer-coarse:min-h-11 [&::-webkit-details-marker]:hidden",
        )}
      >
        <ChevronRight aria-hidden className="size-4 transition-transform group-open:rotate-90" />
        What it saw
      </summary>
      <div className="mt-2 flex flex-col gap-2">
        <EvidenceView evidence={evidence} />
      </div>
    </details>
  );
}
