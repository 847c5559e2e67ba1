import type { Monitor, RegionNow, RegionSeries, Series } from "@/api/types";
import type { Percentile } from "@/charts/response-model";
import { Sparkline } from "@/charts/sparkline";
import { ToneChip, VerdictChip } from "@/domain/components/status-chip";
import { diagnosisSentence } from "@/domain/diagnosis";
import { reasonTitle } from "@/domain/reason";
import { formatMs } from "@/lib/format";
import { useMedia } from "@/lib/media";
import { formatRatio } from "@/lib/ratio";
import { Card } from "@/ui/card";
import { EmptyState } from "@/ui/empty-state";
import { SkeletonList } from "@/ui/skeleton";
import { type Column, Table } from "@/ui/table";
import { useCursor } from "./cursor";

interface RegionRow {
  region: string;
  now: RegionNow | null;
  series: RegionSeries | null;
}

interface RegionsPanelProps {
  monitor: Monitor;
  series: Series | undefined;
  percentile: Percentile;
  words: string;
}

/** The same figures region by region. */
export function RegionsPanel({ monitor, series, percentile, words }: RegionsPanelProps) {
  const isWide = useMedia("(min-width: 1024px)");
  if (!series) {
    return (
      <Card title="Regions">
        <SkeletonList label="regions" rows={Math.max(2, monitor.regions_now.length)} rowClassName="h-9" />
      </Card>
    );
  }
  const rows = regionRows(monitor.regions_now, series.regions);
  return (
    <Card title="Regions" description={`As it is now, and figures of the ${words}`} flush>
      {rows.length > 0 ? (
        <Table label="Regions" columns={columns(percentile, isWide)} rows={rows} rowKey={(row) => row.region} />
      ) : (
        <EmptyState title="No region has looked yet">The first result takes seconds.</EmptyState>
      )}
    </Card>
  );
}

/** Every region that says something now or said something in the range. */
export function regionRows(now: readonly RegionNow[], series: readonly RegionSeries[]): RegionRow[] {
  const names = [...new Set([...now.map(({ region }) => region), ...series.map(({ region }) => region)])].sort();
  return names.map((region) => ({
    region,
    now: now.find((each) => each.region === region) ?? null,
    series: series.find((each) => each.region === region) ?? null,
  }));
}

function columns(percentile: Percentile, isWide: boolean): Column<RegionRow>[] {
  const time = (name: Percentile, phone: "second" | "hidden"): Column<RegionRow> => ({
    key: name,
    title: name,
    align: "right",
    phone,
    className: "whitespace-nowrap",
    cell: ({ series }) => (
      <>
        <span className="sm:hidden">{name} </span>
        {formatMs(series?.summary[name])}
      </>
    ),
  });
  return [
    {
      key: "region",
      title: "Region",
      phone: "first",
      cell: (row) => <span className="whitespace-nowrap font-medium">{row.region}</span>,
    },
    { key: "state", title: "State", cell: ({ now }) => <State now={now} /> },
    time("p50", "hidden"),
    time("p95", "second"),
    time("p99", "hidden"),
    { key: "uptime", title: "Uptime", align: "right", phone: "second", className: "whitespace-nowrap", cell: uptimeOf },
    ...(isWide ? [trend(percentile)] : []),
    { key: "error", title: "Last finding", phone: "second", cell: ({ now }) => <Finding now={now} /> },
  ];
}

function trend(percentile: Percentile): Column<RegionRow> {
  return {
    key: "trend",
    title: `Trend, ${percentile}`,
    phone: "hidden",
    className: "w-32 min-w-24",
    cell: ({ series }) => (series ? <Trend line={series[percentile]} /> : null),
  };
}

/** A suspect result says more of the probe than of the site. */
function State({ now }: { now: RegionNow | null }) {
  if (!now) return "—";
  return now.suspect ? <ToneChip tone="none" icon="unknown" word="Suspect" /> : <VerdictChip verdict={now.verdict} />;
}

function uptimeOf({ series }: RegionRow) {
  if (!series) return "—";
  const { up, degraded, down } = series.summary;
  return formatRatio(up + degraded, up + degraded + down);
}

function Trend({ line }: { line: (number | null)[] }) {
  return <Sparkline line={line} at={useCursor()} />;
}

function Finding({ now }: { now: RegionNow | null }) {
  if (!now?.reason) return <span className="text-muted">{now ? formatMs(now.ms) : "—"}</span>;
  if (!now.suspect) return reasonTitle(now.reason);
  return (
    <span title={diagnosisSentence(now.suspect)}>
      {reasonTitle(now.reason)} <span className="text-muted">(does not count)</span>
    </span>
  );
}
