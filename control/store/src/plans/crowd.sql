-- A large installation: 500 organisations of 100 monitors, a quarter of an hour of results on each side of a midnight, and
-- of everything else so much that a scan of it costs more than a look by key. Whatever has number n, of whatever table,
-- belongs to the organisation 1 + (n - 1) % 500, so that examples can call everything 7.
create function id(n bigint) returns uuid language sql immutable as $$ select lpad(n::text, 32, '0')::uuid $$;
create function org(n bigint) returns uuid language sql immutable as $$ select id(1 + (n - 1) % 500) $$;
create function ids() returns uuid[] language sql immutable as $$ select array_agg(id(7 + n * 500)) from generate_series(0, 40) n $$;
create function keys() returns integer[] language sql immutable as $$ select array_agg((7 + n * 500)::integer) from generate_series(0, 40) n $$;

insert into organisations (id, name) select id(n), 'o' || n from generate_series(1, 500) n;
insert into users (id, email, password_hash) select id(n), n || '@a.example', '' from generate_series(1, 5000) n;
insert into memberships (organisation, user_id, role) select org(n), id(n), 'owner' from generate_series(1, 5000) n;
insert into sign_ins (id, user_id, organisation) select id(n), id(1 + (n - 1) % 5000), org(n) from generate_series(1, 20000) n;
insert into refresh_tokens (hash, sign_in, expires_at)
select decode(lpad(n::text, 8, '0'), 'hex'), id(n), now() + interval '1 hour' from generate_series(1, 20000) n;
insert into api_keys (id, organisation, name, scopes, hash, prefix)
select id(n), org(n), 'k', '{read}', decode(lpad(n::text, 8, '0'), 'hex'), 'ug' from generate_series(1, 5000) n;
insert into lanes (lane, frontier, closed, summarised) select l, 1700007300, 1700007120, 1700002800 from generate_series(0, 1) l;
insert into regions (id, from_slot) values ('a', 0), ('b', 0);
insert into workers (region, worker, version, in_flight, concurrency, queue_age_ms, clock_offset_ms, seen_at)
select 1 + n % 2, 'w' || n, '1', 0, 1, 0, 0, now() from generate_series(1, 20) n;
-- An outage adds one.
insert into skips (lane, from_slot, to_slot, reason)
select 0, 1699900000 + n * 100, 1699900005 + n * 100, 'scheduler' from generate_series(1, 500) n;

insert into policies (id, organisation, name, is_default) select id(n), org(n), 'p', n <= 500 from generate_series(1, 5000) n;
insert into channels (id, organisation, kind, name, settings, secrets)
select id(n), org(n), 'webhook', 'c', '{}', '\x00' from generate_series(1, 5000) n;
insert into policy_channels (policy, channel) select id, id from policies;

-- 20,000 every minute, the others every hour; a hundredth in the second lane.
insert into monitors (id, organisation, lane, name, url, interval, phase, policy)
select id(n), org(n), (n % 100 = 0)::integer, 'm' || n, 'http://a.example/', i, n % i, case when n % 10 = 0 then org(n) end
from generate_series(1, 50000) n, lateral (select case when n <= 20000 then 60 else 3600 end i) i;
insert into monitor_status (monitor, status, since, region_states) select key, 'up', 0, case when key % 1000 = 0 then '{}' end::jsonb from monitors;
insert into cadences (monitor, lane, interval, phase, from_slot) select key, lane, interval, phase, 1690000000 from monitors;
-- What was edited once.
insert into cadences (monitor, lane, interval, phase, from_slot, to_slot)
select key, lane, interval, phase, 1680000000, 1689999999 from monitors;
select make_partitions(1699900000, 1700200000);
insert into results (slot, monitor, region, attempt, verdict, started_ms)
select slot, monitor, 1, 0, 'up', 20 from due(0::smallint, 1700005800, 1700007300)
where slot not between 1700006460 and 1700006999 order by 1, 2;
insert into results (slot, monitor, region, attempt, verdict)
select 1700006000 + n, 7, 1, 255, 'up' from generate_series(1, 50) n;
insert into uptime_hours (monitor, hour, good, total, expected)
select key, 1700002800 - 3600 * h, 60, 60, 60 from monitors, generate_series(1, 4) h;
insert into organisation_hours (organisation, hour, lane, good, total, expected)
select id, 1700002800 - 3600 * h, 0, 60, 60, 60 from organisations, generate_series(1, 50) h;
insert into latency_hours (hour, monitor, region, up, degraded, down, missed, suspect, resolve_n, connect_n, tls_n,
                           processing_n, transfer_n, histogram)
select 1700002800 - 3600 * h, key, 1, 60, 0, 0, 0, 0, 0, 0, 0, 0, 0, '{}' from monitors, generate_series(1, 2) h;

-- Of twenty incidents one is open.
insert into incidents (id, organisation, kind, monitor, state, level, worst, opened_at, resolved_at, changes)
select id(n), org(n), 'availability', n, s::incident_state, 'down', 'down', 1700000000 + n % 1000,
       case when s = 'resolved' then 1700003000 + n % 1000 end, 2
from generate_series(1, 20000) n, lateral (select case when n % 20 = 7 then 'open' else 'resolved' end s) s;
insert into timeline (incident, change, what) select id(n), c, 'opened' from generate_series(1, 20000) n, generate_series(1, 2) c;
insert into failures (monitor, region, slot, attempt, reason) select n, 1, 1700000000, 0, 'connect' from generate_series(1, 20000) n;
insert into incident_failures (incident, region, slot, attempt, reason) select id(n), 1, 1700000000, 0, 'connect' from generate_series(1, 20000) n;
insert into outbox (incident, change, channel, what, state, due_at, done_at)
select id(n), 1, id(1 + (n - 1) % 5000), 'opened', 'sent', now() - interval '2 days', now() - interval '1 day' - n * interval '6 minutes'
from generate_series(1, 20000) n;
insert into outbox (incident, change, channel, what)
select id(n), 2, id(1 + (n - 1) % 5000), 'opened' from generate_series(7, 20000, 100) n;
insert into deliveries (channel, outbox, at, attempt, ok, took_ms)
select channel, key, now() - interval '1 day' - key * interval '6 minutes', 1, true, 5 from outbox where state = 'sent';

-- As PostgreSQL does by itself when a range of pages is full.
select brin_summarize_new_values(indexrelid) from pg_index i join pg_class c on c.oid = i.indexrelid join pg_am a on a.oid = c.relam
where a.amname = 'brin';
