import type { Channel } from "@/api/types";
import { CodeBlock } from "@/ui/code-block";
import { OnceDialog } from "@/ui/once-dialog";

/** A webhook's new secret, this once. */
export function SecretDialog({ channel, close }: { channel: Channel | null; close: () => void }) {
  return (
    <OnceDialog
      shown={channel}
      close={close}
      title="Copy the signing secret now"
      description="It is shown this once. The receiver needs it to verify requests."
    >
      {({ name, secret }) => <CodeBlock label={`Secret of ${name}`} text={secret ?? ""} />}
    </OnceDialog>
  );
}
