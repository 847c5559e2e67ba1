import type { ReactNode } from "react";
import type { IncidentWhole } from "@/api/types";
import { advice } from "@/domain/advice";
import { explanationOf, failing } from "@/domain/explanation";
import { cause, levelWords, STATE } from "@/domain/incident";
import { capital } from "@/lib/format";
import { Card } from "@/ui/card";
import { TextLink } from "@/ui/link-button";
import { Moment } from "@/ui/time";
import { Duration } from "./duration";

/** The incident at a glance. */
export function Facts({ incident }: { incident: IncidentWhole }) {
  const { monitor, region, resolved_at } = incident;
  const regions = regionsThatFailed(incident);
  return (
    <Card>
      <dl className="grid grid-cols-2 gap-x-6 gap-y-4 sm:grid-cols-[repeat(auto-fit,minmax(9.5rem,1fr))]">
        <Fact name="State">
          {STATE[incident.state]}
          <TakenBy incident={incident} />
        </Fact>
        <Fact name={resolved_at ? "Lasted" : "Open for"}>
          <Duration from={incident.opened_at} to={resolved_at} />
        </Fact>
        <Fact name="Started">
          <Moment at={incident.opened_at} />
        </Fact>
        {resolved_at ? (
          <Fact name="Ended">
            <Moment at={resolved_at} />
          </Fact>
        ) : null}
        {incident.worst === incident.level || resolved_at ? null : (
          <Fact name="Worst so far">{capital(levelWords(incident.worst))}</Fact>
        )}
        {regions.length > 0 ? <Fact name="Regions that failed">{regions.join(", ")}</Fact> : null}
        {monitor ? (
          <Fact name="Monitor">
            <TextLink to="/monitors/$id" params={{ id: monitor.id }} className="break-words">
              {monitor.name}
            </TextLink>
          </Fact>
        ) : null}
        {region ? (
          <Fact name="Region">
            <TextLink to="/regions">{region}</TextLink>
          </Fact>
        ) : null}
      </dl>
      <p className="mt-4 border-line border-t pt-3.5">
        <span className="font-medium">{cause(incident)}.</span> <span className="text-muted">{advice(incident)}</span>
      </p>
    </Card>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="text-muted text-xs">{name}</dt>
      <dd className="mt-0.5 break-words font-medium">{children}</dd>
    </div>
  );
}

function TakenBy({ incident }: { incident: IncidentWhole }) {
  const { acknowledged_at, acknowledged_by, state } = incident;
  if (acknowledged_at === null) return null;
  return (
    <span className="block font-normal text-muted text-xs">
      {state === "resolved" ? "Acknowledged " : ""}
      {acknowledged_by ? `by ${acknowledged_by.name}, ` : ""}
      <Moment at={acknowledged_at} className="whitespace-nowrap" />
    </span>
  );
}

/** Where it failed, and where else the latest explanation found it bad. */
function regionsThatFailed(incident: IncidentWhole): string[] {
  const explained = incident.timeline.map(({ data }) => explanationOf(data)).filter((one) => one !== null);
  const latest = failing(explained.findLast(({ votes }) => votes.down + votes.degraded > 0)?.regions ?? []);
  return [...new Set([...incident.failures.map(({ region }) => region), ...latest])].sort();
}
