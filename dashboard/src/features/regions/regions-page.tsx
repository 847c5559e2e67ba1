import { Plus } from "lucide-react";
import { useState } from "react";
import { useMe } from "@/api/queries/account";
import { useRegions } from "@/api/queries/regions";
import { isEnough } from "@/api/roles";
import type { Region } from "@/api/types";
import { fleetWords, worstFirst } from "@/domain/region-health";
import { Button } from "@/ui/button";
import { Loaded } from "@/ui/loaded";
import { PageHeader } from "@/ui/page-header";
import { SkeletonList } from "@/ui/skeleton";
import { NoRegions } from "./no-regions";
import { RegionCard } from "./region-card";
import { RegisterDialog } from "./register-dialog";

/** Where checks come from, who carries them out, and how well. */
export function RegionsPage() {
  const query = useRegions({ watched: true });
  const me = useMe().data;
  const [adding, add] = useState(false);
  const may = me?.operator ? isEnough(me.role, "admin") : false;
  const register = (
    <Button icon={<Plus aria-hidden />} onClick={() => add(true)}>
      Register region
    </Button>
  );
  return (
    <>
      <PageHeader
        title="Regions"
        description={query.data ? fleetWords(query.data.items) : "Where checks come from."}
        actions={may ? register : undefined}
      />
      <Loaded
        query={query}
        failed="The regions could not be loaded"
        loading={<SkeletonList label="regions" rows={2} rowClassName="h-56" />}
      >
        {({ items, note }) => (
          <>
            {note ? (
              <p className="mb-4 rounded-lg bg-degraded-tint px-4 py-3 text-degraded-text">{capital(note)}.</p>
            ) : null}
            {items.length === 0 ? <NoRegions /> : <Fleet regions={items} may={may} />}
          </>
        )}
      </Loaded>
      <RegisterDialog open={adding} close={() => add(false)} />
    </>
  );
}

function Fleet({ regions, may }: { regions: readonly Region[]; may: boolean }) {
  return (
    <ul className="grid items-start gap-4 xl:grid-cols-2" aria-label="Regions">
      {worstFirst(regions).map((region) => (
        <li key={region.id} className="min-w-0">
          <RegionCard region={region} mayRegister={may} />
        </li>
      ))}
    </ul>
  );
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
