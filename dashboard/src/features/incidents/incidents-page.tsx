import { useNavigate, useSearch } from "@tanstack/react-router";
import { CircleCheck } from "lucide-react";
import { useState } from "react";
import { Button } from "@/ui/button";
import { EmptyState } from "@/ui/empty-state";
import { PageHeader } from "@/ui/page-header";
import { Filters } from "./filters";
import { IncidentList } from "./incident-list";
import { isFiltered, openFilter, pastFilter, SINCE_WORDS } from "./search";

/** What called for people: what is open first, then history. */
export function IncidentsPage() {
  const search = useSearch({ from: "/_app/incidents/" });
  const [now] = useState(() => Date.now() / 1000);
  const open = openFilter(search);
  const past = pastFilter(search, now);
  const range = SINCE_WORDS[search.since ?? "90d"];
  return (
    <>
      <PageHeader title="Incidents" description="Periods in which something called for people." />
      <Filters />
      {open ? <IncidentList title="Open" filter={open} empty={<AllClear />} /> : null}
      {past ? <IncidentList title="History" filter={past} empty={<NoHistory range={range} />} /> : null}
    </>
  );
}

function AllClear() {
  return (
    <EmptyState icon={<CircleCheck />} title="All clear">
      No incident is open.
    </EmptyState>
  );
}

function NoHistory({ range }: { range: string }) {
  const search = useSearch({ from: "/_app/incidents/" });
  const navigate = useNavigate({ from: "/incidents/" });
  const clear = <Button onClick={() => void navigate({ search: {}, replace: true })}>Clear filters</Button>;
  return (
    <EmptyState title={`No resolved incidents in ${range}`} action={isFiltered(search) ? clear : undefined}>
      {isFiltered(search)
        ? "None that fits the filters. Others may have been left out."
        : "Incidents that are over stand here, with all that happened."}
    </EmptyState>
  );
}
