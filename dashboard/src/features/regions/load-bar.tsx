import { formatCount } from "@/lib/format";
import { cn } from "@/ui/cn";

interface LoadBarProps {
  taken: number;
  limit: number;
  /** 0 to 1 */
  share: number;
  className?: string;
}

/** Checks in flight of those that may be. */
export function LoadBar({ taken, limit, share, className }: LoadBarProps) {
  const full = share > 0.9;
  return (
    <div className={className}>
      <p className="flex justify-between gap-3 text-xs">
        <span className="text-muted">In flight</span>
        <span className="tabular-nums">
          {formatCount(taken)} of {formatCount(limit)}
          {full ? " – nearly full" : ""}
        </span>
      </p>
      <div aria-hidden className="mt-1 h-1.5 overflow-hidden rounded-full border border-line bg-sunken">
        <div
          className={cn("h-full rounded-full", full ? "bg-degraded-fill" : "bg-accent")}
          style={{ width: `${share * 100}%` }}
        />
      </div>
    </div>
  );
}
