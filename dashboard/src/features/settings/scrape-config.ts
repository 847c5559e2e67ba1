/** What a Prometheus needs to fetch the series of all monitors from the address this page came from. */
export function scrapeConfig(origin: string, key: string): string {
  const { protocol, host } = new URL(origin);
  return [
    "scrape_configs:",
    "  - job_name: upguard-monitors",
    `    scheme: ${protocol.replace(":", "")}`,
    "    metrics_path: /api/v1/metrics",
    "    authorization:",
    `      credentials: ${key}`,
    "    static_configs:",
    `      - targets: ["${host}"]`,
  ].join("\n");
}
