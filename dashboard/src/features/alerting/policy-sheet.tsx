import { type FormEvent, useId, useState } from "react";
import { fieldErrors, sentence } from "@/api/errors";
import { useCreatePolicy, useUpdatePolicy } from "@/api/queries/policies";
import type { Channel, Policy } from "@/api/types";
import { formatDuration } from "@/lib/format";
import { Button } from "@/ui/button";
import { Switch } from "@/ui/choices";
import { Select } from "@/ui/select";
import { Sheet } from "@/ui/sheet";
import { TextField } from "@/ui/text-field";
import { toast } from "@/ui/toast";
import { byField, choices, DELAYS, type PolicyValues, REMINDERS, toBody, valuesOf } from "./policy-form";
import { ChannelTicks, LevelTicks } from "./ticks";

interface PolicySheetProps {
  /** null: a new one */
  policy: Policy | null;
  channels: readonly Channel[];
  close: () => void;
}

/** The form of a policy. */
export function PolicySheet({ policy, channels, close }: PolicySheetProps) {
  const form = useId();
  const [values, setValues] = useState(() => valuesOf(policy));
  const { errors, busy, save } = useSave(policy, close);
  const set = (change: Partial<PolicyValues>) => setValues((now) => ({ ...now, ...change }));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void save(values);
  };
  return (
    <Sheet
      open
      onOpenChange={(open) => open || close()}
      title={policy ? `Edit ${policy.name}` : "New policy"}
      description="Who is told of what, how soon, and how often again."
      footer={
        <>
          <Button onClick={close}>Cancel</Button>
          <Button type="submit" form={form} variant="primary" busy={busy}>
            {policy ? "Save changes" : "Add policy"}
          </Button>
        </>
      }
    >
      <form id={form} onSubmit={submit} noValidate className="flex flex-col gap-6">
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
      </form>
    </Sheet>
  );
}

function useSave(policy: Policy | null, close: () => void) {
  const create = useCreatePolicy();
  const update = useUpdatePolicy();
  const [errors, setErrors] = useState<Record<string, string>>({});
  const save = async (values: PolicyValues) => {
    if (values.name.trim() === "") {
      setErrors({ name: "Give the policy a name." });
      return;
    }
    setErrors({});
    const body = toBody(values);
    try {
      const saved = await (policy ? update.mutateAsync({ id: policy.id, ...body }) : create.mutateAsync(body));
      close();
      toast({ title: policy ? `${saved.name} was changed` : `${saved.name} was added` });
    } catch (why) {
      const found = byField(fieldErrors(why));
      setErrors(Object.keys(found).length > 0 ? found : { "": sentence(why) });
    }
  };
  return { errors, busy: create.isPending || update.isPending, save };
}
