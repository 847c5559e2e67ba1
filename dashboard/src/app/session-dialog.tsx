import { lazy, Suspense, useSyncExternalStore } from "react";
import { onToken, sessionEnded } from "@/api/session";
import { patiently } from "@/lib/patiently";

const load = () => import("@/features/auth/sign-in-dialog").then(({ SignInDialog: it }) => ({ default: it }));
const SignInDialog = lazy(() => patiently(load));

/** A session that ended while somebody was at work: sign in over the page, what was typed stays. */
export function SessionDialog() {
  const ended = useSyncExternalStore(onToken, sessionEnded);
  if (!ended) return null;
  return (
    <Suspense fallback={null}>
      <SignInDialog open />
    </Suspense>
  );
}
