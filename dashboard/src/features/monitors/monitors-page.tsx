import { Plus } from "lucide-react";
import { useRef, useState } from "react";
import { useMay } from "@/api/roles";
import { formatCount, plural } from "@/lib/format";
import { AsOf } from "@/live/as-of";
import { useLiveRows, useMonitorCount, useMonitorIds } from "@/live/use-live";
import { ErrorPanel } from "@/ui/error-panel";
import { LinkButton } from "@/ui/link-button";
import { PageHeader } from "@/ui/page-header";
import { BulkBar } from "./lazy-menus";
import { ListHead } from "./list-head";
import { LoadingRows, NoMatches, NoMonitors } from "./list-states";
import { ReorderPill } from "./reorder-pill";
import { Toolbar } from "./toolbar";
import { useFrozen } from "./use-frozen";
import { useListKeys } from "./use-list-keys";
import { useListSearch } from "./use-search";
import { useSelection } from "./use-selection";
import { useRows, VirtualList } from "./virtual-list";

export function MonitorsPage() {
  const total = useMonitorCount();
  const { may } = useMay("editor");
  const { isReady, problem, retry } = useLiveRows();
  return (
    <>
      <PageHeader
        title="Monitors"
        actions={
          may ? (
            <LinkButton to="/monitors/new" variant="primary" icon={<Plus aria-hidden />}>
              Add a monitor
            </LinkButton>
          ) : null
        }
      />
      {problem ? (
        <ErrorPanel error={problem} title="The monitors could not be loaded" retry={retry} className="mb-4" />
      ) : null}
      {isReady && total === 0 ? (
        <div className="rounded-lg border border-line bg-card">
          <NoMonitors />
        </div>
      ) : (
        <MonitorList isReady={isReady} isFailed={problem !== null} total={total} />
      )}
    </>
  );
}

function MonitorList({ isReady, isFailed, total }: { isReady: boolean; isFailed: boolean; total: number }) {
  const search = useListSearch();
  const box = useRef<HTMLInputElement>(null);
  const { isTouched, handlers } = useFrozen();
  const [hasTicks, setHasTicks] = useState(false);
  const { ids, changed, reorder } = useMonitorIds(search.filter, search.sort, isTouched || hasTicks);
  const { selected, select, toggleAll, clear } = useSelection(ids);
  if (selected.size > 0 !== hasTicks) setHasTicks(selected.size > 0);
  const list = useRows(ids);
  useListKeys({ ids, show: (index) => list.rows.scrollToIndex(index), toggle: select, clear, filter: box });
  return (
    <>
      <Toolbar search={search} box={box} />
      <div className="mb-2 flex min-h-7 flex-wrap items-center gap-3">
        <p className="text-muted text-sm tabular">{isReady ? countWords(ids.length, total, search.isFiltered) : " "}</p>
        <AsOf />
        <ReorderPill changed={changed} reorder={reorder} />
      </div>
      <div
        {...handlers}
        data-layout={list.layout}
        className="group/list live-data overflow-clip rounded-lg border border-line bg-card"
      >
        <ListHead selected={selected.size} total={ids.length} onToggleAll={toggleAll} />
        {isReady ? (
          <VirtualList ids={ids} selected={selected} onSelect={select} list={list} />
        ) : isFailed ? null : (
          <LoadingRows />
        )}
        {isReady && ids.length === 0 ? <NoMatches clear={search.clear} /> : null}
      </div>
      {selected.size > 0 ? (
        <>
          {/* The last rows can be scrolled out from under the bar. */}
          <div aria-hidden className="h-28 sm:h-16" />
          <BulkBar ids={[...selected]} clear={clear} />
        </>
      ) : null}
    </>
  );
}

/** "37 of 10,000 monitors". */
export function countWords(shown: number, total: number, isFiltered: boolean): string {
  return isFiltered ? `${formatCount(shown)} of ${plural(total, "monitor")}` : plural(total, "monitor");
}
