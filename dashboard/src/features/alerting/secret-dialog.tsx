import { useState } from "react";
import type { Channel } from "@/api/types";
import { Button } from "@/ui/button";
import { CodeBlock } from "@/ui/code-block";
import { Dialog } from "@/ui/dialog";

/** A webhook's new secret, this once. */
export function SecretDialog({ channel, close }: { channel: Channel | null; close: () => void }) {
  // What is shown while the dialog fades is what it showed.
  const [last, setLast] = useState(channel);
  if (channel && channel !== last) setLast(channel);
  const shown = channel ?? last;
  return (
    <Dialog
      open={channel !== null}
      onOpenChange={(open) => open || close()}
      insistent
      title="Copy the signing secret now"
      description="It is shown this once. The receiver needs it to verify requests."
      footer={
        <Button variant="primary" onClick={close}>
          I have copied it
        </Button>
      }
    >
      <CodeBlock label={`Secret of ${shown?.name ?? ""}`} text={shown?.secret ?? ""} />
    </Dialog>
  );
}
