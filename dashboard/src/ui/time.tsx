import { useMemo } from "react";
import { useOverTime } from "@/lib/clock";
import { formatAbsolute, formatDate, formatMoment, formatRelative, seconds, useZone } from "@/lib/time";

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
  const zone = useZone();
  const moment = unix(at);
  const text = useOverTime((now) => formatRelative(moment, now));
  const title = useMemo(() => formatAbsolute(moment, zone), [moment, zone]);
  return (
    <time dateTime={iso(moment)} title={title} className={className}>
      {text}
    </time>
  );
}

/** Further away than this, days are no longer counted. */
const FAR_S = 60 * 86_400;

/** "in 12 d", ticking; of what is far away the day. */
export function Until({ at, className }: TimeProps) {
  const zone = useZone();
  const moment = unix(at);
  const isFar = useOverTime((now) => moment - now > FAR_S);
  if (!isFar) return <Ago at={at} className={className} />;
  return (
    <time dateTime={iso(moment)} title={formatAbsolute(moment, zone)} className={className}>
      {formatDate(moment, zone)}
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
