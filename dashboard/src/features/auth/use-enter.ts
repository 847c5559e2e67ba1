import { useQueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { useEffect } from "react";
import { accessToken } from "@/api/session";
import { safeNext } from "./next";

/** Goes to where somebody was heading once they are signed in; at once if they already are. */
export function useEnter(next: string | undefined): () => void {
  const router = useRouter();
  const cache = useQueryClient();
  useEffect(() => {
    if (accessToken() !== null) router.history.replace(safeNext(next));
  }, [router, next]);
  return () => {
    // Nothing of whoever was signed in before stays.
    cache.clear();
    router.history.replace(safeNext(next));
  };
}
