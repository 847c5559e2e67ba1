import { useMemo } from "react";
import { useSeries } from "@/api/queries/series";
import {
  bucketOf,
  DEFAULT_RANGE,
  type Range,
  rangeSeconds,
  rangeWords,
  type Window,
  windowBefore,
  windowOf,
} from "@/lib/range";
import { useServerNow } from "@/live/use-live";
import { useDetailSearch } from "./use-detail-search";

export interface Ranged {
  range: Range;
  words: string;
  window: Window;
  setRange: (range: Range) => void;
}

/** The range of the URL as a window; it moves on when a bucket is over, not each second. */
export function useRange(): Ranged {
  const [search, change] = useDetailSearch();
  const range = search.range ?? DEFAULT_RANGE;
  const now = useServerNow();
  const step = bucketOf(rangeSeconds(range));
  const bucket = Math.ceil(now / step) * step;
  const window = useMemo(() => windowOf(range, bucket), [range, bucket]);
  const setRange = (next: Range) => change({ range: next === DEFAULT_RANGE ? undefined : next });
  return { range, words: rangeWords(range), window, setRange };
}

/** Response times and counts of a window, and those of the window before for comparison. */
export function useRangeSeries(id: string, window: Window) {
  const series = useSeries(id, window);
  const before = useSeries(id, windowBefore(window));
  // What is kept on screen from another window is no baseline of this one.
  const baseline = before.isPlaceholderData ? null : (before.data?.all.summary ?? null);
  return { series, baseline };
}
