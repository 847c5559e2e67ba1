import { CloudOff, RotateCw, TriangleAlert } from "lucide-react";
import { ApiError, sentence } from "@/lib/errors";
import { Button } from "./button";
import { cn } from "./cn";

interface ErrorPanelProps {
  error: unknown;
  /** What could not be had: "The incidents could not be loaded". */
  title: string;
  retry?: () => void;
  retrying?: boolean;
  className?: string;
}

/** What went wrong, what to tell whoever runs the server, and another try. Older data stays beneath it. */
export function ErrorPanel({ error, title, retry, retrying, className }: ErrorPanelProps) {
  const offline = error instanceof ApiError && error.isOffline;
  const requestId = error instanceof ApiError ? error.requestId : null;
  const Icon = offline ? CloudOff : TriangleAlert;
  return (
    <div
      role="alert"
      className={cn("flex flex-wrap items-start gap-3 rounded-lg border border-line bg-card px-4 py-3.5", className)}
    >
      <Icon aria-hidden className={cn("mt-0.5 size-4 shrink-0", offline ? "text-muted" : "text-down-text")} />
      <div className="min-w-0 flex-1 basis-52 text-sm">
        <p className="font-medium">{title}</p>
        <p className="break-words text-muted">{sentence(error)}</p>
        {requestId ? <p className="mt-1 break-all font-mono text-muted text-xs">Request {requestId}</p> : null}
      </div>
      {retry ? (
        <Button size="sm" busy={retrying} icon={<RotateCw aria-hidden />} onClick={retry}>
          Try again
        </Button>
      ) : null}
    </div>
  );
}
