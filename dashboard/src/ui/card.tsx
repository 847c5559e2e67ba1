import { type ReactNode, useId } from "react";
import { cn } from "./cn";

interface CardProps {
  /** A heading of the second order; a card without one is a mere box. */
  title?: ReactNode;
  description?: ReactNode;
  /** Buttons or a choice beside the heading. */
  actions?: ReactNode;
  children?: ReactNode;
  /** Without inner space: tables and lists that reach the edges. */
  flush?: boolean;
  className?: string;
  id?: string;
}

/** A panel of a screen. */
export function Card({ title, description, actions, children, flush, className, id }: CardProps) {
  const own = useId();
  const heading = title ? `${id ?? own}-title` : undefined;
  const Box = title ? "section" : "div";
  return (
    <Box id={id} aria-labelledby={heading} className={cn("min-w-0 rounded-lg border border-line bg-card", className)}>
      {title ? (
        <div
          className={cn(
            "flex flex-wrap items-start justify-between gap-x-4 gap-y-2 px-4 pt-4 sm:px-5",
            flush && "pb-3",
          )}
        >
          <div className="min-w-0 flex-1 basis-32">
            <h2 id={heading} className="font-semibold text-[0.9375rem]">
              {title}
            </h2>
            {description ? <p className="mt-0.5 text-muted text-sm">{description}</p> : null}
          </div>
          {actions ? <div className="flex flex-wrap items-center gap-2">{actions}</div> : null}
        </div>
      ) : null}
      <div className={flush ? undefined : cn("px-4 pb-4 sm:px-5 sm:pb-5", title ? "pt-3.5" : "pt-4 sm:pt-5")}>
        {children}
      </div>
    </Box>
  );
}
