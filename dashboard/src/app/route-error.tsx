import { type ErrorComponentProps, useRouter } from "@tanstack/react-router";
import { CircleAlert } from "lucide-react";
import { useEffect, useRef } from "react";
import { isReachable } from "@/api/version";
import { ApiError, offline, sentence } from "@/lib/errors";
import { isChunkError, useReloadNeeded } from "@/lib/reload";
import { Button } from "@/ui/button";

/** A whole page that failed. */
export function RouteError({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  const reload = useReloadNeeded();
  const isChunk = isChunkError(error);
  const again = async () => {
    // What a browser could not load it may not ask for again. Without the server a page loaded anew would be none.
    if (isChunk && (await isReachable())) return location.reload();
    reset();
    await router.invalidate();
  };
  useOnline(isChunk, again);
  return (
    <main className="mx-auto flex max-w-md flex-col items-center gap-3 px-4 py-24 text-center" role="alert">
      <CircleAlert aria-hidden className="size-8 text-muted" />
      <h1 className="text-xl font-semibold">{reload ? "UpGuard was updated" : "This page did not load"}</h1>
      <p className="text-muted">
        {reload ? "Reload to get the new version." : isChunk ? sentence(offline()) : sentence(error)}
      </p>
      {error instanceof ApiError && error.requestId && <p className="text-xs text-muted">Request {error.requestId}</p>}
      <Button onClick={() => (reload ? location.reload() : void again())}>
        {reload ? "Reload to update" : "Try again"}
      </Button>
    </main>
  );
}

/** What only a missing network kept away is asked for again when it is back. */
function useOnline(wanted: boolean, again: () => Promise<void>): void {
  const latest = useRef(again);
  latest.current = again;
  useEffect(() => {
    if (!wanted) return;
    const onOnline = () => void latest.current();
    addEventListener("online", onOnline);
    return () => removeEventListener("online", onOnline);
  }, [wanted]);
}
