/** What each level means: for whoever chooses what is sent. */
import type { Level } from "@/api/types";

export const LEVEL_MEANS: Record<Level, string> = {
  down: "Enough regions find it down.",
  regional: "Some regions find it down, too few for a verdict.",
  degraded: "It answers, but too slowly.",
  certificate: "A certificate ends soon.",
  coverage: "A monitor is checked less than it should be.",
  region: "A region's probes are gone or doubt what they see.",
  lane: "UpGuard itself stores no results.",
};
