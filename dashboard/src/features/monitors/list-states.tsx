import { Activity, ListFilter, Plus } from "lucide-react";
import { useMay } from "@/api/roles";
import { Button } from "@/ui/button";
import { EmptyState } from "@/ui/empty-state";
import { LinkButton } from "@/ui/link-button";
import { GRID } from "./columns";

const ROWS = Array.from({ length: 12 }, (_, index) => index);

/** Twelve rows of the final size. */
export function LoadingRows() {
  return (
    <div role="status">
      <span className="sr-only">Loading monitors</span>
      {ROWS.map((row) => (
        <div key={row} className={`${GRID} h-[76px] border-line border-t sm:h-14`}>
          <span className="skeleton size-[18px]" />
          <span className="skeleton h-6 w-16 max-sm:hidden" />
          <span className="space-y-1.5">
            <span className="skeleton block h-4 w-2/5" />
            <span className="skeleton block h-3 w-3/5" />
          </span>
          <span className="skeleton hidden h-4 w-20 group-data-[layout=tags]/list:block" />
          <span className="skeleton h-4 w-full max-lg:hidden" />
          <span className="skeleton h-4 w-full max-sm:hidden" />
          <span className="skeleton h-6 w-full max-md:hidden" />
          <span className="skeleton h-4 w-full max-xl:hidden" />
        </div>
      ))}
    </div>
  );
}

export function NoMonitors() {
  const { may } = useMay("editor");
  return (
    <EmptyState
      icon={<Activity />}
      title="No monitors yet"
      className="py-16"
      action={
        may ? (
          <LinkButton to="/monitors/new" variant="primary" icon={<Plus aria-hidden />}>
            Add a monitor
          </LinkButton>
        ) : null
      }
    >
      A monitor is an address that is checked again and again, from every region. Give one, and the first result is here
      within seconds.
    </EmptyState>
  );
}

export function NoMatches({ clear }: { clear: () => void }) {
  return (
    <EmptyState
      icon={<ListFilter />}
      title="No monitor matches"
      className="py-16"
      action={<Button onClick={clear}>Clear filters</Button>}
    >
      None has all of what you filter by.
    </EmptyState>
  );
}
