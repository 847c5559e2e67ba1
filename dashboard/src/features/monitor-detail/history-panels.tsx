import type { Monitor } from "@/api/types";
import type { Range } from "@/lib/range";
import { PanelBoundary } from "@/ui/panel-boundary";
import { CoveragePanel } from "./coverage-panel";
import { FailuresPanel } from "./failures-panel";
import { HeartbeatPanel } from "./heartbeat-panel";
import { IncidentsPanel } from "./incidents-panel";

/** What was: the last checks and days, uptime with coverage, incidents and failures. */
export function HistoryPanels({ monitor, onRange }: { monitor: Monitor; onRange: (range: Range) => void }) {
  return (
    <div className="flex flex-col gap-4">
      <PanelBoundary title="The heartbeat">
        <HeartbeatPanel monitor={monitor} onRange={onRange} />
      </PanelBoundary>
      <PanelBoundary title="The uptime">
        <CoveragePanel id={monitor.id} />
      </PanelBoundary>
      <div className="grid items-start gap-4 lg:grid-cols-2">
        <PanelBoundary title="The incidents">
          <IncidentsPanel id={monitor.id} />
        </PanelBoundary>
        <PanelBoundary title="The failures">
          <FailuresPanel monitor={monitor} />
        </PanelBoundary>
      </div>
    </div>
  );
}
