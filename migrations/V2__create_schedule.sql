-- What is due when. Slots are unix seconds; "expected" has its one definition here.

create type reason as enum (
    'dns', 'refused_address', 'connect', 'tls_expired', 'tls_untrusted', 'tls_hostname', 'tls', 'timeout_dns',
    'timeout_connect', 'timeout_tls', 'timeout_response', 'timeout_body', 'redirect', 'status', 'body', 'header',
    'latency', 'protocol', 'certificate_days', 'answer', 'icmp', 'heartbeat', 'unsupported', 'no_probe', 'late',
    'scheduler', 'backpressure', 'crashed');

-- The intervals a monitor can have, in seconds.
create function intervals() returns integer[] language sql immutable as $$
    select array[5, 10, 15, 20, 30, 60, 120, 180, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400]
$$;

-- A share of all monitors: the unit of leasing. `frontier`: slots up to here never change. `closed`: every expected
-- slot up to here has its row. `summarised`: every hour before here has its rows in `uptime_hours` and its
-- like. `heard`: everything that regions reported up to this second is stored; who shows a status looks how long ago
-- that is.
create table lanes (
    lane        smallint primary key,
    frontier    bigint not null,
    closed      bigint not null,
    summarised  bigint not null,
    epoch       bigint not null default 0,
    owner       text,
    lease_until timestamptz not null default '-infinity',
    heard       bigint not null default floor(extract(epoch from now())),
    check (closed <= frontier)
) with (fillfactor = 50);

-- Replicas, as they try whether a write is stored: `/readyz` of each does.
create table replicas (
    name       text primary key,
    written_at timestamptz not null default clock_timestamp()
) with (fillfactor = 50);

-- Regions are in force from slot to slot, as cadences are.
create table regions (
    key        smallint generated always as identity primary key,
    id         text not null constraint regions_id_key unique,
    from_slot  bigint not null,
    to_slot    bigint not null default 9223372036854775807,
    isolated   boolean not null default false,
    -- What somebody with its rights on Redis did that no probe does, and when that was noticed last (unix seconds).
    odd        text,
    odd_at     bigint,
    created_at timestamptz not null default now()
);

create table workers (
    region          smallint not null references regions on delete cascade,
    worker          text not null,
    version         text not null,
    in_flight       integer not null,
    concurrency     integer not null,
    queue_age_ms    bigint not null,
    clock_offset_ms bigint not null,
    -- Why it doubts what it sees; absent while it does not.
    diagnosis       text,
    seen_at         timestamptz not null,
    primary key (region, worker)
);

-- `rev` counts the changes of `url` and `spec`: a job names it and its outcome carries it back. Scheduled slots from
-- `rev_from` on are of the present revision; of earlier ones, only checks on request that say so.
-- `spec` is the job's JSON, absent when all defaults; `rules` is how outcomes become a verdict, likewise. `regions` is absent for "all". A deleted monitor's row stays
-- while its cadences explain stored results.
create table monitors (
    key          integer generated always as identity primary key,
    id           uuid not null constraint monitors_id_key unique,
    organisation uuid not null references organisations on delete cascade,
    lane         smallint not null references lanes,
    name         text not null check (length(name) between 1 and 200),
    url          text not null check (length(url) <= 2048),
    interval     integer not null check (interval = any (intervals())),
    phase        integer not null check (phase >= 0 and phase < interval),
    regions      smallint[] check (cardinality(regions) > 0),
    spec         text,
    rules        text,
    rev          integer not null default 0,
    rev_from     bigint not null default 0,
    tags         text[] not null default '{}',
    enabled      boolean not null default true,
    created_at   timestamptz not null default now(),
    updated_at   timestamptz not null default now(),
    deleted_at   timestamptz
);
create index on monitors (organisation, id) where deleted_at is null;
create index on monitors (deleted_at) where deleted_at is not null;
create index on monitors (lane) where not enabled and deleted_at is null;

-- A period of validity of a monitor's schedule.
create table cadences (
    monitor   integer not null references monitors on delete cascade,
    lane      smallint not null references lanes,
    interval  integer not null,
    phase     integer not null,
    regions   smallint[],
    from_slot bigint not null,
    to_slot   bigint not null default 9223372036854775807,
    primary key (monitor, from_slot),
    check (from_slot <= to_slot)
);
create index cadences_due on cadences (lane, interval, phase, monitor) include (from_slot, to_slot, regions);
-- What an edit opened and closed beyond a frontier is read from these alone.
create index cadences_opened on cadences (lane, from_slot) include (monitor, interval, phase, regions, to_slot);
create index cadences_shut on cadences (lane, to_slot) include (monitor, interval, phase, regions, from_slot)
    where to_slot < 9223372036854775807;

