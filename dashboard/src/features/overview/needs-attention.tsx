import { Link } from "@tanstack/react-router";
import { Check, CircleCheck } from "lucide-react";
import { useMemo } from "react";
import { sentence } from "@/api/errors";
import { useAcknowledge, useIncidents } from "@/api/queries/incidents";
import { usePolicies } from "@/api/queries/policies";
import type { Tone } from "@/lib/status";
import { store } from "@/live/live";
import { useCounts, useLiveState } from "@/live/use-live";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { cn } from "@/ui/cn";
import { EmptyState } from "@/ui/empty-state";
import { ErrorPanel } from "@/ui/error-panel";
import { TextLink } from "@/ui/link-button";
import { SkeletonList } from "@/ui/skeleton";
import { StatusIcon } from "@/ui/status-icon";
import { Ago } from "@/ui/time";
import { toast } from "@/ui/toast";
import { type Attention, needsAttention } from "./attention";

/** Lines of the panel; the rest is a link away. */
const SHOWN = 8;
const OPEN = { state: ["open", "acknowledged"] as const };

function useAttention() {
  const incidents = useIncidents(OPEN);
  const policies = usePolicies();
  const counts = useCounts();
  const [open, warned] = [incidents.data, policies.data];
  // biome-ignore lint/correctness/useExhaustiveDependencies: the counts change with the rows
  const lines = useMemo(
    () => needsAttention(open?.pages.flatMap(({ items }) => items) ?? [], store.rows(), warned ?? []),
    [open, warned, counts],
  );
  return { incidents, lines };
}

export function NeedsAttention() {
  const { incidents, lines } = useAttention();
  const rest = lines.length - SHOWN;
  return (
    <Card
      flush
      title="Needs attention"
      actions={
        <TextLink to="/incidents" className="text-sm">
          {rest > 0 ? `All incidents, ${rest}${incidents.hasNextPage ? "+" : ""} more` : "All incidents"}
        </TextLink>
      }
    >
      {incidents.isError ? (
        <div className="px-4 pb-4 sm:px-5">
          <ErrorPanel
            error={incidents.error}
            title="The incidents could not be loaded"
            retry={() => void incidents.refetch()}
            retrying={incidents.isFetching}
          />
        </div>
      ) : null}
      {incidents.isPending ? (
        <SkeletonList label="incidents" rows={3} rowClassName="h-12" className="px-4 pb-4 sm:px-5" />
      ) : lines.length > 0 ? (
        <ul>
          {lines.slice(0, SHOWN).map((line) => (
            <Line key={line.key} line={line} />
          ))}
        </ul>
      ) : incidents.isError ? null : (
        <EmptyState icon={<CircleCheck />} title="All clear" className="pt-4 pb-9">
          No incident is open, and whoever should be told can be told.
        </EmptyState>
      )}
    </Card>
  );
}

const TEXT: Record<Tone, string> = {
  up: "bg-up-tint text-up-text",
  degraded: "bg-degraded-tint text-degraded-text",
  regional: "bg-regional-tint text-regional-text",
  down: "bg-down-tint text-down-text",
  maintenance: "bg-maintenance-tint text-maintenance-text",
  paused: "bg-paused-tint text-paused-text",
  none: "bg-paused-tint text-paused-text",
};

function Line({ line }: { line: Attention }) {
  return (
    <li className="relative flex min-h-14 items-center gap-3 border-line border-t px-4 py-2 hover:bg-hover sm:px-5">
      <span aria-hidden className={cn("grid size-8 shrink-0 place-items-center rounded-full", TEXT[line.tone])}>
        <StatusIcon icon={line.icon} className="size-4" />
      </span>
      <div className="min-w-0 flex-1">
        <LineLink line={line} />
        <p className="truncate text-muted text-xs">
          {line.why}
          {line.since === null ? null : (
            <>
              {" · "}
              <Ago at={line.since} />
            </>
          )}
        </p>
      </div>
      {line.unacknowledged ? <Acknowledge id={line.unacknowledged} title={line.title} /> : null}
      {line.acknowledgedBy ? (
        <p className="max-w-40 truncate text-muted text-xs max-sm:hidden">Acknowledged by {line.acknowledgedBy}</p>
      ) : null}
    </li>
  );
}

const whole =
  "block truncate font-medium outline-none after:absolute after:inset-0 focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-accent";

function LineLink({ line: { to, title } }: { line: Attention }) {
  if (to === "policies") {
    return (
      <Link to="/alerting" search={{ tab: "policies" }} className={whole}>
        {title}
      </Link>
    );
  }
  if ("incident" in to) {
    return (
      <Link to="/incidents/$id" params={{ id: to.incident }} className={whole}>
        {title}
      </Link>
    );
  }
  return (
    <Link to="/monitors/$id" params={{ id: to.monitor }} className={whole}>
      {title}
    </Link>
  );
}

/** Offline it is refused, never queued: somebody else may have taken it meanwhile. */
function Acknowledge({ id, title }: { id: string; title: string }) {
  const acknowledge = useAcknowledge(id);
  const isOffline = useLiveState().state === "offline";
  const run = () =>
    acknowledge.mutateAsync().catch((error: unknown) => {
      toast({ title: `${title} was not acknowledged`, description: sentence(error), tone: "failed" });
    });
  return (
    <Button
      size="sm"
      className="relative z-10"
      busy={acknowledge.isPending}
      disabled={isOffline}
      title={isOffline ? "Not while offline" : undefined}
      aria-label={`Acknowledge ${title}`}
      onClick={() => void run()}
    >
      <Check aria-hidden className="sm:hidden" />
      <span className="max-sm:hidden">Acknowledge</span>
    </Button>
  );
}
