import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { del, patch, post } from "../client";
import { keys } from "../keys";
import { everyPage } from "../pages";
import type { Policy, PolicyBody } from "../types";

/** Whom to tell of what: the default first, then oldest first. */
export function usePolicies() {
  return useQuery({
    queryKey: keys.policies,
    queryFn: async ({ signal }) => defaultFirst(await everyPage<Policy>("policies", {}, signal)),
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
  return useMutation({ mutationFn: (body: PolicyBody) => post<Policy>("policies", body), onSuccess });
}

export function useUpdatePolicy() {
  const onSuccess = useChanged();
  const mutationFn = ({ id, ...body }: { id: string } & Partial<PolicyBody>) => patch<Policy>(`policies/${id}`, body);
  return useMutation({ mutationFn, onSuccess });
}

export function useDeletePolicy() {
  const onSuccess = useChanged();
  return useMutation({ mutationFn: (id: string) => del(`policies/${id}`), onSuccess });
}
