import { Link } from "@tanstack/react-router";

/** The mark, and the name where there is room. */
export function Brand({ withName = true }: { withName?: boolean }) {
  return (
    <Link
      to="/overview"
      aria-label="UpGuard, overview"
      className="flex items-center gap-2.5 rounded-md font-semibold text-base tracking-tight"
    >
      <svg viewBox="0 0 32 32" aria-hidden="true" className="size-7 shrink-0">
        <rect width="32" height="32" rx="8" className="fill-accent" />
        <path
          d="M16 8v16M9 15l7-7 7 7"
          className="stroke-on-accent"
          fill="none"
          strokeWidth="3.5"
          strokeLinecap="round"
          strokeLinejoin="round"
        />
      </svg>
      {withName ? <span>UpGuard</span> : null}
    </Link>
  );
}
