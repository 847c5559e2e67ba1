import { Send } from "lucide-react";
import { useState } from "react";
import { useTestChannel } from "@/api/queries/channels";
import type { Channel, ChannelTested } from "@/api/types";
import { sentence } from "@/lib/errors";
import { formatMs } from "@/lib/format";
import { Button } from "@/ui/button";
import { CodeBlock } from "@/ui/code-block";
import { Dialog } from "@/ui/dialog";

/** Sends a test, and shows what the receiver said to it. */
export function TestButton({ channel }: { channel: Channel }) {
  const test = useTestChannel();
  const [open, setOpen] = useState(false);
  const send = () => test.mutate(channel.id, { onSettled: () => setOpen(true) });
  return (
    <>
      <Button size="sm" icon={<Send aria-hidden />} busy={test.isPending} onClick={send}>
        Send test
        <span className="sr-only"> to {channel.name}</span>
      </Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title={titleOf(test.data)}
        footer={<Button onClick={() => setOpen(false)}>Close</Button>}
      >
        {test.data ? <Said tested={test.data} name={channel.name} /> : <p>{sentence(test.error)}</p>}
      </Dialog>
    </>
  );
}

function titleOf(tested: ChannelTested | undefined): string {
  if (!tested) return "The test was not sent";
  return tested.ok ? "The test arrived" : "The test did not arrive";
}

function Said({ tested, name }: { tested: ChannelTested; name: string }) {
  const { ok, status, answer, took_ms, permanent } = tested;
  const code = status === null ? "no status" : `status ${status}`;
  return (
    <div className="flex flex-col gap-3">
      <p>
        {ok ? `${name} took it` : `${name} did not take it`}: {code} after {formatMs(took_ms)}.
        {!ok && permanent ? " It would refuse again: check the channel's settings." : ""}
        {!ok && !permanent ? " Another try may work." : ""}
      </p>
      {answer ? <CodeBlock label={ok || status !== null ? "What the receiver said" : "Why"} text={answer} /> : null}
    </div>
  );
}
