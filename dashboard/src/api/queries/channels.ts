import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { del, patch, post } from "../client";
import { keys } from "../keys";
import { everyPage } from "../pages";
import type { Channel, ChannelBody, ChannelTested, Confirmations } from "../types";

/** Where alerts go, oldest first. */
export function useChannels() {
  return useQuery({
    queryKey: keys.channels,
    queryFn: ({ signal }) => everyPage<Channel>("channels", {}, signal),
  });
}

/** After a change of a channel, who would be told has changed too. */
function useChanged() {
  const client = useQueryClient();
  return async () => {
    await Promise.all([
      client.invalidateQueries({ queryKey: keys.channels }),
      client.invalidateQueries({ queryKey: keys.policies }),
    ]);
  };
}

/** Makes a channel; the answer alone shows a webhook's secret. */
export function useCreateChannel() {
  const onSuccess = useChanged();
  return useMutation({ mutationFn: (body: ChannelBody) => post<Channel>("channels", body), onSuccess });
}

export function useUpdateChannel() {
  const onSuccess = useChanged();
  const mutationFn = ({ id, ...body }: { id: string } & Partial<Omit<ChannelBody, "kind">>) =>
    patch<Channel>(`channels/${id}`, body);
  return useMutation({ mutationFn, onSuccess });
}

export function useDeleteChannel() {
  const onSuccess = useChanged();
  return useMutation({ mutationFn: (id: string) => del(`channels/${id}`), onSuccess });
}

/** Sends a test at once: the answer is what the receiver said. */
export function useTestChannel() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => post<ChannelTested>(`channels/${id}/test`),
    onSettled: () => client.invalidateQueries({ queryKey: keys.deliveries }),
  });
}

/** Mails the readers of a channel again that have not confirmed. */
export function useAskReaders() {
  const onSuccess = useChanged();
  return useMutation({ mutationFn: (id: string) => post<Confirmations>(`channels/${id}/confirmations`), onSuccess });
}

/** A webhook's new secret, in this answer alone. */
export function useRotateSecret() {
  const onSuccess = useChanged();
  return useMutation({ mutationFn: (id: string) => post<Channel>(`channels/${id}/rotate-secret`), onSuccess });
}
