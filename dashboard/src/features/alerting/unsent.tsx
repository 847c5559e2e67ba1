import { CircleCheck, RotateCw } from "lucide-react";
import { type UnsentState, useResend, useUnsent } from "@/api/queries/deliveries";
import { useMay } from "@/api/roles";
import type { UnsentMessage } from "@/api/types";
import { messageWord } from "@/domain/message";
import { sentence } from "@/lib/errors";
import { plural } from "@/lib/format";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { EmptyState } from "@/ui/empty-state";
import { Loaded } from "@/ui/loaded";
import { SkeletonList } from "@/ui/skeleton";
import { Ago, Moment } from "@/ui/time";
import { toast } from "@/ui/toast";
import { IncidentLink } from "./incident-link";
import { MoreButton } from "./more-button";

/** Messages that did not arrive: still tried, or given up. */
export function Unsent({ state }: { state: UnsentState | null }) {
  const query = useUnsent(state);
  return (
    <>
      <Loaded
        query={query}
        failed="The deliveries could not be loaded"
        loading={<SkeletonList label="deliveries" rows={4} rowClassName="h-[4.5rem]" />}
      >
        {({ pages }) => {
          const items = pages.flatMap((page) => page.items);
          return (
            <Card flush>
              {items.length === 0 ? (
                <Nothing state={state} />
              ) : (
                <ul aria-label="Messages that did not arrive">
                  {items.map((message) => (
                    <Line key={message.key} message={message} />
                  ))}
                </ul>
              )}
            </Card>
          );
        }}
      </Loaded>
      <MoreButton query={query} />
    </>
  );
}

function Nothing({ state }: { state: UnsentState | null }) {
  const words = { pending: "Nothing is waiting", dead: "Nothing was given up" };
  return (
    <EmptyState icon={<CircleCheck />} title={state ? words[state] : "Nothing waits to be delivered"}>
      What cannot be delivered is tried again for 24 hours, and stands here until it has arrived.
    </EmptyState>
  );
}

function Line({ message }: { message: UnsentMessage }) {
  const { channel, what, incident, messages, attempts, due_at, last, created_at } = message;
  const dead = message.state === "dead";
  return (
    <li className="flex flex-wrap items-start gap-x-4 gap-y-2 border-line border-b px-4 py-3.5 last:border-b-0 sm:px-5">
      <div className="min-w-0 flex-1 basis-60">
        <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <span className="font-medium">{messages ? plural(messages, "message") : messageWord(what)}</span>
          <span className="min-w-0 break-words text-muted">for {channel.name}</span>
          <Badge tone={dead ? "down" : "neutral"}>{dead ? "Given up" : "Waiting"}</Badge>
        </p>
        <p className="mt-1 break-words text-muted">
          {last ? `Last answer: ${last.answer || (last.status ?? "none")}` : "Not tried yet"}
        </p>
        <p className="mt-1 text-muted text-xs">
          <Moment at={created_at} /> · {plural(attempts, "try", "tries")}
          {due_at ? (
            <>
              {" "}
              · next <Ago at={due_at} />
            </>
          ) : null}
          {incident ? (
            <>
              {" · "}
              <IncidentLink id={incident} about={message} />
            </>
          ) : null}
        </p>
      </div>
      {dead ? <Resend message={message} /> : null}
    </li>
  );
}

function Resend({ message }: { message: UnsentMessage }) {
  const { may } = useMay("editor");
  const resend = useResend();
  if (!may) return null;
  const run = () =>
    resend.mutate(message.key, {
      onSuccess: () => toast({ title: "Sent again", description: `To ${message.channel.name}` }),
      onError: (why) => toast({ tone: "failed", title: "Not sent again", description: sentence(why) }),
    });
  return (
    <Button size="sm" icon={<RotateCw aria-hidden />} busy={resend.isPending} onClick={run}>
      Send again
    </Button>
  );
}
