import { type ErrorComponentProps, useRouter } from "@tanstack/react-router";
import { CircleAlert } from "lucide-react";
import { ApiError, offline, sentence } from "@/api/errors";
import { isChunkError, useReloadNeeded } from "@/lib/reload";
import { Button } from "@/ui/button";

/** A whole page that failed. */
export function RouteError({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  const reload = useReloadNeeded();
  const isChunk = isChunkError(error);
  const again = () => {
    reset();
    void router.invalidate();
  };
  return (
    <main className="mx-auto flex max-w-md flex-col items-center gap-3 px-4 py-24 text-center" role="alert">
      <CircleAlert aria-hidden className="size-8 text-muted" />
      <h1 className="text-xl font-semibold">{reload ? "UpGuard was updated" : "This page did not load"}</h1>
      <p className="text-muted">
        {reload ? "Reload to get the new version." : isChunk ? sentence(offline()) : sentence(error)}
      </p>
      {error instanceof ApiError && error.requestId && <p className="text-xs text-muted">Request {error.requestId}</p>}
      <Button onClick={reload || isChunk ? () => location.reload() : again}>
        {reload ? "Reload to update" : "Try again"}
      </Button>
    </main>
  );
}
