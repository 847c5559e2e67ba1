import { useMemo, useState } from "react";
import { useSeries } from "@/api/queries/series";
import {
  bucketOf,
  defaultRange,
  type Range,
  rangeSeconds,
  rangeWords,
  type Window,
  windowBefore,
  windowOf,
} from "@/lib/range";
import { useServerNow } from "@/live/use-live";
import { useDetailSearch } from "./use-detail-search";

/** New figures are asked for no more often. */
const OFTEN_S = 30;
/** But of a monitor this young, whose maker sits and waits for its first ones. */
const YOUNG_S = 120;
const SOON_S = 5;

export interface Ranged {
  range: Range;
  words: string;
  window: Window;
  setRange: (range: Range) => void;
  /** Back to what is shown without a choice. */
  reset: () => void;
}

/** The range of the URL, or what suits a monitor born then (unix seconds), as a window; it moves on when a bucket is over, not each second. */
export function useRange(born: number): Ranged {
  const [search, change] = useDetailSearch();
  const now = useServerNow();
  // Decided once: a page that is left open does not change its range by itself.
  const [first] = useState(() => defaultRange(now - born));
  const range = search.range ?? first;
  const step = now - born < YOUNG_S ? SOON_S : Math.max(OFTEN_S, bucketOf(rangeSeconds(range)));
  const bucket = Math.ceil(now / step) * step;
  const window = useMemo(() => windowOf(range, bucket), [range, bucket]);
  const setRange = (next: Range) => change({ range: next === first ? undefined : next });
  const reset = () => change({ range: undefined });
  return { range, words: rangeWords(range), window, setRange, reset };
}

/** Response times and counts of a window, and those of the window before for comparison. */
export function useRangeSeries(id: string, window: Window) {
  const series = useSeries(id, window);
  const before = useSeries(id, windowBefore(window));
  const isOther = (data: Window | undefined) => data !== undefined && !isAsLong(data, window);
  return {
    series,
    /** What is shown is still of the range that was chosen before. */
    isBehind: series.isPlaceholderData && isOther(series.data),
    baseline: before.data && !isOther(before.data) ? before.data.all.summary : null,
  };
}

/** Alike but for whole buckets at the ends. */
function isAsLong(a: Window, b: Window): boolean {
  const [one, other] = [a.to - a.from, b.to - b.from];
  return Math.abs(one - other) <= 0.1 * Math.max(one, other);
}
