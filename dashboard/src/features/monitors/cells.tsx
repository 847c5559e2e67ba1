import type { LiveMonitor, MonitorBeats } from "@/api/types";
import { formatUptime, NO_DATA, uptimePercent } from "@/lib/uptime";
import { useBeats } from "@/live/use-live";
import { Badge } from "@/ui/badge";
import { cn } from "@/ui/cn";
import { HeartbeatBar } from "@/ui/heartbeat-bar";
import { Ago } from "@/ui/time";
import { BEATS } from "./columns";

/** Tags of a row that are shown; the others are a number. */
const SHOWN = 2;

export function Tags({ tags }: { tags: readonly string[] }) {
  const rest = tags.length - SHOWN;
  return (
    <p
      className="hidden min-w-0 items-center gap-1 overflow-hidden 2xl:group-data-[tags=true]/list:flex"
      title={tags.join(", ") || undefined}
    >
      {tags.slice(0, SHOWN).map((tag) => (
        <Badge key={tag} className="min-w-0 truncate">
          {tag}
        </Badge>
      ))}
      {rest > 0 ? <span className="text-muted text-xs tabular">+{rest}</span> : null}
    </p>
  );
}

/** Of the last 24 hours; coloured where it is not what one hopes for. */
export function Uptime({ beats }: { beats: MonitorBeats | undefined }) {
  const counts = beats?.uptime["24h"];
  if (counts === undefined) return <span className="text-muted">{NO_DATA}</span>;
  const percent = uptimePercent(counts);
  const tone =
    percent === null ? "text-muted" : percent < 99 ? "text-down-text" : percent < 99.9 ? "text-degraded-text" : "";
  return <span className={tone}>{formatUptime(counts)}</span>;
}

/** The last beats; on a phone fewer of them, under the name. */
export function Bar({ row, phone = false }: { row: LiveMonitor; phone?: boolean }) {
  const beats = useBeats(row.id);
  const shape = phone ? "mt-1 h-4! sm:hidden" : "max-md:hidden";
  if (beats === undefined) return <span aria-hidden className={cn("skeleton block h-6 w-full", shape)} />;
  return <HeartbeatBar beats={beats.beats} count={phone ? BEATS.phone : BEATS.wide} className={shape} />;
}

export function CheckedAt({ row, beats }: { row: LiveMonitor; beats: MonitorBeats | undefined }) {
  const at = beats?.last?.at;
  return (
    <span className="truncate text-right text-muted text-xs tabular max-xl:hidden">
      {row.status === "paused" || at === undefined ? NO_DATA : <Ago at={at} />}
    </span>
  );
}
