import type { ReactNode } from "react";

interface PageHeaderProps {
  title: ReactNode;
  /** A chip, a count: on the line of the title. */
  beside?: ReactNode;
  /** Beneath it. */
  description?: ReactNode;
  actions?: ReactNode;
}

/** The one `h1` of a screen, and what can be done there. */
export function PageHeader({ title, beside, description, actions }: PageHeaderProps) {
  return (
    <header className="mb-5 flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
      <div className="min-w-0 max-w-full">
        <div className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-1">
          <h1 className="min-w-0 break-words font-semibold text-xl leading-7 tracking-tight">{title}</h1>
          {beside}
        </div>
        {description ? <div className="mt-1 text-muted text-sm">{description}</div> : null}
      </div>
      {actions ? <div className="flex flex-wrap items-center gap-2">{actions}</div> : null}
    </header>
  );
}
