/** What opens on request is loaded on request. */
import { Ellipsis } from "lucide-react";
import { type ComponentProps, lazy, Suspense } from "react";
import { IconButton } from "@/ui/icon-button";
import type { CheckNow as CheckNowSheet } from "./check-now";
import type { CustomRange as CustomRangeDialog } from "./custom-range";
import type { MoreMenu as MoreActions } from "./more-menu";
import type { ResultSheet as OneResult } from "./result-sheet";

const LazyCheckNow = lazy(() => import("./check-now").then(({ CheckNow: it }) => ({ default: it })));
const LazyCustomRange = lazy(() => import("./custom-range").then(({ CustomRange: it }) => ({ default: it })));
const LazyMoreMenu = lazy(() => import("./more-menu").then(({ MoreMenu: it }) => ({ default: it })));
const LazyResultSheet = lazy(() => import("./result-sheet").then(({ ResultSheet: it }) => ({ default: it })));

export function CheckNow(props: ComponentProps<typeof CheckNowSheet>) {
  if (props.asked === 0) return null;
  return (
    <Suspense fallback={null}>
      <LazyCheckNow {...props} />
    </Suspense>
  );
}

export function CustomRange(props: ComponentProps<typeof CustomRangeDialog>) {
  if (!props.open) return null;
  return (
    <Suspense fallback={null}>
      <LazyCustomRange {...props} />
    </Suspense>
  );
}

export function ResultSheet(props: ComponentProps<typeof OneResult>) {
  if (props.result === null) return null;
  return (
    <Suspense fallback={null}>
      <LazyResultSheet {...props} />
    </Suspense>
  );
}

export function MoreMenu(props: ComponentProps<typeof MoreActions>) {
  return (
    <Suspense fallback={<MoreButton />}>
      <LazyMoreMenu {...props} />
    </Suspense>
  );
}

/** Holds the menu's place while it loads. */
function MoreButton() {
  return (
    <IconButton label="More actions" icon={<Ellipsis aria-hidden />} variant="secondary" tooltip={false} disabled />
  );
}
