import { TickBox } from "@/ui/choices";
import { GRID } from "./columns";

interface ListHeadProps {
  selected: number;
  total: number;
  onToggleAll: () => void;
}

/** The names of the columns, and the box that ticks all. */
export function ListHead({ selected, total, onToggleAll }: ListHeadProps) {
  const checked = selected === 0 ? false : selected >= total ? true : "indeterminate";
  return (
    <div className={`${GRID} h-10 font-medium text-muted text-xs`}>
      <TickBox
        aria-label={checked === true ? "Clear the selection" : "Select all that match"}
        checked={checked}
        onCheckedChange={onToggleAll}
        disabled={total === 0}
      />
      <span className="max-sm:hidden">Status</span>
      <span>Monitor</span>
      <span className="hidden group-data-[layout=tags]/list:block">Tags</span>
      <span className="text-right max-lg:hidden">Response</span>
      <span className="text-right max-sm:hidden">Uptime 24 h</span>
      <span className="max-md:hidden">Last checks</span>
      <span className="text-right max-xl:hidden">Checked</span>
    </div>
  );
}
