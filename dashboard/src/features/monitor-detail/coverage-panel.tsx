import { useUptime } from "@/api/queries/series";
import type { UptimeDays } from "@/api/types";
import { formatCoverage, formatUptime } from "@/domain/uptime";
import { capital, formatDuration, plural } from "@/lib/format";
import { PRESETS, rangeWords } from "@/lib/range";
import { Card } from "@/ui/card";
import { Loaded } from "@/ui/loaded";
import { SkeletonList } from "@/ui/skeleton";
import { type Column, Table } from "@/ui/table";

type Period = keyof UptimeDays["windows"];
type Row = UptimeDays["windows"][Period] & { period: Period };

const PERIODS = PRESETS.filter((preset): preset is Period => preset !== "1h");

/** Uptime of each period beside how much of it was looked at. */
export function CoveragePanel({ id }: { id: string }) {
  const query = useUptime(id);
  return (
    <Card
      title="Uptime and coverage"
      description="Coverage is the share of due checks that ran. What nobody looked at counts neither as up nor as down."
      flush
    >
      <Loaded
        query={query}
        failed="The uptime could not be loaded"
        loading={<SkeletonList label="uptime" rows={5} rowClassName="h-8" className="px-5 pb-5" />}
      >
        {({ windows }) => (
          <>
            {windows["1y"].expected === 0 ? (
              <p className="border-line border-t px-4 py-2.5 text-muted text-sm sm:px-5">
                Checks are counted once nothing can change them any more: the first about five minutes after they were
                due.
              </p>
            ) : null}
            <Table
              label="Uptime and coverage by period"
              columns={columns}
              rows={PERIODS.map((period) => ({ period, ...windows[period] }))}
              rowKey={(row) => row.period}
            />
          </>
        )}
      </Loaded>
    </Card>
  );
}

const columns: Column<Row>[] = [
  {
    key: "period",
    title: "Period",
    phone: "first",
    cell: ({ period }) => capital(rangeWords(period)),
  },
  {
    key: "uptime",
    title: "Uptime",
    align: "right",
    cell: (row) => <span className="font-medium">{formatUptime(row)}</span>,
  },
  {
    key: "coverage",
    title: "Coverage",
    align: "right",
    phone: "second",
    cell: (row) => (
      <>
        <span className="sm:hidden">Coverage </span>
        {formatCoverage(row)}
      </>
    ),
  },
  {
    key: "incidents",
    title: "Incidents",
    align: "right",
    phone: "second",
    cell: ({ incidents }) => (
      <>
        <span className="max-sm:hidden">{incidents}</span>
        <span className="sm:hidden">{plural(incidents, "incident")}</span>
      </>
    ),
  },
  {
    key: "down",
    title: "Down",
    align: "right",
    phone: "second",
    cell: ({ down_seconds }) => (
      <>
        <span className="max-sm:hidden">{down_seconds > 0 ? formatDuration(down_seconds) : "—"}</span>
        {down_seconds > 0 ? <span className="sm:hidden">{formatDuration(down_seconds)} down</span> : null}
      </>
    ),
  },
];
