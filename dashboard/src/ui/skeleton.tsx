import { cn } from "./cn";

/** A place that will be filled, of its final size: `<Skeleton className="h-5 w-32" />`. */
export function Skeleton({ className }: { className?: string }) {
  return <span aria-hidden className={cn("skeleton block", className)} />;
}

interface SkeletonListProps {
  /** What is loading, for those who cannot see it. */
  label: string;
  rows: number;
  rowClassName?: string;
  className?: string;
}

/** Rows that are on their way. */
export function SkeletonList({ label, rows, rowClassName = "h-14", className }: SkeletonListProps) {
  return (
    <div role="status" className={cn("flex flex-col gap-2", className)}>
      <span className="sr-only">Loading {label}</span>
      {Array.from({ length: rows }, (_, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they are all alike
        <Skeleton key={place} className={rowClassName} />
      ))}
    </div>
  );
}
