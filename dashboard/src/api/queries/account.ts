import { useMutation, useQuery } from "@tanstack/react-query";
import { api, bodyOf, done } from "@/api/client";
import { keys } from "@/api/keys";
import type { PasswordChange } from "@/api/types";

export const meQuery = {
  queryKey: keys.me,
  queryFn: ({ signal }: { signal: AbortSignal }) => bodyOf(api.GET("/api/v1/auth/me", { signal })),
  staleTime: 300_000,
};

export function useMe() {
  return useQuery(meQuery);
}

/** Ends all other sign-ins. */
export function useChangePassword() {
  return useMutation({
    mutationFn: (body: PasswordChange) => done(api.POST("/api/v1/auth/password", { body })),
  });
}
