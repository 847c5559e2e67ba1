/** The numbers the server takes. */
export const INTERVALS = [5, 10, 15, 20, 30, 60, 120, 180, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400];
export const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
export const LIMITS = {
  timeout: [1, 30],
  max_redirects: [0, 20],
  max_latency_ms: [1, 60_000],
  min_cert_days: [1, 3_650],
  failures: [1, 10],
  recoveries: [1, 10],
  recheck_every: [5, 65_535],
  quorum_count: [1, 1_000],
} as const;
