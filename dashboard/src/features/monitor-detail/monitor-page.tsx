import { lazy, Suspense } from "react";
import { useMonitorQuery } from "@/api/queries/monitors";
import type { Monitor } from "@/api/types";
import { ApiError } from "@/lib/errors";
import { usePageTitle } from "@/lib/title";
import { useMonitor } from "@/live/use-live";
import { ErrorPanel } from "@/ui/error-panel";
import { Skeleton, SkeletonList } from "@/ui/skeleton";
import { Gone } from "./gone";
import { Header } from "./header";
import { headline } from "./headline";
import { OverviewTab } from "./overview-tab";
import { PageTabs } from "./page-tabs";
import { useDetailSearch, useMonitorId } from "./use-detail-search";

const ChecksTab = lazy(() => import("./checks-tab").then(({ ChecksTab: component }) => ({ default: component })));

/** A monitor's own page. */
export function MonitorPage() {
  const id = useMonitorId();
  const query = useMonitorQuery(id);
  const live = useMonitor(id);
  const head = headline(query.data, live);
  usePageTitle(head?.name);
  if (query.error instanceof ApiError && query.error.status === 404) return <Gone />;
  return (
    <>
      {head ? <Header head={head} monitor={query.data} /> : <h1 className="sr-only">Monitor</h1>}
      {query.isError ? (
        <ErrorPanel
          error={query.error}
          title="The monitor could not be loaded"
          retry={() => void query.refetch()}
          retrying={query.isFetching}
          className="mb-4"
        />
      ) : null}
      {query.data ? <Body monitor={query.data} /> : query.isError ? null : <Loading isHeadless={head === null} />}
    </>
  );
}

function Body({ monitor }: { monitor: Monitor }) {
  const [search] = useDetailSearch();
  return (
    <>
      <PageTabs id={monitor.id} search={search} />
      {search.tab === "checks" ? (
        <Suspense fallback={<SkeletonList label="checks" rows={10} rowClassName="h-11" />}>
          <ChecksTab monitor={monitor} />
        </Suspense>
      ) : (
        <OverviewTab monitor={monitor} />
      )}
    </>
  );
}

function Loading({ isHeadless }: { isHeadless: boolean }) {
  return (
    <div role="status">
      <span className="sr-only">Loading the monitor</span>
      {isHeadless ? (
        <>
          <Skeleton className="h-7 w-56" />
          <Skeleton className="mt-2 mb-5 h-5 w-72 max-w-full" />
        </>
      ) : null}
      <Skeleton className="mb-5 h-10 w-48" />
      <Skeleton className="h-52 w-full" />
      <div className="mt-4 grid grid-cols-2 gap-3 md:grid-cols-4">
        {["uptime", "p50", "p95", "p99"].map((name) => (
          <Skeleton key={name} className="h-24" />
        ))}
      </div>
      <Skeleton className="mt-4 h-96 w-full" />
    </div>
  );
}
