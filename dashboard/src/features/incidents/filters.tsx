import { useNavigate, useSearch } from "@tanstack/react-router";
import { X } from "lucide-react";
import { useMonitorQuery } from "@/api/queries/monitors";
import { KIND, STATE } from "@/domain/incident";
import { Button } from "@/ui/button";
import { CompactSelect } from "@/ui/select";
import { type IncidentsSearch, incidentsSearch, isFiltered, SINCE, SINCE_WORDS } from "./search";

/** What the list shows; the URL is where it is kept. */
export function Filters() {
  const search = useSearch({ from: "/_app/incidents/" });
  const navigate = useNavigate({ from: "/incidents/" });
  const set = (change: Partial<Record<keyof IncidentsSearch, string>>) =>
    void navigate({ search: (now) => incidentsSearch({ ...now, ...change }), replace: true });
  return (
    <div className="flex flex-wrap items-center gap-2">
      <CompactSelect
        label="State"
        value={search.state ?? ""}
        onValueChange={(state) => set({ state })}
        choices={[{ value: "", label: "All states" }, ...choices(STATE)]}
      />
      <CompactSelect
        label="Kind"
        value={search.kind ?? ""}
        onValueChange={(kind) => set({ kind })}
        choices={[{ value: "", label: "All kinds" }, ...choices(KIND)]}
      />
      <CompactSelect
        label="Range"
        value={search.since ?? "90d"}
        onValueChange={(since) => set({ since: since === "90d" ? "" : since })}
        choices={SINCE.map((value) => ({ value, label: `Last ${SINCE_WORDS[value]}` }))}
      />
      {search.monitor ? <MonitorFilter id={search.monitor} clear={() => set({ monitor: "" })} /> : null}
      {isFiltered(search) ? (
        <Button variant="ghost" onClick={() => void navigate({ search: {}, replace: true })}>
          Clear filters
        </Button>
      ) : null}
    </div>
  );
}

function choices(words: Record<string, string>) {
  return Object.entries(words).map(([value, label]) => ({ value, label }));
}

function MonitorFilter({ id, clear }: { id: string; clear: () => void }) {
  const name = useMonitorQuery(id).data?.name ?? "one monitor";
  return (
    <Button
      className="min-w-0 max-w-full shrink"
      onClick={clear}
      aria-label={`Show incidents of all monitors, not only of ${name}`}
    >
      <span className="truncate">{name}</span>
      <X aria-hidden />
    </Button>
  );
}
