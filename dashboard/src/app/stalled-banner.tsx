import { TriangleAlert } from "lucide-react";
import { formatClock, useZone } from "@/lib/time";
import { useStalledSince } from "@/live/use-live";

/** Above every page, whatever it shows: nobody checks anything. Goes by itself. */
export function StalledBanner() {
  const since = useStalledSince();
  const zone = useZone();
  return (
    <div role="status">
      {since === null ? null : (
        <p className="flex items-center gap-2.5 border-line border-b bg-degraded-tint px-4 py-2.5 text-degraded-text text-sm tabular sm:px-6 lg:px-8">
          <TriangleAlert aria-hidden className="size-4 shrink-0" />
          <span>
            <strong className="font-semibold">No checks have run since {formatClock(since, zone)}.</strong> Statuses are
            shown as unknown until they run again.
          </span>
        </p>
      )}
    </div>
  );
}
