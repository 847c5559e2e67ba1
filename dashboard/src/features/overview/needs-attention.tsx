import { CircleCheck } from "lucide-react";
import { useDeferredValue, useMemo } from "react";
import { useIncidents } from "@/api/queries/incidents";
import { usePolicies } from "@/api/queries/policies";
import { store } from "@/live/live";
import { useCounts } from "@/live/use-live";
import { Card } from "@/ui/card";
import { EmptyState } from "@/ui/empty-state";
import { ErrorPanel } from "@/ui/error-panel";
import { TextLink } from "@/ui/link-button";
import { SkeletonList } from "@/ui/skeleton";
import { needsAttention } from "./attention";
import { AttentionLine } from "./attention-line";

/** Lines of the panel; the rest is a link away. */
const SHOWN = 8;
const OPEN = { state: ["open", "acknowledged"] as const };

function useAttention() {
  const incidents = useIncidents(OPEN);
  const policies = usePolicies();
  // What arrives is drawn in small steps, and what arrives together at once.
  const open = useDeferredValue(incidents.data);
  const warned = useDeferredValue(policies.data);
  const counts = useDeferredValue(useCounts());
  // biome-ignore lint/correctness/useExhaustiveDependencies: the counts change with the rows
  const lines = useMemo(
    () => needsAttention(open?.pages.flatMap(({ items }) => items) ?? [], store.rows(), warned ?? []),
    [open, warned, counts],
  );
  return { incidents, lines, isWaiting: open === undefined && !incidents.isError };
}

/** Whether the panel has its lines, and so its height: what stands below would be pushed away before. */
export function useHasLines(): boolean {
  return !useDeferredValue(useIncidents(OPEN).isPending);
}

export function NeedsAttention() {
  const { incidents, lines, isWaiting } = useAttention();
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
      {isWaiting ? (
        <SkeletonList label="incidents" rows={3} rowClassName="h-12" className="px-4 pb-4 sm:px-5" />
      ) : lines.length > 0 ? (
        <ul>
          {lines.slice(0, SHOWN).map((line) => (
            <AttentionLine key={line.key} line={line} />
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
