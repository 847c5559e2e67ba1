import { formatDuration } from "@/lib/format";
import { seconds } from "@/lib/time";
import { useServerNow } from "@/live/use-live";

interface SpanProps {
  /** RFC 3339 */
  from: string;
  to: string | null;
}

/** How long something lasted; what is not over ticks. */
export function Duration({ from, to }: SpanProps) {
  return to === null ? <Ticking from={from} /> : <Text from={seconds(from)} to={seconds(to)} />;
}

function Ticking({ from }: { from: string }) {
  return <Text from={seconds(from)} to={useServerNow()} />;
}

function Text({ from, to }: { from: number; to: number }) {
  return <span className="tabular-nums">{formatDuration(to - from)}</span>;
}
