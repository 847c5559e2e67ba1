import { useMemo } from "react";
import { useRegions } from "@/api/queries/regions";
import { Sparkline } from "@/charts/sparkline";
import { formatCount, formatMs, formatSeconds } from "@/lib/format";
import { formatNumber } from "@/lib/number";
import { NO_DATA } from "@/lib/ratio";
import { AsOf } from "@/live/as-of";
import { store } from "@/live/live";
import { useCounts, useStats } from "@/live/use-live";
import { Card } from "@/ui/card";

/** What the fleet does right now, as this page hears it. */
export function LiveStatistics() {
  const { perMinute, p95, failing, line } = useStats();
  const planned = usePlanned();
  const lag = useLag();
  return (
    <Card title="Live statistics" description="Of the last minute" actions={<AsOf />} className="live-data">
      <dl className="grid grid-cols-2 gap-x-4 gap-y-4">
        <Figure name="Checks per minute" value={formatCount(Math.round(perMinute ?? planned))} />
        <Figure name="95 % answer within" value={formatMs(p95)} />
        <Figure name="Failing" value={failing === null ? NO_DATA : percent(failing)} />
        <Figure name="Probe lag" value={lag} />
      </dl>
      <div className="mt-4">
        <Sparkline line={line} label="Checks of the last ten minutes, as heard on this page" />
        <div className="mt-1 flex justify-between text-muted text-xs">
          <span>10 m ago</span>
          <span>checks</span>
          <span>now</span>
        </div>
      </div>
    </Card>
  );
}

/** Checks a minute as they are planned: shown until enough were heard. */
function usePlanned(): number {
  const all = useRegions().data?.items.length ?? 1;
  const counts = useCounts();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the counts change with the rows
  return useMemo(() => {
    const running = [...store.rows()].filter(({ status }) => status !== "paused");
    return running.reduce((sum, { interval, regions }) => sum + (60 / interval) * (regions.length || all), 0);
  }, [counts, all]);
}

function Figure({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt className="text-muted text-xs">{name}</dt>
      <dd className="font-semibold text-lg leading-7 tracking-tight tabular">{value}</dd>
    </div>
  );
}

/** How far behind the slowest region is. */
function useLag(): string {
  const regions = useRegions({ watched: true }).data?.items;
  return useMemo(() => {
    const lags = (regions ?? []).flatMap(({ lag_seconds: lag }) => (lag === null ? [] : [lag]));
    return lags.length === 0 ? NO_DATA : formatSeconds(Math.max(...lags));
  }, [regions]);
}

function percent(share: number): string {
  return `${formatNumber(share * 100, 1, 0)} %`;
}
