import { type FormEvent, useState } from "react";
import type { Channel } from "@/api/types";
import { QUICK_CHANNELS, quickChannel } from "@/domain/quick-channels";
import { Button } from "@/ui/button";
import { CodeBlock } from "@/ui/code-block";
import { TextLink } from "@/ui/link-button";
import { Select } from "@/ui/select";
import { TextField } from "@/ui/text-field";
import { useAddChannel } from "./use-add-channel";

const CHOICES = QUICK_CHANNELS.map(({ kind, title }) => ({ value: kind, label: title }));

/** Adds one channel with one field. */
export function ChannelQuickForm() {
  const [kind, setKind] = useState("slack");
  const [text, setText] = useState("");
  const { add, channel, wrong, busy, forget } = useAddChannel();
  const quick = quickChannel(kind);
  if (channel) return <Added channel={channel} />;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim()) void add(quick, text);
  };
  return (
    <form noValidate onSubmit={submit} className="mt-4 flex flex-col gap-4 rounded-lg border border-line bg-sunken p-4">
      <div className="grid items-start gap-4 sm:grid-cols-[10rem_minmax(0,1fr)]">
        <Select
          label="Add a channel"
          value={kind}
          choices={CHOICES}
          onValueChange={(next) => {
            setKind(next);
            setText("");
            forget();
          }}
        />
        <TextField
          label={quick.label}
          type={quick.type}
          placeholder={quick.placeholder}
          hint={quick.hint}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          value={text}
          error={wrong}
          onChange={(event) => setText(event.target.value)}
        />
      </div>
      <div className="flex flex-wrap items-center justify-between gap-3">
        <p className="text-muted text-sm">
          Telegram, PagerDuty and more are under{" "}
          <TextLink to="/alerting" search={{ tab: "channels" }}>
            Alerting
          </TextLink>
          .
        </p>
        <Button type="submit" variant="primary" busy={busy} disabled={!text.trim()}>
          Add channel
        </Button>
      </div>
    </form>
  );
}

function Added({ channel }: { channel: Channel }) {
  return (
    <div role="status" className="mt-4 flex flex-col gap-2 text-sm">
      <p>{channel.name} is added. Send a test above to see that it arrives.</p>
      {channel.secret ? (
        <CodeBlock
          label="Signing secret"
          text={channel.secret}
          note="Shown only now: keep it to verify what the webhook gets."
        />
      ) : null}
    </div>
  );
}
