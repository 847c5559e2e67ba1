import { type QueryClient, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { del, post } from "../client";
import { keys } from "../keys";
import { everyPage } from "../pages";
import type { ApiKey, ApiKeyBody, NewApiKey } from "../types";

/** What programs sign in with, newest first. */
export function useApiKeys() {
  return useQuery({
    queryKey: keys.apiKeys,
    queryFn: ({ signal }) => everyPage<ApiKey>("api-keys", {}, signal),
  });
}

/** The list of keys, and the activity that tells of them. */
const changed = (client: QueryClient) =>
  Promise.all([keys.apiKeys, keys.activity].map((queryKey) => client.invalidateQueries({ queryKey })));

/** Makes a key; the answer alone shows it. */
export function useCreateApiKey() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: ApiKeyBody) => post<NewApiKey>("api-keys", body),
    onSuccess: () => changed(client),
  });
}

export function useRevokeApiKey() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => del(`api-keys/${id}`),
    onSuccess: () => changed(client),
  });
}
