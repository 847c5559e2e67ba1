import { Link } from "@tanstack/react-router";
import { UserRoundCheck } from "lucide-react";
import { Fragment } from "react";
import type { Incident } from "@/api/types";
import { LevelChip } from "@/domain/components/level-chip";
import { cause } from "@/domain/incident";
import { subject } from "@/domain/subject";
import { Badge } from "@/ui/badge";
import { cn, focusRingInside } from "@/ui/cn";
import { Moment } from "@/ui/time";
import { Duration } from "./duration";

/** Level, what, who, started, lasted. */
export const columns = "lg:grid-cols-[7rem_minmax(0,2fr)_minmax(0,1fr)_9rem_5rem]";

/** One incident of the list; all of the row leads to it. */
export function IncidentRow({ incident }: { incident: Incident }) {
  return (
    <li className="border-line border-b last:border-b-0">
      <Link
        to="/incidents/$id"
        params={{ id: incident.id }}
        className={cn(
          focusRingInside,
          "grid gap-x-4 gap-y-1 px-4 py-3 text-fg no-underline hover:bg-hover sm:px-5 last:rounded-b-lg",
          "grid-cols-[1fr_auto] lg:items-center",
          columns,
        )}
      >
        <span className="max-lg:order-2">
          <LevelChip incident={incident} />
        </span>
        <span className="min-w-0 max-lg:order-1">
          <span className="block truncate font-medium">{subject(incident)}</span>
          <span className="block break-words text-muted">
            {cause(incident)}
            {incident.flapping ? " · comes and goes" : ""}
            <FailedIn regions={incident.failed_in} />
          </span>
        </span>
        <span className="min-w-0 max-lg:order-5 max-lg:col-span-2">
          <Taken incident={incident} />
        </span>
        <Moment at={incident.opened_at} className="whitespace-nowrap text-muted max-lg:order-3" />
        <span className="whitespace-nowrap text-right max-lg:order-4">
          <span className="sr-only">{incident.resolved_at ? "Lasted " : "For "}</span>
          <Duration from={incident.opened_at} to={incident.resolved_at} />
        </span>
      </Link>
    </li>
  );
}

/** Names of regions are not broken at their hyphens. */
function FailedIn({ regions }: { regions: readonly string[] }) {
  return regions.map((region, at) => (
    <Fragment key={region}>
      {at === 0 ? " · failed in " : ", "}
      <span className="whitespace-nowrap">{region}</span>
    </Fragment>
  ));
}

/** Who looks after it, where that matters. */
function Taken({ incident }: { incident: Incident }) {
  if (incident.state === "open") return <Badge tone="down">Nobody on it</Badge>;
  const name = incident.acknowledged_by?.name;
  if (!name) return null;
  return (
    <Badge icon={<UserRoundCheck aria-hidden />}>
      <span className="sr-only">Acknowledged by </span>
      {name}
    </Badge>
  );
}
