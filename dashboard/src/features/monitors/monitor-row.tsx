import { Link } from "@tanstack/react-router";
import { memo } from "react";
import type { LiveMonitor } from "@/api/types";
import { formatMs } from "@/lib/format";
import { useBeats, useMonitor } from "@/live/use-live";
import { TickBox } from "@/ui/choices";
import { cn } from "@/ui/cn";
import { StatusChip } from "@/ui/status-chip";
import { Bar, CheckedAt, Tags, Uptime } from "./cells";
import { GRID } from "./columns";
import { RowMenu } from "./row-menu";

interface MonitorRowProps {
  id: string;
  index: number;
  count: number;
  isSelected: boolean;
  onSelect: (id: string) => void;
}

/** One monitor. It hears of its own changes alone. */
export const MonitorRow = memo(function MonitorRow({ id, index, count, isSelected, onSelect }: MonitorRowProps) {
  const row = useMonitor(id);
  if (row === undefined) return null;
  return (
    <article
      aria-posinset={index + 1}
      aria-setsize={count}
      aria-label={row.name}
      data-row={id}
      className={cn(
        GRID,
        "group relative h-full border-line border-t focus-within:bg-hover hover:bg-hover",
        isSelected && "bg-accent-soft hover:bg-accent-soft",
      )}
    >
      <TickBox
        aria-label={`Select ${row.name}`}
        checked={isSelected}
        onCheckedChange={() => onSelect(id)}
        className="z-10"
      />
      <StatusChip key={row.status} status={row.status} className="changed justify-self-start max-sm:hidden" />
      <Name row={row} />
      <Tags tags={row.tags} />
      <Figures row={row} />
      <RowMenu row={row} />
    </article>
  );
});

function Name({ row }: { row: LiveMonitor }) {
  return (
    <div className="min-w-0 self-center">
      <Link
        to="/monitors/$id"
        params={{ id: row.id }}
        preload={false}
        className="block truncate font-medium outline-none after:absolute after:inset-0 focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-accent"
      >
        {row.name}
      </Link>
      <div className="flex items-center gap-2 sm:hidden">
        <StatusChip status={row.status} size="sm" />
        <PhoneFigures id={row.id} />
      </div>
      <p className="truncate text-muted text-xs leading-4 max-sm:hidden">{row.url}</p>
      <Bar row={row} phone />
    </div>
  );
}

function PhoneFigures({ id }: { id: string }) {
  const beats = useBeats(id);
  return (
    <p className="flex min-w-0 gap-2 truncate text-muted text-xs tabular">
      {beats && beats.uptime["24h"].total > 0 ? <Uptime beats={beats} /> : null}
      {beats?.last ? <span>{formatMs(beats.last.ms)}</span> : null}
    </p>
  );
}

function Figures({ row }: { row: LiveMonitor }) {
  const beats = useBeats(row.id);
  return (
    <>
      <span className="text-right tabular max-lg:hidden">{formatMs(beats?.last?.ms)}</span>
      <span className="text-right tabular max-sm:hidden">
        <Uptime beats={beats} />
      </span>
      <div className="pl-2 max-md:hidden">
        <Bar row={row} />
      </div>
      <CheckedAt row={row} beats={beats} />
    </>
  );
}
