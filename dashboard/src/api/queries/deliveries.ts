import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, bodyOf, done } from "@/api/client";
import { keys } from "@/api/keys";
import type { UnsentMessage } from "@/api/types";

const PAGE = 50;
/** What still waits is tried again by itself: look again this often. */
const AGAIN_MS = 15_000;

/** These lists are read on from a number. */
const pageAt = (after: string | null) => ({ limit: PAGE, after: after === null ? undefined : Number(after) });

export type UnsentState = UnsentMessage["state"];

/** Messages that did not arrive, newest first. */
export function useUnsent(state: UnsentState | null) {
  return useInfiniteQuery({
    queryKey: [...keys.deliveries, "unsent", state],
    queryFn: ({ pageParam, signal }) =>
      bodyOf(
        api.GET("/api/v1/deliveries", { params: { query: { ...(state && { state }), ...pageAt(pageParam) } }, signal }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
    refetchInterval: AGAIN_MS,
  });
}

/** Every try to tell one channel something, newest first, with what it answered. */
export function useChannelDeliveries(channel: string) {
  return useInfiniteQuery({
    queryKey: [...keys.deliveries, "channel", channel],
    queryFn: ({ pageParam, signal }) =>
      bodyOf(
        api.GET("/api/v1/channels/{id}/deliveries", {
          params: { path: { id: channel }, query: pageAt(pageParam) },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
    refetchInterval: AGAIN_MS,
    enabled: channel !== "",
  });
}

/** Sends what was given up once more. */
export function useResend() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (key: number) => done(api.POST("/api/v1/deliveries/{key}/resend", { params: { path: { key } } })),
    onSettled: () => client.invalidateQueries({ queryKey: keys.deliveries }),
  });
}
