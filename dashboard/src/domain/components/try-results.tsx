import type { TryPart, TryState } from "@/api/queries/try";
import { plural } from "@/lib/format";
import { Badge } from "@/ui/badge";
import { cn } from "@/ui/cn";
import { Skeleton } from "@/ui/skeleton";
import { phaseSum } from "./phase-waterfall";
import { TriedOutcome } from "./tried-outcome";

/** What each region found, as the answers come in. All waterfalls share a scale. */
export function TryResults({ state, className }: { state: TryState; className?: string }) {
  const slowest = Math.max(0, ...state.parts.map((part) => phaseSum(part.answer?.outcome?.phases ?? {})));
  return (
    <div className={cn("flex flex-col", className)}>
      <p role="status" className="sr-only">
        {summary(state)}
      </p>
      <ul className="divide-y divide-line">
        {state.parts.map((part) => (
          <li key={part.region} className="py-4 first:pt-0 last:pb-0">
            <Part part={part} total={slowest} />
          </li>
        ))}
      </ul>
    </div>
  );
}

/** In a sentence: "2 of 3 regions find it up." */
export function summary({ busy, parts }: TryState): string {
  const done = parts.filter((part) => part.state === "done");
  if (busy) return `${done.length} of ${plural(parts.length, "region")} have answered.`;
  if (parts.length === 0) return "";
  const up = done.filter((part) => part.answer?.outcome?.verdict === "up").length;
  return up === parts.length
    ? parts.length === 1
      ? "The region finds it up."
      : `All ${plural(parts.length, "region")} find it up.`
    : `${up} of ${plural(parts.length, "region")} find it up.`;
}

function Part({ part, total }: { part: TryPart; total: number }) {
  if (part.state === "asking") return <Asking region={part.region} />;
  const outcome = part.answer?.outcome;
  if (!outcome) return <Silent region={part.region} why={part.answer?.why ?? "It has not answered."} />;
  return <TriedOutcome region={part.region} outcome={outcome} total={total} />;
}

function Asking({ region }: { region: string }) {
  return (
    <div aria-busy="true">
      <p className="flex items-center justify-between gap-3">
        <span className="min-w-0 truncate font-medium">{region}</span>
        <span className="text-muted text-sm">checking…</span>
      </p>
      <Skeleton className="mt-3 h-2.5 w-full" />
      <Skeleton className="mt-2 h-2.5 w-4/5" />
      <Skeleton className="mt-2 h-2.5 w-2/3" />
    </div>
  );
}

function Silent({ region, why }: { region: string; why: string }) {
  return (
    <div>
      <p className="flex items-center justify-between gap-3">
        <span className="min-w-0 truncate font-medium">{region}</span>
        <Badge>No answer</Badge>
      </p>
      <p className="mt-1 break-words text-muted text-sm">{why}</p>
    </div>
  );
}
