import { useState } from "react";
import { useCreateChannel, useUpdateChannel } from "@/api/queries/channels";
import type { Channel, ChannelKind } from "@/api/types";
import { CHANNEL } from "@/domain/channel";
import { CHANNEL_SETTINGS } from "@/domain/channel-settings";
import { TextField } from "@/ui/text-field";
import { toast } from "@/ui/toast";
import { byField, toBody, toPatch, valuesOf, wrongs } from "./channel-form";
import { FormSheet } from "./form-sheet";
import { SettingField } from "./setting-field";
import { useSave } from "./use-save";

interface ChannelSheetProps {
  kind: ChannelKind;
  /** null: a new one */
  channel: Channel | null;
  close: () => void;
  showSecret: (channel: Channel) => void;
}

/** The form of a channel: a name, and what its kind asks for. */
export function ChannelSheet({ kind, channel, close, showSecret }: ChannelSheetProps) {
  const { title } = CHANNEL[kind];
  const { help, fields } = CHANNEL_SETTINGS[kind];
  const [values, setValues] = useState(() => valuesOf(kind, channel));
  const create = useCreateChannel();
  const update = useUpdateChannel();
  const { errors, save } = useSave((found) => byField(kind, found));
  const send = async () => {
    const saved = await (channel
      ? update.mutateAsync({ id: channel.id, ...toPatch(channel, values) })
      : create.mutateAsync(toBody(kind, values)));
    close();
    if (saved.secret) showSecret(saved);
    else toast({ title: `${saved.name} was ${channel ? "changed" : "added"}` });
  };
  const set = (name: string, value: string | boolean) =>
    setValues((now) => ({ ...now, settings: { ...now.settings, [name]: value } }));
  return (
    <FormSheet
      title={channel ? `Edit ${channel.name}` : `New ${title} channel`}
      description={help}
      confirm={channel ? "Save changes" : "Add channel"}
      problem={errors[""]}
      busy={create.isPending || update.isPending}
      close={close}
      save={() => void save(wrongs(kind, values, channel?.secrets ?? []), send)}
    >
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
    </FormSheet>
  );
}
