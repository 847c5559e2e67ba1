import { useState } from "react";
import { useCreatePolicy, useUpdatePolicy } from "@/api/queries/policies";
import type { Channel, Policy } from "@/api/types";
import { formatDuration } from "@/lib/format";
import { Switch } from "@/ui/choices";
import { Select } from "@/ui/select";
import { TextField } from "@/ui/text-field";
import { toast } from "@/ui/toast";
import { FormSheet } from "./form-sheet";
import { byField, choices, DELAYS, type PolicyValues, REMINDERS, toBody, valuesOf } from "./policy-form";
import { ChannelTicks, LevelTicks } from "./ticks";
import { useSave } from "./use-save";

interface PolicySheetProps {
  /** null: a new one */
  policy: Policy | null;
  channels: readonly Channel[];
  close: () => void;
}

/** The form of a policy. */
export function PolicySheet({ policy, channels, close }: PolicySheetProps) {
  const [values, setValues] = useState(() => valuesOf(policy));
  const create = useCreatePolicy();
  const update = useUpdatePolicy();
  const { errors, save } = useSave(byField);
  const set = (change: Partial<PolicyValues>) => setValues((now) => ({ ...now, ...change }));
  const send = async () => {
    const body = toBody(values);
    const saved = await (policy ? update.mutateAsync({ id: policy.id, ...body }) : create.mutateAsync(body));
    close();
    toast({ title: `${saved.name} was ${policy ? "changed" : "added"}` });
  };
  const wrong = (): Record<string, string> => (values.name.trim() === "" ? { name: "Give the policy a name." } : {});
  return (
    <FormSheet
      title={policy ? `Edit ${policy.name}` : "New policy"}
      description="Who is told of what, how soon, and how often again."
      confirm={policy ? "Save changes" : "Add policy"}
      problem={errors[""]}
      busy={create.isPending || update.isPending}
      close={close}
      save={() => void save(wrong(), send)}
    >
      <TextField
        label="Name"
        value={values.name}
        error={errors.name}
        maxLength={100}
        autoComplete="off"
        onChange={(event) => set({ name: event.target.value })}
      />
      <ChannelTicks
        channels={channels}
        value={values.channels}
        error={errors.channels}
        onChange={(ids) => set({ channels: ids })}
      />
      <LevelTicks value={values.sends} error={errors.sends} onChange={(sends) => set({ sends })} />
      <Select
        label="Wait before telling"
        hint="What is over before then is not sent at all."
        value={String(values.delay)}
        error={errors.delay}
        onValueChange={(delay) => set({ delay: Number(delay) })}
        choices={choices(DELAYS, values.delay).map((wait) => ({
          value: String(wait),
          label: wait === 0 ? "Tell at once" : formatDuration(wait),
        }))}
      />
      <Select
        label="Remind"
        hint="As long as nobody acknowledges."
        value={String(values.reminder)}
        error={errors.reminder}
        onValueChange={(reminder) => set({ reminder: Number(reminder) })}
        choices={choices(REMINDERS, values.reminder).map((wait) => ({
          value: String(wait),
          label: wait === 0 ? "Never" : `Every ${formatDuration(wait)}`,
        }))}
      />
      {policy?.default ? null : (
        <Switch
          label="Make it the default"
          hint="Monitors that name no policy go by the default."
          checked={values.default}
          error={errors.default}
          onCheckedChange={(on) => set({ default: on })}
        />
      )}
    </FormSheet>
  );
}
