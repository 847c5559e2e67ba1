import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { get, post } from "../client";
import { keys } from "../keys";
import type { DeliveryTry, Page, UnsentMessage } from "../types";

const PAGE = 50;
/** What still waits is tried again by itself: look again this often. */
const AGAIN_MS = 15_000;

export type UnsentState = UnsentMessage["state"];

/** Messages that did not arrive, newest first. */
export function useUnsent(state: UnsentState | null) {
  return useInfiniteQuery({
    queryKey: [...keys.deliveries, "unsent", state],
    queryFn: ({ pageParam, signal }) =>
      get<Page<UnsentMessage>>("deliveries", { state, limit: PAGE, after: pageParam }, signal),
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
      get<Page<DeliveryTry>>(`channels/${channel}/deliveries`, { limit: PAGE, after: pageParam }, signal),
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
    mutationFn: (key: number) => post<UnsentMessage | undefined>(`deliveries/${key}/resend`),
    onSettled: () => client.invalidateQueries({ queryKey: keys.deliveries }),
  });
}
