import type { Verdict } from "@/api/types";
import { parseRange, type Range } from "@/lib/range";
import { type RawSearch, text, word } from "@/lib/search";

/** The state of the page, as its URL has it; what is not there is the default. */
export interface MonitorSearch {
  tab?: "checks";
  range?: Range;
  pct?: "p50" | "p99";
  by?: "regions";
  /** of the log */
  region?: string;
  verdict?: Verdict;
}

const VERDICTS = ["up", "degraded", "down", "missed"] as const;

export function monitorSearch(raw: RawSearch): MonitorSearch {
  return {
    tab: word(raw, "tab", ["checks"]),
    range: parseRange(text(raw, "range")),
    pct: word(raw, "pct", ["p50", "p99"]),
    by: word(raw, "by", ["regions"]),
    region: text(raw, "region"),
    verdict: word(raw, "verdict", VERDICTS),
  };
}
