import type { Worker } from "@/api/types";
import { ToneChip } from "@/domain/components/status-chip";
import { diagnosisSentence } from "@/domain/diagnosis";
import { clockWords, load } from "@/domain/region-health";
import { formatMs } from "@/lib/format";
import { Ago } from "@/ui/time";
import { LoadBar } from "./load-bar";

/** Who works in a region: those who speak first, then the silent ones. */
export function Workers({ workers, region }: { workers: readonly Worker[]; region: string }) {
  const sorted = [...workers].sort((a, b) => Number(b.alive) - Number(a.alive) || a.worker.localeCompare(b.worker));
  return (
    <ul aria-label={`Probes of ${region}`} className="mt-4 flex flex-col gap-3 border-line border-t pt-4">
      {sorted.map((worker) => (
        <WorkerLine key={worker.worker} worker={worker} />
      ))}
    </ul>
  );
}

function WorkerLine({ worker }: { worker: Worker }) {
  const { worker: name, version, alive, diagnosis, seen_at } = worker;
  return (
    <li className="grid gap-x-4 gap-y-1.5 sm:grid-cols-[minmax(0,1fr)_11rem] sm:items-center">
      <div className="min-w-0">
        <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <span className="min-w-0 break-all font-medium">{name}</span>
          {alive ? null : <ToneChip tone="none" icon="unknown" word="Silent" size="sm" />}
          {alive && diagnosis ? <ToneChip tone="degraded" icon="degraded" word="Suspect" size="sm" /> : null}
        </p>
        <p className="flex flex-wrap gap-x-3 text-muted text-xs *:whitespace-nowrap">
          <span>{version}</span>
          <span>
            heard <Ago at={seen_at} />
          </span>
          {alive ? <span>queue {formatMs(worker.queue_age_ms)}</span> : null}
          {alive ? <span>clock {clockWords(worker.clock_offset_ms)}</span> : null}
        </p>
        {alive && diagnosis ? <p className="text-degraded-text text-xs">{diagnosisSentence(diagnosis)}</p> : null}
      </div>
      {alive ? <LoadBar {...load([worker])} /> : null}
    </li>
  );
}
