/** Names of what the query cache holds. Whatever begins with a name falls with it: `keys.monitor(id)` is all about one. */
export const keys = {
  me: ["me"] as const,
  monitors: ["monitors"] as const,
  monitor: (id: string) => ["monitors", id] as const,
  verdict: (id: string) => ["monitors", id, "verdict"] as const,
  results: (id: string) => ["monitors", id, "results"] as const,
  series: (id: string) => ["monitors", id, "series"] as const,
  uptime: (id: string) => ["monitors", id, "uptime"] as const,
  fleetUptime: ["uptime"] as const,
  incidents: ["incidents"] as const,
  incident: (id: string) => ["incidents", id] as const,
  activity: ["incidents", "activity"] as const,
  channels: ["channels"] as const,
  policies: ["policies"] as const,
  deliveries: ["deliveries"] as const,
  regions: ["regions"] as const,
  apiKeys: ["api-keys"] as const,
};
