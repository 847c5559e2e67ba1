import { MailQuestion } from "lucide-react";
import { useAskReaders } from "@/api/queries/channels";
import type { Channel, Confirmations } from "@/api/types";
import { sentence } from "@/lib/errors";
import { Button } from "@/ui/button";

/** Which readers of a mail channel have not confirmed yet, and a way to ask them again. */
export function Unconfirmed({ channel, may }: { channel: Channel; may: boolean }) {
  const ask = useAskReaders();
  if (channel.unconfirmed.length === 0) return null;
  const addresses = channel.unconfirmed.map(({ address }) => address).join(", ");
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-2 text-muted">
      <p className="flex min-w-0 flex-1 basis-64 items-start gap-1.5">
        <MailQuestion aria-hidden className="mt-0.5 size-4 shrink-0" />
        <span className="min-w-0 break-words">Waiting for confirmation, mailed nothing until then: {addresses}</span>
      </p>
      {may ? (
        <Button size="sm" busy={ask.isPending} onClick={() => ask.mutate(channel.id)}>
          Ask again
          <span className="sr-only"> for {channel.name}</span>
        </Button>
      ) : null}
      <p role="status" className="basis-full empty:hidden">
        {ask.error ? sentence(ask.error) : ask.data ? outcomeOf(ask.data) : null}
      </p>
    </div>
  );
}

/** What came of asking: everybody was mailed, or who was not and why. */
export function outcomeOf({ items }: Confirmations): string {
  const failed = items.filter(({ sent }) => !sent);
  if (failed.length === 0) return "The mail is on its way. Its link works for three days.";
  return failed.map(({ address, why_not }) => `${address}: ${why_not}`).join("; ");
}
