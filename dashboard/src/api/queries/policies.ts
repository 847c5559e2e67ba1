import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, bodyOf, done } from "@/api/client";
import { keys } from "@/api/keys";
import { everyPage } from "@/api/pages";
import type { Policy, PolicyBody, PolicyPatch } from "@/api/types";

/** Whom to tell of what: the default first, then oldest first. */
export function usePolicies() {
  return useQuery({
    queryKey: keys.policies,
    queryFn: async ({ signal }) => {
      const read = everyPage((query) => bodyOf(api.GET("/api/v1/policies", { params: { query }, signal })));
      return defaultFirst(await read);
    },
  });
}

export function defaultFirst(policies: readonly Policy[]): Policy[] {
  return [...policies].sort((a, b) => Number(b.default) - Number(a.default));
}

function useChanged() {
  const client = useQueryClient();
  return () => client.invalidateQueries({ queryKey: keys.policies });
}

export function useCreatePolicy() {
  const onSuccess = useChanged();
  return useMutation({ mutationFn: (body: PolicyBody) => bodyOf(api.POST("/api/v1/policies", { body })), onSuccess });
}

export function useUpdatePolicy() {
  const onSuccess = useChanged();
  const mutationFn = ({ id, ...body }: { id: string } & PolicyPatch) =>
    bodyOf(api.PATCH("/api/v1/policies/{id}", { params: { path: { id } }, body }));
  return useMutation({ mutationFn, onSuccess });
}

export function useDeletePolicy() {
  const onSuccess = useChanged();
  return useMutation({
    mutationFn: (id: string) => done(api.DELETE("/api/v1/policies/{id}", { params: { path: { id } } })),
    onSuccess,
  });
}
