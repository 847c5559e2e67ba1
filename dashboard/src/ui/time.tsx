import { useMemo } from "react";
import { formatAbsolute, formatMoment, formatRelative, seconds, useZone } from "../lib/time";
import { useServerNow } from "../live/use-live";

interface TimeProps {
  /** RFC 3339, or unix seconds. */
  at: string | number;
  className?: string;
}

function unix(at: string | number): number {
  return typeof at === "number" ? at : (seconds(at) ?? 0);
}

/** "12 s ago", ticking; the moment itself when pointed at. */
export function Ago({ at, className }: TimeProps) {
  const now = useServerNow();
  const zone = useZone();
  const moment = unix(at);
  const title = useMemo(() => formatAbsolute(moment, zone), [moment, zone]);
  return (
    <time dateTime={iso(moment)} title={title} className={className}>
      {formatRelative(moment, now)}
    </time>
  );
}

/** "Nov 22, 12:03:11" in the reader's zone. */
export function Moment({ at, className }: TimeProps) {
  const zone = useZone();
  const moment = unix(at);
  return (
    <time dateTime={iso(moment)} title={formatAbsolute(moment, zone)} className={className}>
      {formatMoment(moment, zone)}
    </time>
  );
}

function iso(moment: number): string {
  return new Date(moment * 1000).toISOString();
}
