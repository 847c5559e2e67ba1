/** What starts a probe in a region. */
export function command(region: string): string {
  return `REGION_ID=${region} REDIS_URL=redis://redis.example:6379 upguard-probe`;
}
