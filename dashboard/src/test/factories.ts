import type { Beat, Incident, LiveMonitor, LiveMonitors } from "@/api/types";
import type { Told } from "@/live/protocol";

export function row(change: Partial<LiveMonitor> & { id: string }): LiveMonitor {
  return {
    name: change.id,
    url: `https://${change.id}.example/`,
    kind: "http",
    status: "up",
    since: 1_000,
    reason: null,
    interval: 60,
    tags: [],
    regions: [],
    incident: null,
    ...change,
  };
}

export function snapshotOf(items: LiveMonitor[], seq = "100-0"): LiveMonitors {
  return { seq, server_time: "2026-01-01T00:00:00Z", items, cut: false };
}

export function beat(change: Partial<Beat> & { monitor: string; slot: number }): Beat {
  return { region: "eu-west", attempt: 0, verdict: "up", ms: 20, ...change };
}

export function statusTold(
  id: string,
  monitor: string,
  to: LiveMonitor["status"],
  from: LiveMonitor["status"] = "up",
): Told {
  return { id, event: "status", data: { monitor, from, to, since: "2026-01-01T00:00:00Z", reason: null } };
}

export function incident(change: Partial<Incident> & { id: string }): Incident {
  return {
    kind: "availability",
    state: "open",
    level: "down",
    worst: "down",
    reason: "status",
    flapping: false,
    monitor: { id: "m1", name: "shop" },
    region: null,
    failed_in: [],
    opened_at: "2026-01-01T00:00:00Z",
    acknowledged_at: null,
    resolved_at: null,
    acknowledged_by: null,
    ...change,
  };
}
