import { type FormEvent, useId, useState } from "react";
import { fieldErrors, sentence } from "@/api/errors";
import { useCreateChannel, useUpdateChannel } from "@/api/queries/channels";
import type { Channel, ChannelKind } from "@/api/types";
import { Button } from "@/ui/button";
import { Sheet } from "@/ui/sheet";
import { TextField } from "@/ui/text-field";
import { toast } from "@/ui/toast";
import { byField, missing, toBody, toPatch, valuesOf } from "./channel-form";
import { KINDS } from "./kinds";
import { SettingField } from "./setting-field";

interface ChannelSheetProps {
  kind: ChannelKind;
  /** null: a new one */
  channel: Channel | null;
  close: () => void;
  showSecret: (channel: Channel) => void;
}

/** The form of a channel: a name, and what its kind asks for. */
export function ChannelSheet({ kind, channel, close, showSecret }: ChannelSheetProps) {
  const form = useId();
  const { title, help, fields } = KINDS[kind];
  const [values, setValues] = useState(() => valuesOf(kind, channel));
  const { errors, busy, save } = useSave(kind, channel, (saved) => {
    close();
    if (saved.secret) showSecret(saved);
    else toast({ title: channel ? `${saved.name} was changed` : `${saved.name} was added` });
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void save(values);
  };
  const set = (name: string, value: string | boolean) =>
    setValues((now) => ({ ...now, settings: { ...now.settings, [name]: value } }));
  return (
    <Sheet
      open
      onOpenChange={(open) => open || close()}
      title={channel ? `Edit ${channel.name}` : `New ${title} channel`}
      description={help}
      footer={
        <>
          <Button onClick={close}>Cancel</Button>
          <Button type="submit" form={form} variant="primary" busy={busy}>
            {channel ? "Save changes" : "Add channel"}
          </Button>
        </>
      }
    >
      <form id={form} onSubmit={submit} noValidate className="flex flex-col gap-5">
        {errors[""] ? (
          <p role="alert" className="text-down-text">
            {errors[""]}
          </p>
        ) : null}
        <TextField
          label="Name"
          value={values.name}
          error={errors.name}
          maxLength={100}
          placeholder={`${title} of the team on call`}
          autoComplete="off"
          onChange={(event) => setValues((now) => ({ ...now, name: event.target.value }))}
        />
        {fields.map((field) => (
          <SettingField
            key={field.name}
            field={field}
            value={values.settings[field.name] ?? ""}
            stored={channel?.secrets.includes(field.name) ?? false}
            error={errors[field.name]}
            onChange={(value) => set(field.name, value)}
          />
        ))}
      </form>
    </Sheet>
  );
}

function useSave(kind: ChannelKind, channel: Channel | null, done: (saved: Channel) => void) {
  const create = useCreateChannel();
  const update = useUpdateChannel();
  const [errors, setErrors] = useState<Record<string, string>>({});
  const save = async (values: ReturnType<typeof valuesOf>) => {
    const lacks = missing(kind, values, channel?.secrets ?? []);
    setErrors(lacks);
    if (Object.keys(lacks).length > 0) return;
    try {
      const body = toBody(kind, values);
      done(
        await (channel
          ? update.mutateAsync({ id: channel.id, ...toPatch(channel, values) })
          : create.mutateAsync(body)),
      );
    } catch (why) {
      const found = byField(kind, fieldErrors(why));
      setErrors(Object.keys(found).length > 0 ? found : { "": sentence(why) });
    }
  };
  return { errors, busy: create.isPending || update.isPending, save };
}
