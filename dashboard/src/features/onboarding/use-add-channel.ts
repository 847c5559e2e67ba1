import { useState } from "react";
import { useCreateChannel } from "@/api/queries/channels";
import { usePolicies, useUpdatePolicy } from "@/api/queries/policies";
import type { Channel } from "@/api/types";
import type { QuickChannel } from "@/domain/quick-channels";
import { problemText } from "@/domain/server-sentences";
import { ApiError, sentence } from "@/lib/errors";

/** Makes a channel and puts it into the default policy: made alone, it would be told nothing. */
export function useAddChannel() {
  const create = useCreateChannel();
  const policies = usePolicies();
  const update = useUpdatePolicy();
  const [channel, setChannel] = useState<Channel | null>(null);
  const [wrong, setWrong] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  const link = async (made: Channel) => {
    const policy = policies.data?.find((one) => one.default);
    if (!policy)
      throw new Error("The channel was made, but no default policy was found: add it to a policy under Alerting.");
    if (!policy.channels.includes(made.id)) {
      await update.mutateAsync({ id: policy.id, channels: [...policy.channels, made.id] });
    }
  };
  const add = async (kind: QuickChannel, text: string) => {
    setWrong(null);
    setBusy(true);
    try {
      const made = channel ?? (await create.mutateAsync(kind.body(text.trim())));
      setChannel(made);
      await link(made);
    } catch (error) {
      setWrong(wrongWith(error, kind.label));
    } finally {
      setBusy(false);
    }
  };
  return { add, channel: busy || wrong ? null : channel, wrong, busy, forget: () => setWrong(null) };
}

function wrongWith(error: unknown, label: string): string {
  const refusal = error instanceof ApiError ? error.errors[0] : undefined;
  return refusal ? problemText(refusal.detail, `The ${label}`) : sentence(error);
}
