import { useMemo } from "react";
import { StatusIcon } from "@/domain/components/status-icon";
import { tintOf } from "@/domain/components/tones";
import { STATUS } from "@/domain/status";
import { uncheckedWords } from "@/domain/unchecked";
import { formatClock, useZone } from "@/lib/time";
import { store } from "@/live/live";
import { useCounts, useLiveRows, useLiveState, useServerNow, useStalledSince } from "@/live/use-live";
import { cn } from "@/ui/cn";
import { Skeleton } from "@/ui/skeleton";
import { verdictOf } from "./verdict-words";

/** The whole fleet in a sentence. Without a connection it claims nothing. */
export function VerdictLine() {
  const counts = useCounts();
  const now = useServerNow();
  const { isReady } = useLiveRows();
  const { state, since } = useLiveState();
  const zone = useZone();
  const stalled = useStalledSince();
  const verdict = useMemo(() => {
    const unchecked = stalled === null ? null : uncheckedWords(stalled, zone);
    return verdictOf(counts, store.rows(), now, unchecked);
  }, [counts, now, stalled, zone]);
  const isUnknown = state === "offline" || (state === "reconnecting" && since === 0 && !isReady);
  const { tone, icon } = STATUS[isUnknown ? "unknown" : verdict.status];
  if (!isReady && !isUnknown) return <Waiting />;
  return (
    <header className="mb-5 flex items-center gap-3.5">
      <span aria-hidden className={cn("grid size-11 shrink-0 place-items-center rounded-lg", tintOf[tone])}>
        <StatusIcon icon={icon} className="size-5" />
      </span>
      <div className="min-w-0">
        <h1 className="break-words font-semibold text-xl leading-7 tracking-tight tabular">
          {isUnknown ? "Status unknown – no connection" : verdict.words}
        </h1>
        {isUnknown && since > 0 ? (
          <p className="text-muted text-sm">What you see below is as of {formatClock(since, zone)}.</p>
        ) : null}
      </div>
    </header>
  );
}

function Waiting() {
  return (
    <header className="mb-5 flex items-center gap-3.5">
      <Skeleton className="size-11 rounded-lg" />
      <h1>
        <span className="sr-only">Loading the overview</span>
        <Skeleton className="h-6 w-64" />
      </h1>
    </header>
  );
}
