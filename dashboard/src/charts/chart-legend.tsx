import { type Layer, paintVar } from "./response-model";

export interface LegendMark {
  name: string;
  kind: "down" | "degraded" | "threshold";
}

const MARK = {
  down: "h-3 w-3 border-t-2 border-down-fill bg-down-fill/16",
  degraded: "h-3 w-3 border-t-2 border-degraded-fill bg-degraded-fill/16",
  threshold: "h-0 w-4 border-t-2 border-dashed border-degraded-fill",
};

/** What each colour and dash stands for. */
export function ChartLegend({ layers, marks }: { layers: readonly Layer[]; marks: readonly LegendMark[] }) {
  return (
    <ul aria-label="Legend" className="flex flex-wrap gap-x-4 gap-y-1 text-muted text-xs">
      {layers.map((layer) => (
        <li key={layer.name} className="flex items-center gap-1.5">
          <Swatch layer={layer} />
          {layer.name}
        </li>
      ))}
      {marks.map((mark) => (
        <li key={mark.name} className="flex items-center gap-1.5">
          <span aria-hidden className={MARK[mark.kind]} />
          {mark.name}
        </li>
      ))}
    </ul>
  );
}

export function Swatch({ layer }: { layer: Layer }) {
  const colour = paintVar(layer.paint);
  return (
    <svg viewBox="0 0 18 10" aria-hidden="true" className="h-2.5 w-4.5 shrink-0">
      {layer.area ? (
        <rect x={4} width={10} height={10} rx={2} fill={colour} />
      ) : (
        <line
          x2={18}
          y1={5}
          y2={5}
          stroke={colour}
          strokeWidth={2}
          strokeDasharray={layer.dash.join(" ") || undefined}
        />
      )}
    </svg>
  );
}
