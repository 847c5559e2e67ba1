import type { Series } from "@/api/types";
import { formatMs } from "@/lib/format";
import { formatClock, formatMoment, type Zone } from "@/lib/time";
import { Swatch } from "./chart-legend";
import { countsAt, type Layer } from "./response-model";
import type { Pointed } from "./uplot-host";

interface ChartTooltipProps {
  series: Series;
  layers: readonly Layer[];
  pointed: Pointed;
  zone: Zone;
}

/** What is under the crosshair; it stays clear of it and inside the chart. */
export function ChartTooltip({ series, layers, pointed, zone }: ChartTooltipProps) {
  const begin = series.at[pointed.index];
  if (begin === undefined) return null;
  const right = pointed.left > pointed.width / 2;
  const side = right ? { right: pointed.width - pointed.left + 12 } : { left: pointed.left + 12 };
  return (
    <div
      aria-hidden="true"
      className="pointer-events-none absolute top-2 z-10 w-max max-w-60 rounded-md border border-line bg-card px-2.5 py-2 text-xs shadow-pop"
      style={side}
    >
      <p className="font-medium tabular-nums">{bucketWords(begin, series.step, zone)}</p>
      <dl className="mt-1 grid grid-cols-[auto_1fr_auto] items-center gap-x-2 gap-y-0.5">
        {[...layers].reverse().map((layer) => (
          <div key={layer.name} className="col-span-3 grid grid-cols-subgrid items-center">
            <Swatch layer={layer} />
            <dt className="truncate text-muted">{layer.name}</dt>
            <dd className="text-right tabular-nums">{formatMs(layer.values[pointed.index])}</dd>
          </div>
        ))}
      </dl>
      <p className="mt-1 text-muted">{countsAt(series.all, pointed.index)}</p>
    </div>
  );
}

/** "Nov 22, 12:00:00 – 12:05:00". */
export function bucketWords(begin: number, step: number, zone: Zone): string {
  if (step >= 86_400) return `${formatMoment(begin, zone)} – ${formatMoment(begin + step, zone)}`;
  return step <= 1 ? formatMoment(begin, zone) : `${formatMoment(begin, zone)} – ${formatClock(begin + step, zone)}`;
}
