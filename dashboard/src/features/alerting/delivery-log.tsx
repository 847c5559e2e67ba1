import { CircleCheck, CircleX } from "lucide-react";
import { useChannelDeliveries } from "@/api/queries/deliveries";
import type { DeliveryTry } from "@/api/types";
import { messageWord } from "@/domain/message";
import { formatMs } from "@/lib/format";
import { Card } from "@/ui/card";
import { cn, focusRing } from "@/ui/cn";
import { CodeBlock } from "@/ui/code-block";
import { EmptyState } from "@/ui/empty-state";
import { Loaded } from "@/ui/loaded";
import { SkeletonList } from "@/ui/skeleton";
import { Moment } from "@/ui/time";
import { IncidentLink } from "./incident-link";
import { MoreButton } from "./more-button";

/** Every try to tell one channel something, newest first, with what it answered. */
export function DeliveryLog({ channel }: { channel: string }) {
  const query = useChannelDeliveries(channel);
  return (
    <>
      <Loaded
        query={query}
        failed="The log could not be loaded"
        loading={<SkeletonList label="the log" rows={6} rowClassName="h-14" />}
      >
        {({ pages }) => {
          const items = pages.flatMap((page) => page.items);
          return (
            <Card flush>
              {items.length === 0 ? (
                <EmptyState title="Nothing was sent in 90 days">Tries and their answers stand here.</EmptyState>
              ) : (
                <ol aria-label="Tries">
                  {items.map((item) => (
                    <Line key={item.id} item={item} />
                  ))}
                </ol>
              )}
            </Card>
          );
        }}
      </Loaded>
      <MoreButton query={query} />
    </>
  );
}

function Line({ item }: { item: DeliveryTry }) {
  const { what, incident, attempt, at, ok, status, answer, took_ms } = item;
  const Icon = ok ? CircleCheck : CircleX;
  const code = status === null ? "no status" : `status ${status}`;
  return (
    <li className="flex gap-3 border-line border-b px-4 py-3 last:border-b-0 sm:px-5">
      <Icon aria-hidden className={cn("mt-0.5 size-4 shrink-0", ok ? "text-up-text" : "text-down-text")} />
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-baseline gap-x-3">
          <span className="font-medium">{messageWord(what)}</span>
          <span className="text-muted">
            {ok ? "arrived" : "did not arrive"}, {code}, {formatMs(took_ms)}
            {attempt > 1 ? `, try ${attempt}` : ""}
          </span>
          <span className="grow" />
          <Moment at={at} className="whitespace-nowrap text-muted text-xs" />
        </p>
        <p className="flex flex-wrap gap-x-3">{incident ? <IncidentLink id={incident} about={item} /> : null}</p>
        {answer ? (
          <details className="mt-1">
            <summary className={cn(focusRing, "w-fit rounded-sm text-accent pointer-coarse:min-h-11")}>
              {ok || status !== null ? "Answer" : "Why"}
            </summary>
            <CodeBlock label={ok || status !== null ? "Answer" : "Why"} text={answer} className="mt-2" />
          </details>
        ) : null}
      </div>
    </li>
  );
}
