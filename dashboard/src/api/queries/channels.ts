import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, bodyOf, done } from "@/api/client";
import { keys } from "@/api/keys";
import { everyPage } from "@/api/pages";
import type { ChannelBody, ChannelPatch } from "@/api/types";

/** Where alerts go, oldest first. */
export function useChannels() {
  return useQuery({
    queryKey: keys.channels,
    queryFn: ({ signal }) => everyPage((query) => bodyOf(api.GET("/api/v1/channels", { params: { query }, signal }))),
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
  return useMutation({ mutationFn: (body: ChannelBody) => bodyOf(api.POST("/api/v1/channels", { body })), onSuccess });
}

export function useUpdateChannel() {
  const onSuccess = useChanged();
  const mutationFn = ({ id, ...body }: { id: string } & Omit<ChannelPatch, "kind">) =>
    bodyOf(api.PATCH("/api/v1/channels/{id}", { params: { path: { id } }, body }));
  return useMutation({ mutationFn, onSuccess });
}

export function useDeleteChannel() {
  const onSuccess = useChanged();
  return useMutation({
    mutationFn: (id: string) => done(api.DELETE("/api/v1/channels/{id}", { params: { path: { id } } })),
    onSuccess,
  });
}

/** Sends a test at once: the answer is what the receiver said. */
export function useTestChannel() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => bodyOf(api.POST("/api/v1/channels/{id}/test", { params: { path: { id } } })),
    onSettled: () => client.invalidateQueries({ queryKey: keys.deliveries }),
  });
}

/** Mails the readers of a channel again that have not confirmed. */
export function useAskReaders() {
  const onSuccess = useChanged();
  return useMutation({
    mutationFn: (id: string) => bodyOf(api.POST("/api/v1/channels/{id}/confirmations", { params: { path: { id } } })),
    onSuccess,
  });
}

/** A webhook's new secret, in this answer alone. */
export function useRotateSecret() {
  const onSuccess = useChanged();
  return useMutation({
    mutationFn: (id: string) => bodyOf(api.POST("/api/v1/channels/{id}/rotate-secret", { params: { path: { id } } })),
    onSuccess,
  });
}
