import { Link } from "@tanstack/react-router";
import type { Status } from "@/api/types";
import { StatusIcon } from "@/domain/components/status-icon";
import { textOf } from "@/domain/components/tones";
import { STATUS } from "@/domain/status";
import { formatCount } from "@/lib/format";
import { useCounts, useLiveRows } from "@/live/use-live";
import { cn } from "@/ui/cn";
import { Skeleton } from "@/ui/skeleton";

interface Counter {
  word: string;
  /** The first one gives the look; all are counted and filtered by. */
  statuses: readonly [Status, ...Status[]];
}

const COUNTERS: readonly Counter[] = [
  { word: "Down", statuses: ["down"] },
  { word: "Regional", statuses: ["regional"] },
  { word: "Degraded", statuses: ["degraded"] },
  { word: "Up", statuses: ["up"] },
  { word: "No verdict", statuses: ["unknown", "pending"] },
  { word: "Paused", statuses: ["paused"] },
];

/** How many monitors are what; each a way to the list of them. */
export function Counters() {
  return (
    <ul aria-label="Monitors by status" className="live-data grid grid-cols-3 gap-2 sm:gap-3 md:grid-cols-6">
      {COUNTERS.map((counter) => (
        <li key={counter.word}>
          <Link
            to="/monitors"
            search={{ status: counter.statuses.join(",") }}
            className="block rounded-lg border border-line bg-card px-3 py-2.5 hover:border-line-strong sm:py-3 lg:px-4"
          >
            <Count {...counter} />
          </Link>
        </li>
      ))}
    </ul>
  );
}

function Count({ word, statuses }: Counter) {
  const counts = useCounts();
  const { isReady } = useLiveRows();
  const count = statuses.reduce((sum, status) => sum + counts[status], 0);
  const { icon, tone } = STATUS[statuses[0]];
  return (
    <>
      <span
        className={cn(
          "flex items-center gap-1.5 text-xs max-sm:justify-between max-sm:gap-0",
          count > 0 ? textOf[tone] : "text-muted",
        )}
      >
        <StatusIcon icon={icon} className="size-3.5 shrink-0 max-sm:order-last max-[359px]:hidden" />
        <span className="truncate font-medium">{word}</span>
      </span>
      {isReady ? (
        <span
          className={cn(
            "mt-0.5 block font-semibold text-xl leading-7 tracking-tight tabular sm:text-2xl sm:leading-8",
            count === 0 && "text-muted",
          )}
        >
          {formatCount(count)}
        </span>
      ) : (
        <Skeleton className="mt-1.5 mb-1 h-5 w-10 sm:h-6" />
      )}
    </>
  );
}
