import { RotateCw } from "lucide-react";
import { useState } from "react";
import type { Monitor } from "@/api/types";
import { PhaseWaterfall, phaseSum } from "@/domain/components/phase-waterfall";
import { VerdictChip } from "@/domain/components/status-chip";
import { REASON_HELP } from "@/domain/reason-help";
import { plural } from "@/lib/format";
import { Button, Spinner } from "@/ui/button";
import { ErrorPanel } from "@/ui/error-panel";
import { Sheet } from "@/ui/sheet";
import { type Lane, useCheckTrace } from "./use-check-now";

interface CheckNowProps {
  monitor: Monitor;
  /** When it was asked for, unix ms; 0 is closed. */
  asked: number;
  onClose: () => void;
}

/** A check on request, region by region as they answer. */
export function CheckNow({ monitor, asked, onClose }: CheckNowProps) {
  return (
    <Sheet
      open={asked > 0}
      onOpenChange={(open) => open || onClose()}
      title="Check now"
      description="Every region looks once. This counts in no uptime."
    >
      {asked > 0 ? <Trace monitor={monitor} first={asked} /> : null}
    </Sheet>
  );
}

function Trace({ monitor, first }: { monitor: Monitor; first: number }) {
  const [trigger, setTrigger] = useState(first);
  const { ask, lanes } = useCheckTrace(monitor, trigger);
  const again = () => setTrigger(Date.now());
  const longest = Math.max(...lanes.map(({ result }) => (result ? phaseSum(result.phases) : 0)), 0);
  const waiting = lanes.filter(({ result, isLate }) => result === null && !isLate).length;
  if (ask.isError) return <ErrorPanel error={ask.error} title="The check could not be asked for" retry={again} />;
  return (
    <div className="flex flex-col gap-4">
      <p role="status" className="text-muted text-sm">
        {progress(ask.isSuccess, lanes.length, waiting)}
      </p>
      <ul className="flex flex-col gap-3">
        {lanes.map((lane) => (
          <LaneBox key={lane.region} lane={lane} scale={longest} />
        ))}
      </ul>
      {ask.isSuccess && waiting === 0 ? (
        <Button className="self-start" icon={<RotateCw aria-hidden />} onClick={again}>
          Check again
        </Button>
      ) : null}
    </div>
  );
}

function progress(isAsked: boolean, regions: number, waiting: number): string {
  if (!isAsked) return "Asking the regions…";
  if (regions === 0) return "There is no region to ask. Start a probe, or choose other regions for this monitor.";
  return waiting === 0 ? "Done." : `Waiting for ${plural(waiting, "region")} of ${regions}…`;
}

function LaneBox({ lane: { region, result, isLate }, scale }: { lane: Lane; scale: number }) {
  return (
    <li className="rounded-lg border border-line p-3">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <h3 className="font-medium text-sm">{region}</h3>
        {result ? <VerdictChip verdict={result.verdict} /> : null}
      </div>
      <div className="mt-2 min-h-6">
        {result ? (
          <>
            {result.reason ? (
              <p className="mb-2 break-words text-sm">
                {REASON_HELP[result.reason].sentence} <span className="text-muted">{result.detail}</span>
              </p>
            ) : null}
            <PhaseWaterfall phases={result.phases} total={scale} />
            <p className="mt-2 break-all text-muted text-xs">
              {[result.http_status ? `Status ${result.http_status}` : null, result.address].filter(Boolean).join(" · ")}
            </p>
          </>
        ) : isLate ? (
          <p className="text-muted text-sm">No answer in time. Check that the region's probes run.</p>
        ) : (
          <p className="flex items-center gap-2 text-muted text-sm">
            <Spinner /> Looking…
          </p>
        )}
      </div>
    </li>
  );
}
