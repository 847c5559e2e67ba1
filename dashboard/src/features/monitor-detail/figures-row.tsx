import { TrendingDown, TrendingUp } from "lucide-react";
import type { Monitor, Series } from "@/api/types";
import { formatMs } from "@/lib/format";
import { formatDay, useZone } from "@/lib/time";
import { useBeats, useServerNow } from "@/live/use-live";
import { cn } from "@/ui/cn";
import { Skeleton } from "@/ui/skeleton";
import { Ago } from "@/ui/time";
import { certificateFigure, checksFigure, type Figure, latencyFigure, type Summary, uptimeFigure } from "./figures";

interface FiguresRowProps {
  monitor: Monitor;
  series: Series | undefined;
  baseline: Summary | null;
}

/** Rows are always full: seven figures, or six without a certificate. */
const SEVEN = "grid grid-cols-2 gap-3 md:grid-cols-4 xl:grid-cols-7 *:first:col-span-2 xl:*:first:col-span-1";
const SIX = "grid grid-cols-2 gap-3 md:grid-cols-3 xl:grid-cols-6";
const box = "min-w-0 rounded-lg border border-line bg-card px-3.5 py-3";

/** The figures of the range, each with its change since the range before. */
export function FiguresRow({ monitor, series, baseline }: FiguresRowProps) {
  const now = useServerNow();
  const zone = useZone();
  const certificate = certificateFigure(monitor.certificate, now);
  const until = monitor.certificate ? formatDay(Date.parse(monitor.certificate.not_after) / 1000, zone) : "";
  return (
    <dl className={certificate ? SEVEN : SIX}>
      {series ? (
        <RangeFigures series={series} baseline={baseline} now={now} />
      ) : (
        ["Uptime", "p50", "p95", "p99", "Checks"].map((title) => <Loading key={title} title={title} />)
      )}
      <LastCheck monitor={monitor} />
      {certificate ? (
        <FigureBox {...certificate} note={`${certificate.note} · ${until}`} alarming={certificate.soon} />
      ) : null}
    </dl>
  );
}

function RangeFigures(props: { series: Series; baseline: Summary | null; now: number }) {
  const { series, baseline, now } = props;
  const { summary } = series.all;
  return (
    <>
      <FigureBox {...uptimeFigure(series, baseline, now)} />
      <FigureBox {...latencyFigure("p50", summary, baseline)} />
      <FigureBox {...latencyFigure("p95", summary, baseline)} />
      <FigureBox {...latencyFigure("p99", summary, baseline)} />
      <FigureBox {...checksFigure(summary, baseline)} />
    </>
  );
}

function FigureBox({ title, value, note, moved, alarming }: Figure & { alarming?: boolean }) {
  return (
    <div className={box}>
      <dt className="truncate text-muted text-xs">{title}</dt>
      <dd>
        <span className={cn("block font-semibold text-xl leading-7 tabular-nums", alarming && "text-degraded-text")}>
          {value}
        </span>
        <span className="block text-muted text-xs">{note}</span>
        {moved ? <Moved {...moved} /> : null}
      </dd>
    </div>
  );
}

function Moved({ words, better }: { words: string; better: boolean | null }) {
  const Icon = better ? TrendingUp : TrendingDown;
  return (
    <span
      title="Compared with the range before"
      className={cn(
        "mt-1 flex items-center gap-1 text-xs",
        better === null ? "text-muted" : better ? "text-up-text" : "text-degraded-text",
      )}
    >
      {better === null ? null : <Icon aria-hidden className="size-3.5 shrink-0" />}
      {words}
      <span className="sr-only"> than in the range before</span>
    </span>
  );
}

function LastCheck({ monitor }: { monitor: Monitor }) {
  const last = useBeats(monitor.id)?.last;
  const stored = latest(monitor);
  const shown = last ?? stored;
  return (
    <div className={box}>
      <dt className="text-muted text-xs">Last check</dt>
      <dd>
        <span className="block font-semibold text-xl leading-7 tabular-nums">
          {shown ? <Ago at={shown.at} /> : "—"}
        </span>
        <span className="block truncate text-muted text-xs">
          {shown
            ? [shown.region, shown.ms === null ? null : formatMs(shown.ms)].filter(Boolean).join(" · ")
            : "none yet"}
        </span>
      </dd>
    </div>
  );
}

function latest(monitor: Monitor): { region: string; at: number; ms: number | null } | null {
  const heard = monitor.regions_now.flatMap(({ region, at, ms }) =>
    at ? [{ region, ms, at: Date.parse(at) / 1000 }] : [],
  );
  return heard.sort((a, b) => b.at - a.at)[0] ?? null;
}

function Loading({ title }: { title: string }) {
  return (
    <div className={box}>
      <dt className="text-muted text-xs">{title}</dt>
      <dd className="py-1">
        <Skeleton className="h-5 w-20" />
        <Skeleton className="mt-2 h-3 w-28" />
      </dd>
    </div>
  );
}
