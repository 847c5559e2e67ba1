import type { ReactNode } from "react";
import { useKept } from "@/api/queries/monitors-detail";
import type { Monitor, Result } from "@/api/types";
import { EvidenceView } from "@/domain/components/evidence";
import { PhaseWaterfall } from "@/domain/components/phase-waterfall";
import { VerdictChip } from "@/domain/components/status-chip";
import { diagnosisSentence } from "@/domain/diagnosis";
import { KINDS } from "@/domain/kind";
import { reasonTitle } from "@/domain/reason";
import { REASON_HELP } from "@/domain/reason-help";
import { TextLink } from "@/ui/link-button";
import { Sheet } from "@/ui/sheet";
import { Skeleton } from "@/ui/skeleton";
import { Moment } from "@/ui/time";
import { causeWords } from "./results";

interface ResultSheetProps {
  monitor: Monitor;
  result: Result | null;
  onClose: () => void;
}

/** One check with all that is known of it. */
export function ResultSheet({ monitor, result, onClose }: ResultSheetProps) {
  return (
    <Sheet
      open={result !== null}
      onOpenChange={(open) => open || onClose()}
      title={result ? `Check from ${result.region}` : ""}
      size="lg"
    >
      {result ? <Details monitor={monitor} result={result} /> : null}
    </Sheet>
  );
}

function Details({ monitor, result }: { monitor: Monitor; result: Result }) {
  const help = result.reason ? REASON_HELP[result.reason] : null;
  return (
    <div className="flex flex-col gap-5 text-sm">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <VerdictChip verdict={result.verdict} />
        {result.reason ? <span className="font-medium">{reasonTitle(result.reason)}</span> : null}
      </div>
      {help ? (
        <p>
          {help.sentence} <span className="text-muted">{help.hint}</span>
        </p>
      ) : null}
      {result.suspect ? <p>{diagnosisSentence(result.suspect)}</p> : null}
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1.5">
        <Line name="Due">
          <Moment at={result.slot} />
        </Line>
        <Line name="Started">{result.started_at ? <Moment at={result.started_at} /> : "nobody began"}</Line>
        <Line name="Cause">{causeWords(result)}</Line>
        {KINDS[monitor.kind].hasStatus ? <Line name="Status">{result.http_status ?? "no answer"}</Line> : null}
        {result.address ? <Line name="Address">{result.address}</Line> : null}
        {result.detail ? <Line name="Detail">{result.detail}</Line> : null}
      </dl>
      <section>
        <h3 className="mb-2 font-medium">Phases</h3>
        <PhaseWaterfall phases={result.phases} />
      </section>
      {result.verdict === "down" || result.verdict === "degraded" ? <Kept monitor={monitor} result={result} /> : null}
    </div>
  );
}

function Kept({ monitor, result }: { monitor: Monitor; result: Result }) {
  const { evidence, instead, incident, isLoading } = useKept(monitor.id, result, monitor.interval);
  return (
    <section>
      <h3 className="mb-2 font-medium">Evidence</h3>
      {isLoading ? (
        <Skeleton className="h-24 w-full" />
      ) : (
        <>
          <p className="mb-3 text-muted empty:hidden">
            {evidence === null
              ? "Nothing was kept of this check: only the first failure of a region in an incident is. "
              : null}
            {evidence !== null && instead !== null ? (
              <>
                As it was at the first failure of {result.region} in this incident, <Moment at={instead} />.{" "}
              </>
            ) : null}
            {incident ? (
              <TextLink to="/incidents/$id" params={{ id: incident }}>
                See the incident
              </TextLink>
            ) : null}
          </p>
          {evidence ? <EvidenceView evidence={evidence} /> : null}
        </>
      )}
    </section>
  );
}

function Line({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-muted">{name}</dt>
      <dd className="min-w-0 break-words">{children}</dd>
    </>
  );
}
