import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, bodyOf } from "@/api/client";
import { keys } from "@/api/keys";
import type { NewRegion } from "@/api/types";

/** Workers speak every 5 s; what they say is worth looking at as often while somebody looks. */
const AGAIN_MS = 5_000;

/** Every region with its workers. `watched`: kept fresh, for the page that shows them. */
export function useRegions({ watched = false } = {}) {
  return useQuery({
    queryKey: keys.regions,
    queryFn: ({ signal }) => bodyOf(api.GET("/api/v1/regions", { signal })),
    refetchInterval: watched ? AGAIN_MS : false,
  });
}

/** Registers a region ahead of its first probe; for admins of the operators. */
export function useRegisterRegion() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: NewRegion) => bodyOf(api.POST("/api/v1/regions", { body })),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.regions }),
  });
}
