import type { LogFilter } from "@/api/queries/monitors-detail";
import type { Monitor, Verdict } from "@/api/types";
import { VERDICT_WORD } from "@/domain/verdict";
import { formatClock, useZone, zoneLabel } from "@/lib/time";
import { useLiveState, useServerNow } from "@/live/use-live";
import { Switch } from "@/ui/choices";
import { CompactSelect } from "@/ui/select";

interface ChecksToolbarProps {
  monitor: Monitor;
  filter: LogFilter;
  onFilter: (filter: LogFilter) => void;
  isTailing: boolean;
  onTailing: (isTailing: boolean) => void;
  isLive: boolean;
}

const half = "min-w-40 max-sm:min-w-0 max-sm:flex-[1_1_9rem]";
const VERDICTS: { value: "" | Verdict; label: string }[] = [
  { value: "", label: "All results" },
  ...(["down", "degraded", "up", "missed"] as const).map((value) => ({ value, label: VERDICT_WORD[value] })),
];

/** Which checks are in the log, and whether new ones come in by themselves. */
export function ChecksToolbar({ monitor, filter, onFilter, isTailing, onTailing, isLive }: ChecksToolbarProps) {
  const zone = useZone();
  const now = useServerNow();
  const names = new Set([...monitor.regions_now.map(({ region }) => region), ...monitor.regions]);
  if (filter.region) names.add(filter.region);
  const regions = [...names].sort().map((name) => ({ value: name, label: name }));
  return (
    <div className="mb-3 flex flex-wrap items-center gap-x-3 gap-y-2">
      <CompactSelect
        className={half}
        label="Result"
        value={filter.verdict ?? ""}
        onValueChange={(value) => onFilter({ ...filter, verdict: verdictOf(value) })}
        choices={VERDICTS}
      />
      <CompactSelect
        className={half}
        label="Region"
        value={filter.region ?? ""}
        onValueChange={(value) => onFilter({ ...filter, region: value || undefined })}
        choices={[{ value: "", label: "All regions" }, ...regions]}
      />
      <span className="text-muted text-xs">Times in {zoneLabel(now, zone)}</span>
      <div className="ml-auto flex flex-wrap items-center gap-x-3 gap-y-1">
        {isTailing && !isLive ? <Broken /> : null}
        <Switch label="Live tail" checked={isTailing} onCheckedChange={onTailing} />
      </div>
    </div>
  );
}

function verdictOf(value: string): Verdict | undefined {
  return VERDICTS.map((choice) => choice.value).find((known): known is Verdict => known !== "" && known === value);
}

function Broken() {
  const { since } = useLiveState();
  const zone = useZone();
  return (
    <span role="status" className="text-degraded-text text-sm">
      {since > 0 ? `Not live since ${formatClock(since, zone)}` : "Connecting…"}
    </span>
  );
}
