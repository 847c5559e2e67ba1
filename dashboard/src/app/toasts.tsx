import { lazy, Suspense, useEffect, useSyncExternalStore } from "react";
import { whenSettled } from "@/lib/idle";
import { patiently } from "@/lib/patiently";
import { onToasts, shownToasts } from "@/ui/toast";

const load = () => import("@/ui/toaster").then(({ Toaster: it }) => ({ default: it }));
const Toaster = lazy(() => patiently(load));

/** Loaded with the first thing there is to say, or well before: what is to be said may be that there is no network. */
export function Toasts() {
  const isNeeded = useSyncExternalStore(onToasts, () => shownToasts().length > 0);
  useEffect(() => {
    void whenSettled()
      .then(load)
      .catch(() => undefined);
  }, []);
  return <Suspense fallback={null}>{isNeeded ? <Toaster /> : null}</Suspense>;
}
