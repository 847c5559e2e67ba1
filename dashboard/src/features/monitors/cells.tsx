import type { LiveMonitor, MonitorBeats } from "@/api/types";
import { HeartbeatBar } from "@/domain/components/heartbeat-bar";
import { uncheckedWords } from "@/domain/unchecked";
import { formatUptime, uptimePercent } from "@/domain/uptime";
import { NO_DATA } from "@/lib/ratio";
import { useZone } from "@/lib/time";
import { badgeStyle, badgeTones } from "@/ui/badge";
import { cn } from "@/ui/cn";
import { Ago } from "@/ui/time";
import { BEATS } from "./columns";

/** Tags of a row that are shown; the others are a number. */
const SHOWN = 2;

export function Tags({ tags }: { tags: readonly string[] }) {
  const rest = tags.length - SHOWN;
  return (
    <p className="flex min-w-0 items-center gap-1 overflow-hidden" title={tags.join(", ") || undefined}>
      {tags.slice(0, SHOWN).map((tag) => (
        <span key={tag} className={cn(badgeStyle, badgeTones.neutral, "block min-w-0 truncate leading-5")}>
          {tag}
        </span>
      ))}
      {rest > 0 ? <span className="text-muted text-xs tabular">+{rest}</span> : null}
    </p>
  );
}

/** Of the last 24 hours; coloured where it is not what one hopes for. */
export function Uptime({ beats, className }: { beats: MonitorBeats | undefined; className?: string }) {
  const counts = beats?.uptime["24h"];
  const percent = counts ? uptimePercent(counts) : null;
  const bad = percent !== null && percent < 99.9 ? (percent < 99 ? "text-down-text" : "text-degraded-text") : "";
  return (
    <span className={cn("tabular", percent === null ? "text-muted" : bad, className)}>
      {counts ? formatUptime(counts) : NO_DATA}
    </span>
  );
}

/** Why nobody knows how it is. */
export function Unchecked({ since }: { since: number }) {
  return <span>{uncheckedWords(since, useZone())}</span>;
}

/** The last beats; on a phone fewer of them, under the name. */
export function Bar({ beats, isPhone = false }: { beats: MonitorBeats | undefined; isPhone?: boolean }) {
  const shape = isPhone ? "mt-1 h-4!" : "max-md:hidden";
  if (beats === undefined) return <span aria-hidden className={cn("skeleton block h-6 w-full", shape)} />;
  return <HeartbeatBar beats={beats.beats} count={isPhone ? BEATS.phone : BEATS.wide} className={shape} />;
}

export function CheckedAt({ row, beats }: { row: LiveMonitor; beats: MonitorBeats | undefined }) {
  const at = beats?.last?.at;
  const style = "truncate text-right text-muted text-xs tabular max-xl:hidden";
  if (row.status === "paused" || at === undefined) return <span className={style}>{NO_DATA}</span>;
  return <Ago at={at} className={style} />;
}
