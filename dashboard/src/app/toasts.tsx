import { lazy, Suspense, useEffect, useSyncExternalStore } from "react";
import { patiently } from "@/lib/patiently";
import { onToasts, shownToasts } from "@/ui/toast";

const load = () => import("@/ui/toaster").then(({ Toaster: it }) => ({ default: it }));
const Toaster = lazy(() => patiently(load));

/** By then the page has what it needs itself. */
const LOAD_AFTER_MS = 2_000;

/** Loaded with the first thing there is to say, or a moment before: what is to be said may be that there is no network. */
export function Toasts() {
  const isNeeded = useSyncExternalStore(onToasts, () => shownToasts().length > 0);
  useEffect(() => {
    const timer = setTimeout(() => void load().catch(() => undefined), LOAD_AFTER_MS);
    return () => clearTimeout(timer);
  }, []);
  return <Suspense fallback={null}>{isNeeded ? <Toaster /> : null}</Suspense>;
}
