import { useMemo } from "react";
import { useFleetUptime } from "@/api/queries/series";
import type { UptimeDays } from "@/api/types";
import { HeartbeatLegend } from "@/domain/components/heartbeat-legend";
import { HeartbeatTimeline } from "@/domain/components/heartbeat-timeline";
import { formatUptime } from "@/domain/uptime";
import { Card } from "@/ui/card";
import { Loaded } from "@/ui/loaded";
import { Skeleton } from "@/ui/skeleton";
import { FLEET_WORDS, fleetCells } from "./fleet-days";

const DAYS = 90;
const WINDOWS = [
  ["24h", "24 hours"],
  ["7d", "7 days"],
  ["30d", "30 days"],
  ["90d", "90 days"],
] as const;

/** All monitors together, day by day. */
export function FleetUptime() {
  const uptime = useFleetUptime(DAYS);
  return (
    <Card title="Fleet uptime" description={`All monitors together, the last ${DAYS} days in UTC`}>
      <Loaded query={uptime} failed="The uptime could not be loaded" loading={<Skeleton className="h-40 w-full" />}>
        {(data) => <Days uptime={data} />}
      </Loaded>
    </Card>
  );
}

function Days({ uptime: { days, windows } }: { uptime: UptimeDays }) {
  const cells = useMemo(() => fleetCells(days), [days]);
  return (
    <>
      <dl className="mb-5 grid grid-cols-2 gap-x-6 gap-y-3 sm:grid-cols-4">
        {WINDOWS.map(([key, words]) => (
          <div key={key}>
            <dt className="text-muted text-xs">{words}</dt>
            <dd className="font-semibold text-lg leading-7 tracking-tight tabular">{formatUptime(windows[key])}</dd>
          </div>
        ))}
      </dl>
      {windows["90d"].total === 0 ? (
        <p className="-mt-2 mb-4 text-muted text-sm">
          Figures come once the first checks have closed: in about three minutes.
        </p>
      ) : null}
      <HeartbeatTimeline
        label={`Uptime of all monitors, the last ${DAYS} days`}
        cells={cells}
        startLabel={cells[0]?.title ?? ""}
        endLabel="Today"
        unit="Day"
      >
        <HeartbeatLegend words={FLEET_WORDS} only={["up", "degraded", "down", "missed", "none"]} />
      </HeartbeatTimeline>
    </>
  );
}
