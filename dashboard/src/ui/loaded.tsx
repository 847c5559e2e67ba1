import type { ReactNode } from "react";
import { formatClock, useZone } from "@/lib/time";
import { ErrorPanel } from "./error-panel";

/** What the states of a query need: TanStack's results fit. */
interface Asked<T> {
  data: T | undefined;
  error: unknown;
  isError: boolean;
  isFetching: boolean;
  dataUpdatedAt: number;
  refetch: () => unknown;
}

interface LoadedProps<T> {
  query: Asked<T>;
  /** What could not be had: "The incidents could not be loaded". */
  failed: string;
  /** Of the final size. */
  loading: ReactNode;
  children: (data: T) => ReactNode;
}

/** Loading, an error, or the data; after a failed refresh the last good data stays, greyed, with its moment. */
export function Loaded<T>({ query, failed, loading, children }: LoadedProps<T>) {
  const error = query.isError ? (
    <ErrorPanel
      error={query.error}
      title={failed}
      retry={() => void query.refetch()}
      retrying={query.isFetching}
      className="mb-4"
    />
  ) : null;
  if (query.data === undefined) return error ?? loading;
  return (
    <>
      {error}
      {error ? <AsOf at={query.dataUpdatedAt} /> : null}
      <div className={error ? "opacity-60" : undefined}>{children(query.data)}</div>
    </>
  );
}

function AsOf({ at }: { at: number }) {
  const zone = useZone();
  return <p className="mb-2 text-muted text-sm">As of {formatClock(at / 1000, zone)}</p>;
}
