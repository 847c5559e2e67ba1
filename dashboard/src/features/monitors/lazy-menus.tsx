/** Menus and dialogs of the list, loaded once it stands. Until then their buttons are there, and do nothing yet. */
import { ChevronDown, Ellipsis } from "lucide-react";
import { type ComponentProps, lazy, Suspense } from "react";
import { Button } from "@/ui/button";
import { IconButton } from "@/ui/icon-button";
import type { BulkBar as Bar } from "./bulk-bar";
import type { RowMenu as Row } from "./row-menu";
import type { StatusFilter as Filter } from "./status-filter";
import { statusWords } from "./status-words";

const LazyRowMenu = lazy(() => import("./row-menu").then(({ RowMenu: it }) => ({ default: it })));
const LazyFilter = lazy(() => import("./status-filter").then(({ StatusFilter: it }) => ({ default: it })));
const LazyBar = lazy(() => import("./bulk-bar").then(({ BulkBar: it }) => ({ default: it })));

export function RowMenu(props: ComponentProps<typeof Row>) {
  const label = `Actions for ${props.row.name}`;
  const icon = <Ellipsis aria-hidden />;
  return (
    <div className="relative z-10 justify-self-end">
      <Suspense fallback={<IconButton size="sm" tooltip={false} label={label} icon={icon} />}>
        <LazyRowMenu {...props} />
      </Suspense>
    </div>
  );
}

export function StatusFilter(props: ComponentProps<typeof Filter>) {
  const waiting = (
    <Button className="justify-between! font-normal max-sm:text-base max-sm:-order-2">
      {statusWords(props.chosen)}
      <ChevronDown aria-hidden className="text-muted" />
    </Button>
  );
  return (
    <Suspense fallback={waiting}>
      <LazyFilter {...props} />
    </Suspense>
  );
}

export function BulkBar(props: ComponentProps<typeof Bar>) {
  return (
    <Suspense fallback={null}>
      <LazyBar {...props} />
    </Suspense>
  );
}
