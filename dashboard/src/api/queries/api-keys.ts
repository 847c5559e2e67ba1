import { type QueryClient, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, bodyOf, done } from "@/api/client";
import { keys } from "@/api/keys";
import { everyPage } from "@/api/pages";
import type { ApiKeyBody } from "@/api/types";

/** What programs sign in with, newest first. */
export function useApiKeys() {
  return useQuery({
    queryKey: keys.apiKeys,
    queryFn: ({ signal }) => everyPage((query) => bodyOf(api.GET("/api/v1/api-keys", { params: { query }, signal }))),
  });
}

/** The list of keys, and the activity that tells of them. */
const changed = (client: QueryClient) =>
  Promise.all([keys.apiKeys, keys.activity].map((queryKey) => client.invalidateQueries({ queryKey })));

/** Makes a key; the answer alone shows it. */
export function useCreateApiKey() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: ApiKeyBody) => bodyOf(api.POST("/api/v1/api-keys", { body })),
    onSuccess: () => changed(client),
  });
}

export function useRevokeApiKey() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => done(api.DELETE("/api/v1/api-keys/{id}", { params: { path: { id } } })),
    onSuccess: () => changed(client),
  });
}
