import { SearchX } from "lucide-react";
import { EmptyState } from "@/ui/empty-state";
import { LinkButton } from "@/ui/link-button";

/** No such monitor, or not ours: nobody is told which. */
export function Gone() {
  return (
    <>
      <h1 className="sr-only">Monitor not found</h1>
      <EmptyState
        icon={<SearchX />}
        title="Deleted or never existed"
        action={
          <LinkButton to="/monitors" variant="primary">
            Search the monitors
          </LinkButton>
        }
        className="py-20"
      >
        There is no monitor at this address. Somebody may have deleted it, or it belongs to another organisation.
      </EmptyState>
    </>
  );
}
