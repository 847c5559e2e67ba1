/** What is drawn over the lines of a chart: times of incidents, and the line above which it is too slow. */
import type uPlot from "uplot";
import type { ChartTheme } from "./theme";

export interface Band {
  from: number;
  /** Null while it goes on. */
  to: number | null;
  tone: "down" | "degraded" | "maintenance";
}

/** A band's left edge and width on the canvas; null where it is not in sight. */
export function bandBox(band: Band, shown: { from: number; to: number }, left: number, width: number) {
  const from = Math.max(band.from, shown.from);
  const to = Math.min(band.to ?? shown.to, shown.to);
  if (to <= from || shown.to <= shown.from) return null;
  const scale = width / (shown.to - shown.from);
  return { x: left + (from - shown.from) * scale, width: Math.max(2, (to - from) * scale) };
}

export function marks(bands: readonly Band[], threshold: number | null, theme: ChartTheme): uPlot.Plugin {
  return {
    hooks: {
      draw: (chart) => {
        chart.ctx.save();
        for (const band of bands) drawBand(chart, band, theme);
        if (threshold !== null) drawThreshold(chart, threshold, theme);
        chart.ctx.restore();
      },
    },
  };
}

function drawBand(chart: uPlot, band: Band, theme: ChartTheme): void {
  const { ctx, bbox } = chart;
  const shown = { from: chart.scales.x?.min ?? 0, to: chart.scales.x?.max ?? 0 };
  const box = bandBox(band, shown, bbox.left, bbox.width);
  if (!box) return;
  ctx.fillStyle = theme[band.tone];
  ctx.globalAlpha = 0.16;
  ctx.fillRect(box.x, bbox.top, box.width, bbox.height);
  ctx.globalAlpha = 1;
  ctx.fillRect(box.x, bbox.top, box.width, 3 * devicePixelRatio);
  if (band.tone === "maintenance") hatch(ctx, box.x, bbox.top, box.width, bbox.height);
}

function hatch(ctx: CanvasRenderingContext2D, x: number, y: number, width: number, height: number): void {
  ctx.save();
  ctx.beginPath();
  ctx.rect(x, y, width, height);
  ctx.clip();
  ctx.globalAlpha = 0.35;
  ctx.strokeStyle = ctx.fillStyle;
  ctx.beginPath();
  for (let at = x - height; at < x + width; at += 8 * devicePixelRatio) {
    ctx.moveTo(at, y + height);
    ctx.lineTo(at + height, y);
  }
  ctx.stroke();
  ctx.restore();
}

function drawThreshold(chart: uPlot, threshold: number, theme: ChartTheme): void {
  const { ctx, bbox } = chart;
  const y = chart.valToPos(threshold, "y", true);
  if (y < bbox.top || y > bbox.top + bbox.height) return;
  ctx.globalAlpha = 1;
  ctx.strokeStyle = theme.degraded;
  ctx.lineWidth = 1.5 * devicePixelRatio;
  ctx.setLineDash([6 * devicePixelRatio, 4 * devicePixelRatio]);
  ctx.beginPath();
  ctx.moveTo(bbox.left, y);
  ctx.lineTo(bbox.left + bbox.width, y);
  ctx.stroke();
}
