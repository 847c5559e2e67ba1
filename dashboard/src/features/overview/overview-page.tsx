import { lazy, type ReactNode, Suspense } from "react";
import { useLiveRows, useNothingToWatch } from "@/live/use-live";
import { ErrorPanel } from "@/ui/error-panel";
import { PanelBoundary } from "@/ui/panel-boundary";
import { Skeleton } from "@/ui/skeleton";
import { ActivityFeed } from "./activity-feed";
import { Counters } from "./counters";
import { LiveStatistics } from "./live-statistics";
import { NeedsAttention, useHasLines } from "./needs-attention";
import { VerdictLine } from "./verdict-line";

const FleetUptime = lazy(() => import("./fleet-uptime").then(({ FleetUptime: it }) => ({ default: it })));

/** Home. `empty` stands here while there is nothing to watch. */
export function OverviewPage({ empty }: { empty: ReactNode }) {
  if (useNothingToWatch()) return empty;
  return (
    <>
      <VerdictLine />
      <RowsProblem />
      <Counters />
      <div className="mt-5 grid items-start gap-5 xl:grid-cols-[minmax(0,1fr)_22rem]">
        <div className="grid min-w-0 gap-5">
          <PanelBoundary title="What needs attention">
            <NeedsAttention />
          </PanelBoundary>
          <PanelBoundary title="Fleet uptime">
            <BelowAttention />
          </PanelBoundary>
        </div>
        <div className="grid min-w-0 gap-5 md:max-xl:grid-cols-2 md:max-xl:items-start">
          <PanelBoundary title="Live statistics">
            <LiveStatistics />
          </PanelBoundary>
          <PanelBoundary title="Activity">
            <ActivityFeed />
          </PanelBoundary>
        </div>
      </div>
    </>
  );
}

function BelowAttention() {
  const waiting = <Skeleton className="h-64 rounded-lg" />;
  if (!useHasLines()) return waiting;
  return (
    <Suspense fallback={waiting}>
      <FleetUptime />
    </Suspense>
  );
}

function RowsProblem() {
  const { problem, retry } = useLiveRows();
  if (!problem) return null;
  return <ErrorPanel error={problem} title="The monitors could not be loaded" retry={retry} className="mb-5" />;
}
