import { useState } from "react";
import type { LogFilter } from "@/api/queries/monitors-detail";
import type { Monitor, Result } from "@/api/types";
import { Button } from "@/ui/button";
import { EmptyState } from "@/ui/empty-state";
import { Loaded } from "@/ui/loaded";
import { SkeletonList } from "@/ui/skeleton";
import { ChecksToolbar } from "./checks-toolbar";
import { ResultSheet } from "./lazy-overlays";
import { LogList } from "./log-list";
import { newWords } from "./results";
import { useDetailSearch } from "./use-detail-search";
import { useTail } from "./use-log";

/** Every check, newest first. */
export function ChecksTab({ monitor }: { monitor: Monitor }) {
  const [{ region, verdict }, change] = useDetailSearch();
  const [isTailing, setTailing] = useState(true);
  const [shown, show] = useState<Result | null>(null);
  const filter: LogFilter = { region, verdict };
  const { log, results, fresh, read, isLive } = useTail(monitor.id, filter, isTailing);
  const readNew = () => {
    window.scrollTo({ top: 0 });
    read();
  };
  return (
    <div>
      <ChecksToolbar
        monitor={monitor}
        filter={filter}
        onFilter={(next) => change(next, true)}
        isTailing={isTailing}
        onTailing={setTailing}
        isLive={isLive}
      />
      <div role="status" className="pointer-events-none sticky top-16 z-10 flex h-0 justify-center">
        {fresh > 0 ? (
          <Button size="sm" variant="primary" className="pointer-events-auto mt-2 shadow-pop" onClick={readNew}>
            {newWords(fresh)}
          </Button>
        ) : null}
      </div>
      <Loaded
        query={log}
        failed="The checks could not be loaded"
        loading={<SkeletonList label="checks" rows={10} rowClassName="h-11" />}
      >
        {() =>
          results.length === 0 ? (
            <NoChecks filter={filter} onWiden={() => change({ region: undefined, verdict: undefined }, true)} />
          ) : (
            <LogList
              results={results}
              onOpen={show}
              hasMore={log.hasNextPage}
              isLoading={log.isFetchingNextPage}
              more={() => void log.fetchNextPage()}
            />
          )
        }
      </Loaded>
      <ResultSheet monitor={monitor} result={shown} onClose={() => show(null)} />
    </div>
  );
}

function NoChecks({ filter, onWiden }: { filter: LogFilter; onWiden: () => void }) {
  if (!filter.region && !filter.verdict) {
    return <EmptyState title="No checks yet">The first result takes seconds.</EmptyState>;
  }
  return (
    <EmptyState
      title={filter.verdict === "down" ? "No failures" : "No such checks"}
      action={<Button onClick={onWiden}>Show all checks</Button>}
    >
      Nothing in the log fits these filters.
    </EmptyState>
  );
}
