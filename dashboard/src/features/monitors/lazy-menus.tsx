/** Menus and dialogs of the list, loaded once it stands. Who presses a row's button before gets the menu when it is here. */
import { ChevronDown } from "lucide-react";
import { type ComponentProps, lazy, Suspense, useState } from "react";
import { Button } from "@/ui/button";
import { Dots } from "@/ui/dots";
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
  const [pressed, press] = useState(false);
  const button = <IconButton size="sm" tooltip={false} label={label} icon={<Dots />} onClick={() => press(true)} />;
  return (
    <div className="relative z-10 justify-self-end">
      <Suspense fallback={button}>
        <LazyRowMenu {...props} startsOpen={pressed} />
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
