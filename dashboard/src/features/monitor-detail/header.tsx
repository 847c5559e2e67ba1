import { ExternalLink } from "lucide-react";
import type { Monitor } from "@/api/types";
import { StatusChip } from "@/domain/components/status-chip";
import { uncheckedWords } from "@/domain/unchecked";
import { formatClock, useZone } from "@/lib/time";
import { useLiveState, useServerNow } from "@/live/use-live";
import { Badge } from "@/ui/badge";
import { cn } from "@/ui/cn";
import { OutsideLink } from "@/ui/link-button";
import { PageHeader } from "@/ui/page-header";
import { Actions } from "./actions";
import { type Headline, sinceWords } from "./headline";

/** Who it is, how it is and since when, and what can be done. */
export function Header({ head, monitor }: { head: Headline; monitor: Monitor | undefined }) {
  return (
    <PageHeader
      title={head.name}
      beside={<State head={head} />}
      description={
        <div className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-1">
          <Address url={head.url} />
          {monitor?.tags.map((tag) => (
            <Badge key={tag}>{tag}</Badge>
          ))}
        </div>
      }
      actions={monitor ? <Actions monitor={monitor} /> : null}
    />
  );
}

/** What a browser can open is a link. */
function Address({ url }: { url: string }) {
  if (!url.startsWith("http")) return <span className="min-w-0 break-all">{url}</span>;
  return (
    <OutsideLink href={url} className="inline-flex min-w-0 max-w-full items-center gap-1">
      <span className="min-w-0 break-all">{url}</span>
      <ExternalLink aria-hidden className="size-3.5 shrink-0" />
      <span className="sr-only">, opens in a new tab</span>
    </OutsideLink>
  );
}

/** While events do not arrive, nothing looks freshly green. */
function State({ head }: { head: Headline }) {
  const now = useServerNow();
  const zone = useZone();
  const live = useLiveState();
  const words = head.unchecked === null ? sinceWords(head, now) : uncheckedWords(head.unchecked, zone);
  const isStale = live.state === "offline" || live.state === "stale";
  return (
    <span className="flex flex-wrap items-center gap-x-2.5 gap-y-1">
      <StatusChip status={head.status} className={cn(isStale && "opacity-60 grayscale")} />
      <span className="text-muted text-sm tabular-nums">
        {isStale && live.since > 0 ? `as of ${formatClock(live.since, zone)}` : words}
      </span>
    </span>
  );
}
