import type { ReactNode } from "react";
import { cn } from "./cn";

interface EmptyStateProps {
  icon?: ReactNode;
  title: string;
  /** Why it is empty, or what would be here. */
  children?: ReactNode;
  /** What to do next. */
  action?: ReactNode;
  className?: string;
}

/** Nothing here, and that is known: not the look of something that is loading. */
export function EmptyState({ icon, title, children, action, className }: EmptyStateProps) {
  return (
    <div className={cn("flex flex-col items-center px-6 py-10 text-center", className)}>
      {icon ? (
        <span
          aria-hidden
          className="mb-3 grid size-10 place-items-center rounded-full bg-sunken text-muted [&_svg]:size-5"
        >
          {icon}
        </span>
      ) : null}
      <p className="font-medium text-sm">{title}</p>
      {children ? <div className="mt-1 max-w-md text-balance text-muted text-sm">{children}</div> : null}
      {action ? <div className="mt-4 flex flex-wrap justify-center gap-2">{action}</div> : null}
    </div>
  );
}
