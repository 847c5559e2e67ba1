import { useId } from "react";
import { useRegions } from "@/api/queries/regions";
import type { Region } from "@/api/types";
import { plural } from "@/lib/format";
import { Checkbox, RadioGroup } from "@/ui/choices";
import { FieldNotes } from "@/ui/field";
import { Skeleton } from "@/ui/skeleton";
import { useValue } from "./fields";

/** All regions, or some. */
export function RegionsField() {
  const everywhere = useValue("everywhere");
  return (
    <div className="flex flex-col gap-3">
      <RadioGroup
        label="Checked from"
        value={everywhere.value ? "all" : "some"}
        onValueChange={(value) => everywhere.set(value === "all")}
        inline
        choices={[
          { value: "all", label: "All regions, also those added later" },
          { value: "some", label: "Chosen regions" },
        ]}
      />
      {everywhere.value ? null : <ChosenRegions />}
    </div>
  );
}

function ChosenRegions() {
  const id = useId();
  const regions = useRegions();
  const chosen = useValue("regions");
  const items = regions.data?.items ?? [];
  const gone = chosen.value.filter((name) => regions.data && !items.some((region) => region.id === name));
  const toggle = (name: string) => (on: boolean) =>
    chosen.set(on ? [...chosen.value, name] : chosen.value.filter((other) => other !== name));
  return (
    <fieldset
      aria-describedby={chosen.error ? `${id}-error` : undefined}
      className="flex flex-col gap-3 rounded-lg border border-line bg-sunken p-4"
    >
      <legend className="sr-only">Regions</legend>
      {regions.isPending ? <Skeleton className="h-12" /> : null}
      {regions.isError && items.length === 0 ? (
        <p className="text-muted text-sm">The regions could not be loaded. Choose “All regions”, or try again later.</p>
      ) : null}
      <div className="grid gap-3 sm:grid-cols-2">
        {items.map((region) => (
          <Checkbox
            key={region.id}
            label={region.id}
            hint={workersOf(region)}
            checked={chosen.value.includes(region.id)}
            onCheckedChange={toggle(region.id)}
          />
        ))}
        {gone.map((name) => (
          <Checkbox
            key={name}
            label={name}
            hint="This region is not there any more."
            checked
            onCheckedChange={toggle(name)}
          />
        ))}
      </div>
      <FieldNotes id={id} error={chosen.error} />
    </fieldset>
  );
}

function workersOf(region: Region): string {
  const alive = region.workers.filter((worker) => worker.alive).length;
  return alive === 0 ? "No probe runs here now" : `${plural(alive, "probe")}${region.isolated ? ", isolated" : ""}`;
}
