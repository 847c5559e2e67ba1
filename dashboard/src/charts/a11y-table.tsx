import { useState } from "react";
import type { Series } from "@/api/types";
import { formatMs } from "@/lib/format";
import type { Zone } from "@/lib/time";
import { Button } from "@/ui/button";
import { focusRingInside } from "@/ui/cn";
import { bucketWords } from "./chart-tooltip";
import { type By, countsAt, type Layer, type Percentile, responseModel } from "./response-model";

interface ChartTableProps {
  label: string;
  series: Series;
  by: By;
  percentile: Percentile;
  zone: Zone;
}

const PORTION = 60;
const cell = "whitespace-nowrap px-3 py-1.5";

/** The figures of a chart, newest first: the same for eyes, ears and copying. */
export function ChartTable({ label, series, by, percentile, zone }: ChartTableProps) {
  const [limit, setLimit] = useState(PORTION);
  const { layers } = responseModel(series, by, percentile);
  const filled = series.at.map((_, index) => index).filter((index) => countsAt(series.all, index) !== "no checks");
  const shown = filled.reverse().slice(0, limit);
  return (
    <section
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
      className={`${focusRingInside} max-h-80 overflow-auto rounded-md border border-line`}
    >
      <table className="w-full text-left text-xs">
        <caption className="sr-only">{label}</caption>
        <thead className="sticky top-0 bg-card text-muted">
          <tr>
            <Head name="Time" />
            {layers.map((layer) => (
              <Head key={layer.name} name={layer.name} end />
            ))}
            <Head name="Checks" />
          </tr>
        </thead>
        <tbody>
          {shown.map((index) => (
            <Row key={series.at[index]} index={index} series={series} layers={layers} zone={zone} />
          ))}
        </tbody>
      </table>
      {shown.length < filled.length ? (
        <div className="p-2">
          <Button size="sm" onClick={() => setLimit(limit + PORTION * 4)}>
            Show more
          </Button>
        </div>
      ) : null}
    </section>
  );
}

function Head({ name, end }: { name: string; end?: boolean }) {
  return (
    <th scope="col" className={`${cell} font-medium ${end ? "text-right" : ""}`}>
      {name}
    </th>
  );
}

function Row(props: { index: number; series: Series; layers: readonly Layer[]; zone: Zone }) {
  const { index, series, layers, zone } = props;
  return (
    <tr className="border-line border-t">
      <th scope="row" className={`${cell} font-normal`}>
        {bucketWords(series.at[index] ?? 0, series.step, zone)}
      </th>
      {layers.map((layer) => (
        <td key={layer.name} className={`${cell} text-right`}>
          {formatMs(layer.values[index])}
        </td>
      ))}
      <td className={cell}>{countsAt(series.all, index)}</td>
    </tr>
  );
}
