/** The figures of a range, and by how much they moved since the range before. */
import type { Monitor, Series, SeriesLines } from "@/api/types";
import { formatCount, formatDuration, formatMs, plural } from "@/lib/format";
import { change, flooredPercent, formatRatio } from "@/lib/ratio";

export type Summary = SeriesLines["summary"];

export interface Figure {
  title: string;
  value: string;
  note?: string;
  /** In words: "12 ms slower". Absent without a baseline. */
  moved?: { words: string; better: boolean | null };
}

const answered = ({ up, degraded, down }: Summary) => up + degraded + down;
const good = ({ up, degraded }: Summary) => up + degraded;

/** Seconds of the range that incidents at level down cover; overlapping ones count once. */
export function downSeconds({ incidents, from, to }: Pick<Series, "incidents" | "from" | "to">, now: number): number {
  const end = Math.min(to, now);
  const spans = incidents
    .filter(({ level }) => level === "down")
    .map((incident) => [Math.max(from, incident.from), Math.min(end, incident.to ?? end)] as const)
    .sort((a, b) => a[0] - b[0]);
  let total = 0;
  let reached = from;
  for (const [begin, finish] of spans) {
    total += Math.max(0, finish - Math.max(begin, reached));
    reached = Math.max(reached, finish);
  }
  return total;
}

export function uptimeFigure(series: Series, before: Summary | null, now: number): Figure {
  const { summary } = series.all;
  const percent = (of: Summary) => flooredPercent(good(of), answered(of))?.value ?? null;
  const down = downSeconds(series, now);
  const moved = before && change(percent(summary), percent(before));
  const failed = summary.down === 0 ? "none failed" : `${formatCount(summary.down)} failed`;
  const lost = down > 0 ? ` · ${formatDuration(down < 60 ? down : down - (down % 60))} down` : "";
  const note = answered(summary) === 0 ? "nothing was checked" : failed + lost;
  return {
    title: "Uptime",
    value: formatRatio(good(summary), answered(summary)),
    note,
    moved:
      moved === null
        ? undefined
        : movedBy(moved, (points) => `${points.toFixed(points < 1 ? 3 : 2)} points`, "higher", "lower", true),
  };
}

export function latencyFigure(name: "p50" | "p95" | "p99", now: Summary, before: Summary | null): Figure {
  const moved = before && change(now[name], before[name]);
  const notes = { p50: "the median", p95: "19 in 20 faster", p99: "99 in 100 faster" };
  return {
    title: name,
    value: formatMs(now[name]),
    note: notes[name],
    moved: moved === null ? undefined : movedBy(Math.round(moved), formatMs, "slower", "faster", false),
  };
}

export function checksFigure(now: Summary, before: Summary | null): Figure {
  const missed = now.missed === 0 ? "none missed" : `${formatCount(now.missed)} not checked`;
  const moved = before && answered(before) + before.missed > 0 ? answered(now) - answered(before) : null;
  return {
    title: "Checks",
    value: formatCount(answered(now)),
    note: missed,
    moved: moved === null ? undefined : movedBy(moved, formatCount, "more", "fewer", null),
  };
}

function movedBy(
  by: number,
  figure: (size: number) => string,
  more: string,
  less: string,
  moreIsBetter: boolean | null,
) {
  if (by === 0) return { words: "as before", better: null };
  const better = moreIsBetter === null ? null : by > 0 === moreIsBetter;
  return { words: `${figure(Math.abs(by))} ${by > 0 ? more : less}`, better };
}

/** Days the certificate has left; absent without one. */
export function certificateFigure(
  certificate: Monitor["certificate"],
  now: number,
): (Figure & { soon: boolean }) | null {
  if (certificate === null) return null;
  const left = Date.parse(certificate.not_after) / 1000 - now;
  const days = Math.floor(Math.abs(left) / 86_400);
  const value = left < 0 ? "Expired" : days === 0 ? "Today" : plural(days, "day");
  const note = left < 0 ? `${plural(days, "day")} ago` : "left";
  return {
    title: "Certificate",
    value,
    note: days === 0 && left >= 0 ? "is its last day" : note,
    soon: left < 14 * 86_400,
  };
}