-- Slots the pusher did not push, and why. Close looks here for the reason of a missed slot.
create table skips (
    lane      smallint not null references lanes,
    from_slot bigint not null,
    to_slot   bigint not null,
    reason    reason not null,
    primary key (lane, from_slot, to_slot)
);

-- The advisory locks of lanes live in a class of their own.
create function lane_lock_class() returns integer language sql immutable as 'select 1970365793';

-- Taken by whoever changes a schedule, before any row is locked, and held to the end of the transaction.
create function lock_lane_shared(lane smallint) returns void language plpgsql as $$
begin
    perform pg_advisory_xact_lock_shared(lane_lock_class(), lane);
end $$;

-- The pusher's one statement under the exclusive lock. After it commits, slots up to `t` are fixed; by a clock that is
-- seconds ahead of ours none are, since no edit could ever change them again.
-- Returns the frontier, `closed`, and PostgreSQL's clock in milliseconds as it was before the wait for the lock.
create function advance_frontier(which smallint, t bigint)
returns table (frontier bigint, closed bigint, clock_ms bigint) language plpgsql as $$
declare
    began double precision := extract(epoch from clock_timestamp());
begin
    perform pg_advisory_xact_lock(lane_lock_class(), which);
    update lanes l set frontier = t
    where l.lane = which and l.frontier < t and t <= began + 5;
    return query select l.frontier, l.closed, (began * 1000)::bigint
                 from lanes l where l.lane = which;
end $$;

-- The first slot that is still free to change in a lane.
create function next_free_slot(which smallint) returns bigint language sql volatile as $$
    select greatest(l.frontier, floor(extract(epoch from clock_timestamp()))::bigint) + 1
    from lanes l where l.lane = which
$$;

-- A stable hash of the id spreads monitors over their interval.
create function phase_of(id uuid, seconds integer) returns integer language sql immutable as $$
    select ((('x' || substr(md5(id::text), 1, 8))::bit(32)::bigint) % seconds)::integer
$$;

-- Closes the monitor's cadence and opens the one its row now asks for, beyond the frontier.
create function reschedule(which integer) returns void language plpgsql as $$
declare
    m monitors;
    s bigint;
begin
    select * into strict m from monitors where key = which;
    perform lock_lane_shared(m.lane);
    s := next_free_slot(m.lane);
    delete from cadences c where c.monitor = which and c.from_slot >= s;
    update cadences c set to_slot = s - 1 where c.monitor = which and c.to_slot >= s;
    if m.enabled and m.deleted_at is null then
        insert into cadences (monitor, lane, interval, phase, regions, from_slot)
        values (which, m.lane, m.interval, m.phase, m.regions, s);
    end if;
end $$;

-- Registers a region from a slot beyond every lane's frontier. A name that is there already stays as it is.
create function register_region(name text) returns void language plpgsql as $$
declare
    s bigint;
begin
    perform lock_lane_shared(l.lane) from (select lane from lanes order by lane) l;
    select max(next_free_slot(l.lane)) into s from lanes l;
    insert into regions (id, from_slot) values (name, s) on conflict (id) do nothing;
end $$;

-- Which monitors are due in a lane from slot to slot, up to the frontier. `offset 0` keeps the look into `cadences`
-- an index-only lookup per (slot, interval), whatever the planner thinks of the range.
create function due(which smallint, from_slot bigint, to_slot bigint)
returns table (slot bigint, monitor integer, "interval" integer, regions smallint[]) language sql stable as $$
    select s.slot, c.monitor, i.seconds, c.regions
    from generate_series($2, least($3, (select l.frontier from lanes l where l.lane = $1))) s (slot)
    cross join unnest(intervals()) i (seconds)
    cross join lateral (
        select c.monitor, c.regions from cadences c
        where c.lane = $1 and c.interval = i.seconds and c.phase = s.slot % i.seconds
          and c.from_slot <= s.slot and c.to_slot >= s.slot
        offset 0) c
$$;

-- The definition of "expected": cadences × slots × regions, up to the frontier.
create function expected(which smallint, from_slot bigint, to_slot bigint)
returns table (slot bigint, monitor integer, region smallint) language sql stable as $$
    select d.slot, d.monitor, r.key
    from due($1, $2, $3) d
    join regions r on (d.regions is null or r.key = any (d.regions)) and d.slot between r.from_slot and r.to_slot
$$;

-- The slots of one monitor from slot to slot: its history needs no index of its own.
create function slots_of(which integer, from_slot bigint, to_slot bigint)
returns table (slot bigint) language sql stable as $$
    select s.slot
    from cadences c
    cross join lateral generate_series(
        greatest($2, c.from_slot) + ((c.phase - greatest($2, c.from_slot) % c.interval + c.interval) % c.interval),
        least($3, c.to_slot), c.interval) s (slot)
    where c.monitor = $1 and c.from_slot <= $3 and c.to_slot >= $2
$$;
