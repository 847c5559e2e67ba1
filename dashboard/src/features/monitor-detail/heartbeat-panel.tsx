import { useMemo } from "react";
import { useUptime } from "@/api/queries/series";
import type { Monitor, MonitorBeats, UptimeDays } from "@/api/types";
import { BEAT_WORD, beatsOf } from "@/domain/beat";
import { HeartbeatLegend } from "@/domain/components/heartbeat-legend";
import { type BarCell, HeartbeatTimeline } from "@/domain/components/heartbeat-timeline";
import { dayBeat, formatUptime } from "@/domain/uptime";
import { formatDuration, plural } from "@/lib/format";
import { customRange, type Range } from "@/lib/range";
import { formatMoment, formatRelative, formatUtcDay, useZone, type Zone } from "@/lib/time";
import { useBeats, useServerNow } from "@/live/use-live";
import { Card } from "@/ui/card";
import { Loaded } from "@/ui/loaded";
import { Skeleton } from "@/ui/skeleton";

const BEATS = 40;

/** The last checks one by one, and the last days. */
export function HeartbeatPanel({ monitor, onRange }: { monitor: Monitor; onRange: (range: Range) => void }) {
  const days = useUptime(monitor.id);
  return (
    <Card title="Heartbeat">
      <Beats monitor={monitor} />
      <div className="mt-5 border-line border-t pt-4">
        <Loaded query={days} failed="The days could not be loaded" loading={<Skeleton className="h-28 w-full" />}>
          {(uptime) => <Days uptime={uptime} onRange={onRange} />}
        </Loaded>
      </div>
    </Card>
  );
}

function Beats({ monitor }: { monitor: Monitor }) {
  const beats = useBeats(monitor.id);
  const zone = useZone();
  const now = useServerNow();
  const cells = useMemo(() => beatCells(beats, monitor.interval, zone), [beats, monitor.interval, zone]);
  const oldest = beats?.last_slot ? beats.last_slot - (BEATS - 1) * monitor.interval : null;
  return (
    <>
      <h3 className="mb-2 font-medium text-sm">Last {BEATS} checks</h3>
      <HeartbeatTimeline
        label={`Last ${BEATS} checks`}
        unit="Check"
        cells={cells}
        startLabel={oldest ? formatRelative(oldest, now) : ""}
        endLabel={beats?.last_slot ? formatRelative(beats.last_slot, now) : "no checks yet"}
      >
        <HeartbeatLegend only={["up", "degraded", "down", "missed"]} />
      </HeartbeatTimeline>
    </>
  );
}

/** A cell a slot, the newest last. */
export function beatCells(beats: MonitorBeats | undefined, interval: number, zone: Zone): BarCell[] {
  const last = beats?.last_slot ?? null;
  return beatsOf(beats?.beats ?? "", BEATS).map((beat, index) => {
    const slot = last === null ? null : last - (BEATS - 1 - index) * interval;
    const title = slot === null || beat === "none" ? "Before the first check" : formatMoment(slot, zone);
    return { key: String(slot ?? index), beat, title, detail: BEAT_WORD[beat] };
  });
}

function Days({ uptime, onRange }: { uptime: UptimeDays; onRange: (range: Range) => void }) {
  const cells = useMemo(() => uptime.days.map(dayCell), [uptime]);
  const first = uptime.days[0];
  const open = (index: number) => {
    const day = uptime.days[index];
    if (!day || day.expected === 0) return;
    const begin = Date.parse(`${day.day}T00:00:00Z`) / 1000;
    onRange(customRange(begin, begin + 86_400));
  };
  return (
    <>
      <div className="mb-2 flex flex-wrap items-baseline justify-between gap-x-4">
        <h3 className="font-medium text-sm">Last {uptime.days.length} days</h3>
        <p className="text-muted text-sm tabular-nums">{formatUptime(uptime.windows["90d"])} uptime in 90 days</p>
      </div>
      <HeartbeatTimeline
        label={`Uptime of the last ${uptime.days.length} days`}
        unit="Day (UTC)"
        cells={cells}
        startLabel={first ? formatUtcDay(first.day) : ""}
        endLabel="Today (UTC days)"
        onOpen={open}
      >
        <HeartbeatLegend
          only={["up", "degraded", "down", "missed"]}
          words={{ up: "No failure", degraded: "Some checks failed", down: "Outage" }}
        />
      </HeartbeatTimeline>
    </>
  );
}

/** "Aug 22: 75.00 % uptime, 1 incident, 4 m down". */
export function dayCell(day: UptimeDays["days"][number]): BarCell {
  const beat = dayBeat(day);
  const parts = [`${formatUptime(day)} uptime`];
  if (day.incidents > 0) parts.push(plural(day.incidents, "incident"));
  if (day.down_seconds > 0) parts.push(`${formatDuration(day.down_seconds)} down`);
  const detail = beat === "none" ? "No data" : beat === "missed" ? "Not checked" : parts.join(", ");
  return { key: day.day, beat, title: formatUtcDay(day.day), detail };
}
