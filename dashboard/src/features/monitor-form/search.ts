import { type RawSearch, text } from "@/lib/search";

export interface MonitorFormSearch {
  /** The monitor to begin as a copy of. */
  from?: string;
}

export function monitorFormSearch(raw: RawSearch): MonitorFormSearch {
  return { from: text(raw, "from") };
}
