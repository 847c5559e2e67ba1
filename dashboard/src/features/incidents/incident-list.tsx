import type { ReactNode } from "react";
import { type IncidentFilter, useIncidents } from "@/api/queries/incidents";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { cn } from "@/ui/cn";
import { Loaded } from "@/ui/loaded";
import { SkeletonList } from "@/ui/skeleton";
import { columns, IncidentRow } from "./incident-row";

interface IncidentListProps {
  title: string;
  filter: IncidentFilter;
  empty: ReactNode;
}

/** Incidents of one filter, page by page. */
export function IncidentList({ title, filter, empty }: IncidentListProps) {
  const query = useIncidents(filter);
  const loading = <SkeletonList label={title} rows={6} rowClassName="h-[4.25rem]" />;
  return (
    <section className="mt-6">
      <h2 className="mb-2 font-semibold text-[0.9375rem]">{title}</h2>
      <Loaded query={query} failed="The incidents could not be loaded" loading={loading}>
        {({ pages }) => {
          const items = pages.flatMap((page) => page.items);
          if (items.length === 0) return <Card flush>{empty}</Card>;
          return (
            <Card flush>
              <Headings />
              <ul aria-label={title}>
                {items.map((incident) => (
                  <IncidentRow key={incident.id} incident={incident} />
                ))}
              </ul>
            </Card>
          );
        }}
      </Loaded>
      {query.hasNextPage ? (
        <div className="mt-3 flex justify-center">
          <Button busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            Load more
          </Button>
        </div>
      ) : null}
    </section>
  );
}

/** For the eye alone: each row says in words what its figures are. */
function Headings() {
  return (
    <div
      aria-hidden
      className={cn("hidden gap-x-4 border-line border-b px-5 py-2 font-medium text-muted text-xs lg:grid", columns)}
    >
      <span>Level</span>
      <span>What</span>
      <span>Who is on it</span>
      <span>Started</span>
      <span className="text-right">Lasted</span>
    </div>
  );
}
