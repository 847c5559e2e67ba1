import { Link } from "@tanstack/react-router";
import { cn, focusRingInside } from "@/ui/cn";
import type { MonitorSearch } from "./search";

const tab = cn(
  focusRingInside,
  "-mb-px inline-flex h-10 items-center rounded-t-md border-transparent border-b-2 px-3 text-muted text-sm no-underline hover:text-fg pointer-coarse:h-11",
  "aria-[current=page]:border-accent aria-[current=page]:font-medium aria-[current=page]:text-fg",
);

/** The two sides of the page: addresses of their own, so links. */
export function PageTabs({ id, search }: { id: string; search: MonitorSearch }) {
  // Else an address that names no tab would be part of every address that names one.
  const activeOptions = { exact: true };
  const shared = { to: "/monitors/$id", params: { id }, resetScroll: false, className: tab, activeOptions } as const;
  return (
    <nav aria-label="About this monitor" className="mb-5 flex gap-1 border-line border-b">
      <Link {...shared} search={{ ...search, tab: undefined }}>
        Overview
      </Link>
      <Link {...shared} search={{ ...search, tab: "checks" }}>
        Checks
      </Link>
    </nav>
  );
}
