import { Link } from "@tanstack/react-router";
import { Check } from "lucide-react";
import { memo } from "react";
import { useAcknowledge } from "@/api/queries/incidents";
import { useMay } from "@/api/roles";
import { StatusIcon } from "@/domain/components/status-icon";
import { tintOf } from "@/domain/components/tones";
import { sentence } from "@/lib/errors";
import { useLiveState } from "@/live/use-live";
import { Button } from "@/ui/button";
import { cn } from "@/ui/cn";
import { Ago } from "@/ui/time";
import { toast } from "@/ui/toast";
import type { Attention } from "./attention";

/** One thing to look at, and the button that says somebody does. */
export const AttentionLine = memo(function AttentionLine({ line }: { line: Attention }) {
  return (
    <li className="relative flex min-h-14 items-center gap-3 border-line border-t px-4 py-2 hover:bg-hover sm:px-5">
      <span aria-hidden className={cn("grid size-8 shrink-0 place-items-center rounded-full", tintOf[line.tone])}>
        <StatusIcon icon={line.icon} className="size-4" />
      </span>
      <div className="min-w-0 flex-1">
        <LineLink line={line} />
        <p className="text-muted text-xs max-sm:line-clamp-2 sm:truncate">
          {line.why}
          {line.since === null ? null : (
            <>
              {" · "}
              <Ago at={line.since} />
            </>
          )}
        </p>
      </div>
      {line.unacknowledged ? <Acknowledge id={line.unacknowledged} title={line.title} /> : null}
      {line.acknowledgedBy ? (
        <p className="max-w-40 truncate text-muted text-xs max-sm:hidden">Acknowledged by {line.acknowledgedBy}</p>
      ) : null}
    </li>
  );
});

const whole =
  "block truncate font-medium outline-none after:absolute after:inset-0 focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-accent";

function LineLink({ line: { to, title } }: { line: Attention }) {
  if (to === "policies") {
    return (
      <Link to="/alerting" search={{ tab: "policies" }} className={whole}>
        {title}
      </Link>
    );
  }
  if ("incident" in to) {
    return (
      <Link to="/incidents/$id" params={{ id: to.incident }} className={whole}>
        {title}
      </Link>
    );
  }
  return (
    <Link to="/monitors/$id" params={{ id: to.monitor }} className={whole}>
      {title}
    </Link>
  );
}

/** Offline it is refused, never queued: somebody else may have taken it meanwhile. */
function Acknowledge({ id, title }: { id: string; title: string }) {
  const acknowledge = useAcknowledge(id);
  const { may } = useMay("editor");
  const isOffline = useLiveState().state === "offline";
  const run = () =>
    acknowledge.mutateAsync().catch((error: unknown) => {
      toast({ title: `${title} was not acknowledged`, description: sentence(error), tone: "failed" });
    });
  if (!may) return null;
  return (
    <Button
      size="sm"
      className="relative z-10"
      busy={acknowledge.isPending}
      disabled={isOffline}
      title={isOffline ? "Not while offline" : undefined}
      aria-label={`Acknowledge ${title}`}
      onClick={() => void run()}
    >
      <Check aria-hidden className="sm:hidden" />
      <span className="max-sm:hidden">Acknowledge</span>
    </Button>
  );
}
