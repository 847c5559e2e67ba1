import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useLayoutEffect, useRef, useState } from "react";
import type { Result } from "@/api/types";
import { phaseSum } from "@/domain/components/phase-waterfall";
import { useMedia } from "@/lib/media";
import { LogRow } from "./log-row";
import { resultKey } from "./results";

interface LogListProps {
  results: readonly Result[];
  onOpen: (result: Result) => void;
  hasMore: boolean;
  isLoading: boolean;
  more: () => void;
}

const ROW = { wide: 44, phone: 68 };
/** Rows left when the next page is asked for. */
const AHEAD = 20;

/** Only the rows near the window exist. */
export function LogList({ results, onOpen, hasMore, isLoading, more }: LogListProps) {
  const { box, rows } = useRows(results);
  const items = rows.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  const scale = slowest(items.map(({ index }) => results[index]));
  useEffect(() => {
    if (hasMore && !isLoading && last >= results.length - AHEAD) more();
  }, [hasMore, isLoading, last, results.length, more]);
  return (
    <div className="overflow-clip rounded-lg border border-line bg-card">
      <ul ref={box} aria-label="Checks" className="relative" style={{ height: rows.getTotalSize() }}>
        {items.map(({ key, index, start, size }) => {
          const result = results[index];
          if (!result) return null;
          const style = { height: size, transform: `translateY(${start - rows.options.scrollMargin}px)` };
          return (
            <li
              key={key}
              aria-setsize={hasMore ? -1 : results.length}
              aria-posinset={index + 1}
              className="absolute inset-x-0 top-0"
              style={style}
            >
              <LogRow result={result} scale={scale} onOpen={onOpen} />
            </li>
          );
        })}
      </ul>
      <p role="status" className="border-line border-t px-4 py-2.5 text-muted text-xs">
        {isLoading ? "Loading older checks…" : hasMore ? "Older checks load as you scroll." : "That is the whole log."}
      </p>
    </div>
  );
}

function slowest(results: readonly (Result | undefined)[]): number {
  return Math.max(0.001, ...results.map((result) => (result ? phaseSum(result.phases) : 0)));
}

function useRows(results: readonly Result[]) {
  const box = useRef<HTMLUListElement>(null);
  const [top, setTop] = useState(0);
  const height = useMedia("(max-width: 639px)") ? ROW.phone : ROW.wide;
  useLayoutEffect(() => {
    const place = () => setTop((box.current?.getBoundingClientRect().top ?? 0) + window.scrollY);
    place();
    const watch = new ResizeObserver(place);
    watch.observe(document.body);
    return () => watch.disconnect();
  }, []);
  const rows = useWindowVirtualizer({
    count: results.length,
    estimateSize: () => height,
    overscan: 8,
    scrollMargin: top,
    useFlushSync: false,
    getItemKey: (index) => {
      const result = results[index];
      return result ? resultKey(result) : index;
    },
  });
  useLayoutEffect(() => {
    if (height > 0) rows.measure();
  }, [height, rows]);
  return { box, rows };
}
