import { QueryClient } from "@tanstack/react-query";
import { ApiError } from "@/lib/errors";

/** Only what may pass by itself is tried again. */
function worthATry(failures: number, error: Error): boolean {
  const passing = error instanceof ApiError && (error.status === 0 || error.status === 429 || error.status >= 500);
  return passing && failures < 2;
}

function wait(failures: number, error: Error): number {
  const asked = error instanceof ApiError ? error.retryAfter : null;
  return asked === null ? Math.min(1_000 * 2 ** failures, 10_000) : asked * 1_000;
}

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: { staleTime: 30_000, retry: worthATry, retryDelay: wait, networkMode: "always" },
    mutations: { networkMode: "always" },
  },
});
