import { useMutation, useQuery } from "@tanstack/react-query";
import { get, post } from "../client";
import { keys } from "../keys";
import type { Me } from "../types";

export const meQuery = {
  queryKey: keys.me,
  queryFn: ({ signal }: { signal: AbortSignal }) => get<Me>("auth/me", {}, signal),
  staleTime: 300_000,
};

export function useMe() {
  return useQuery(meQuery);
}

/** Ends all other sign-ins. */
export function useChangePassword() {
  return useMutation({
    mutationFn: (body: { current_password: string; new_password: string }) => post("auth/password", body),
  });
}
