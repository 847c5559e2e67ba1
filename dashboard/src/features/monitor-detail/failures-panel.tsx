import { useState } from "react";
import { useResults } from "@/api/queries/monitors";
import type { Monitor, Result } from "@/api/types";
import { reasonTitle } from "@/domain/reason";
import { Card } from "@/ui/card";
import { cn, focusRingInside } from "@/ui/cn";
import { EmptyState } from "@/ui/empty-state";
import { TextLink } from "@/ui/link-button";
import { Loaded } from "@/ui/loaded";
import { SkeletonList } from "@/ui/skeleton";
import { Moment } from "@/ui/time";
import { ResultSheet } from "./lazy-overlays";
import { resultKey } from "./results";
import { useDetailSearch } from "./use-detail-search";

const MOST = 5;
const FAILED = { verdict: "down" as const, limit: MOST };

/** The latest checks that failed; each opens with what was kept of it. */
export function FailuresPanel({ monitor }: { monitor: Monitor }) {
  const query = useResults(monitor.id, FAILED);
  const [shown, show] = useState<Result | null>(null);
  const [search] = useDetailSearch();
  return (
    <Card
      title="Latest failures"
      flush
      actions={
        <TextLink
          to="/monitors/$id"
          params={{ id: monitor.id }}
          search={{ ...search, tab: "checks", verdict: "down" }}
          className="text-sm"
        >
          All failures
        </TextLink>
      }
    >
      <Loaded
        query={query}
        failed="The failures could not be loaded"
        loading={<SkeletonList label="failures" rows={3} rowClassName="h-10" className="px-5 pb-5" />}
      >
        {({ pages }) => <Failures results={(pages[0]?.items ?? []).slice(0, MOST)} onOpen={show} />}
      </Loaded>
      <ResultSheet monitor={monitor} result={shown} onClose={() => show(null)} />
    </Card>
  );
}

function Failures({ results, onOpen }: { results: readonly Result[]; onOpen: (result: Result) => void }) {
  if (results.length === 0) return <EmptyState title="No failures">No check of this monitor has failed.</EmptyState>;
  return (
    <ul className="divide-y divide-line border-line border-t">
      {results.map((result) => (
        <li key={resultKey(result)}>
          <button
            type="button"
            onClick={() => onOpen(result)}
            className={cn(
              focusRingInside,
              "grid w-full grid-cols-[minmax(0,1fr)_auto] gap-x-4 gap-y-0.5 px-4 py-2.5 text-left text-sm last:rounded-b-lg hover:bg-hover sm:px-5",
            )}
          >
            <span className="min-w-0">
              <span className="font-medium">{reasonTitle(result.reason) || "Down"}</span>
              <span className="text-muted"> · {result.region}</span>
            </span>
            <span className="whitespace-nowrap text-muted">
              <Moment at={result.started_at ?? result.slot} />
            </span>
            {result.detail ? <span className="col-span-2 truncate text-muted">{result.detail}</span> : null}
          </button>
        </li>
      ))}
    </ul>
  );
}
