import { execFileSync } from "node:child_process";
import { system } from "./system";

/**
 * Gives an organisation many monitors at once, of every status, as rows: they have no schedule, so that the machine is
 * busy with the list alone.
 */
export function crowd(organisation: string, count: number): void {
  const database = system.postgres;
  if (!database) throw new Error("UPGUARD_SYSTEM does not say where PostgreSQL is");
  if (!/^[0-9a-f-]{36}$/.test(organisation)) throw new Error(`${organisation} is no id`);
  const sql = `
    with made as (
      insert into monitors (id, organisation, lane, name, url, interval, phase, tags)
      select gen_random_uuid(), '${organisation}', 0, 'Monitor ' || lpad(n::text, 5, '0'),
             'https://site-' || n || '.example/health', 60, n % 60, array['batch-' || n % 7]
      from generate_series(1, ${count}) n
      returning key)
    insert into monitor_status (monitor, status, since)
    select key, (array['up', 'up', 'up', 'up', 'degraded', 'up', 'up', 'down', 'up', 'up'])[key % 10 + 1]::status,
           extract(epoch from now())::bigint - key
    from made`;
  execFileSync("psql", ["--quiet", "--no-psqlrc", "--set", "ON_ERROR_STOP=1", database, "--command", sql]);
}
