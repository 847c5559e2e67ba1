import { useOpenIncidents } from "@/live/use-live";
import { cn } from "@/ui/cn";

/** How many monitors have an open incident, as a small number. */
export function OpenIncidents({ className }: { className?: string }) {
  const count = useOpenIncidents();
  if (count === 0) return null;
  return (
    <span
      className={cn(
        "inline-grid h-[18px] min-w-[18px] place-items-center rounded-full bg-down-tint px-1 font-semibold text-[11px] text-down-text leading-none tabular",
        className,
      )}
    >
      {count > 99 ? "99+" : count}
      <span className="sr-only"> open</span>
    </span>
  );
}
