import { useIncidents } from "@/api/queries/incidents";
import type { Incident } from "@/api/types";
import { levelLook } from "@/domain/level";
import { reasonWords } from "@/domain/reason";
import { formatDuration } from "@/lib/format";
import { seconds } from "@/lib/time";
import { useServerNow } from "@/live/use-live";
import { Badge } from "@/ui/badge";
import { Card } from "@/ui/card";
import { EmptyState } from "@/ui/empty-state";
import { TextLink } from "@/ui/link-button";
import { Loaded } from "@/ui/loaded";
import { SkeletonList } from "@/ui/skeleton";
import { Moment } from "@/ui/time";

const MOST = 5;
const WORD = { open: "Open", acknowledged: "Acknowledged", resolved: "Resolved" } as const;

/** The monitor's latest incidents. */
export function IncidentsPanel({ id }: { id: string }) {
  const query = useIncidents({ monitor: id });
  return (
    <Card title="Incidents" flush>
      <Loaded
        query={query}
        failed="The incidents could not be loaded"
        loading={<SkeletonList label="incidents" rows={3} rowClassName="h-10" className="px-5 pb-5" />}
      >
        {({ pages }) => <Incidents incidents={pages.flatMap((page) => page.items).slice(0, MOST)} />}
      </Loaded>
    </Card>
  );
}

function Incidents({ incidents }: { incidents: readonly Incident[] }) {
  if (incidents.length === 0)
    return <EmptyState title="No incidents">This monitor has called for nobody yet.</EmptyState>;
  return (
    <ul className="divide-y divide-line border-line border-t">
      {incidents.map((incident) => (
        <li
          key={incident.id}
          className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1 px-4 py-2.5 sm:px-5"
        >
          <span className="flex min-w-0 flex-wrap items-center gap-2">
            <TextLink to="/incidents/$id" params={{ id: incident.id }} className="font-medium">
              {titleOf(incident)}
            </TextLink>
            <Badge tone={incident.state === "open" ? "down" : "neutral"}>{WORD[incident.state]}</Badge>
          </span>
          <span className="text-muted text-sm tabular-nums">
            <Moment at={incident.opened_at} /> · <Lasted incident={incident} />
          </span>
        </li>
      ))}
    </ul>
  );
}

function titleOf({ worst, reason }: Incident): string {
  const why = reasonWords(reason);
  const { word } = levelLook(worst);
  return why ? `${word}: ${why}` : word;
}

function Lasted({ incident }: { incident: Incident }) {
  const now = useServerNow();
  const end = incident.resolved_at ? seconds(incident.resolved_at) : now;
  return formatDuration((end ?? now) - seconds(incident.opened_at));
}
