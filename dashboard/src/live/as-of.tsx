import { formatClock, useZone } from "@/lib/time";
import { useLiveState } from "./use-live";

/** While nothing new comes in: how old what is shown is. */
export function AsOf() {
  const { state, since } = useLiveState();
  const zone = useZone();
  if (since === 0 || (state !== "offline" && state !== "stale")) return null;
  return <span className="text-muted text-sm tabular"> as of {formatClock(since, zone)}</span>;
}
