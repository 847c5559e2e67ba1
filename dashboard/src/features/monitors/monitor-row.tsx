import { Link } from "@tanstack/react-router";
import { type CSSProperties, memo, useState } from "react";
import type { LiveMonitor, Status } from "@/api/types";
import { StatusChip } from "@/domain/components/status-chip";
import { formatMs } from "@/lib/format";
import { useBeats, useMonitor } from "@/live/use-live";
import { TickBox } from "@/ui/choices";
import { cn } from "@/ui/cn";
import { Bar, CheckedAt, Tags, Unchecked, Uptime } from "./cells";
import { GRID, type Layout } from "./columns";
import { RowMenu } from "./lazy-menus";

interface MonitorRowProps {
  id: string;
  index: number;
  count: number;
  layout: Layout;
  style: CSSProperties;
  isSelected: boolean;
  onSelect: (id: string) => void;
}

/** One monitor. It hears of its own changes alone. */
export const MonitorRow = memo(function MonitorRow(props: MonitorRowProps) {
  const { id, index, count, layout, style, isSelected, onSelect } = props;
  const row = useMonitor(id);
  if (row === undefined) return null;
  return (
    <article
      aria-posinset={index + 1}
      aria-setsize={count}
      aria-label={row.name}
      data-row={id}
      style={style}
      className={cn(
        GRID,
        "absolute inset-x-0 top-0 border-line border-t",
        isSelected ? "bg-accent-soft" : "focus-within:bg-hover hover:bg-hover",
      )}
    >
      <TickBox
        aria-label={`Select ${row.name}`}
        checked={isSelected}
        onCheckedChange={() => onSelect(id)}
        className="z-10"
      />
      {layout === "phone" ? <PhoneCells row={row} /> : <WideCells row={row} hasTags={layout === "tags"} />}
      <RowMenu row={row} />
    </article>
  );
});

function Name({ row: { id, name } }: { row: LiveMonitor }) {
  return (
    <Link
      to="/monitors/$id"
      params={{ id }}
      preload={false}
      className="block truncate font-medium outline-none after:absolute after:inset-0 focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-accent"
    >
      {name}
    </Link>
  );
}

function PhoneCells({ row }: { row: LiveMonitor }) {
  const beats = useBeats(row.id);
  return (
    <div className="min-w-0">
      <Name row={row} />
      <div className="flex items-center gap-1.5">
        <StatusChip status={row.status} size="sm" />
        <p className="flex min-w-0 gap-1.5 truncate text-muted text-xs tabular">
          {row.unchecked_since === undefined ? null : <Unchecked since={row.unchecked_since} />}
          {beats && beats.uptime["24h"].total > 0 ? <Uptime beats={beats} /> : null}
          {beats?.last ? <span>{formatMs(beats.last.ms)}</span> : null}
        </p>
      </div>
      <Bar beats={beats} isPhone />
    </div>
  );
}

/** Fades where it changed while it is looked at; not where it merely comes on screen. */
function Chip({ status }: { status: Status }) {
  const [first] = useState(status);
  return (
    <StatusChip key={status} status={status} className={cn("justify-self-start", status !== first && "changed")} />
  );
}

function WideCells({ row, hasTags }: { row: LiveMonitor; hasTags: boolean }) {
  const beats = useBeats(row.id);
  return (
    <>
      <Chip status={row.status} />
      <div className="min-w-0">
        <Name row={row} />
        <p className="truncate text-muted text-xs leading-4">
          {row.unchecked_since === undefined ? row.url : <Unchecked since={row.unchecked_since} />}
        </p>
      </div>
      {hasTags ? <Tags tags={row.tags} /> : null}
      <span className="text-right tabular max-lg:hidden">{formatMs(beats?.last?.ms)}</span>
      <Uptime beats={beats} className="text-right" />
      <Bar beats={beats} />
      <CheckedAt row={row} beats={beats} />
    </>
  );
}
