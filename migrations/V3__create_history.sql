-- What happened. Key order `(slot, monitor, region, attempt)`: inserts stay flat, and a monitor's slots are computable.

create type verdict as enum ('up', 'degraded', 'down', 'missed');
-- Why a probe doubts what it saw itself: its own network failed, or its clock is off.
create type diagnosis as enum ('network', 'clock');
create type status as enum ('up', 'degraded', 'regional', 'down', 'pending', 'maintenance', 'paused', 'unknown');

-- `attempt` is 0 for the schedule, 1 to 254 for rechecks, and for checks on request 255 plus the revision of the target
-- (modulo 32512): two that ask about different targets in one second are two rows.
-- `started_ms` counts from the slot; phases are microseconds, absent when not measured. Columns are ordered so that a
-- row has no padding.
create table results (
    slot          bigint not null,
    monitor       integer not null,
    region        smallint not null,
    attempt       smallint not null,
    verdict       verdict not null,
    reason        reason,
    started_ms    integer,
    resolve_us    integer,
    connect_us    integer,
    tls_us        integer,
    processing_us integer,
    transfer_us   integer,
    http_status   smallint,
    address       inet,
    detail        text,
    suspect       diagnosis,
    primary key (slot, monitor, region, attempt)
) partition by range (slot);
create index results_unscheduled on results (monitor, slot) where attempt <> 0;

-- Makes the partitions of every day from slot to slot; those that are there stay.
create function make_partitions(from_slot bigint, to_slot bigint) returns void language plpgsql as $$
declare
    day bigint;
begin
    perform pg_advisory_xact_lock(lane_lock_class(), -1);
    for day in select generate_series(from_slot - from_slot % 86400, to_slot, 86400) loop
        if to_regclass('results_' || to_char(to_timestamp(day) at time zone 'UTC', 'YYYYMMDD')) is null then
            execute format('create table %I partition of results for values from (%s) to (%s)',
                'results_' || to_char(to_timestamp(day) at time zone 'UTC', 'YYYYMMDD'), day, day + 86400);
        end if;
    end loop;
end $$;

-- The partitions and the first second of each one's day. Materialized: nothing but the names found here may be read as a
-- date, and the planner is free to look at other relations' names first otherwise.
create function result_days() returns table (name text, day bigint) language sql stable as $$
    with named as materialized (
        select c.relname::text as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
        where i.inhparent = 'results'::regclass),
    days as materialized (select n.name from named n where n.name ~ '^results_[0-9]{8}$')
    select d.name, extract(epoch from to_date(right(d.name, 8), 'YYYYMMDD')::timestamp)::bigint from days d
$$;

-- Drops the partitions that end at or before a slot. Returns their names.
create function drop_partitions(before_slot bigint) returns setof text language plpgsql as $$
declare
    name text;
begin
    perform pg_advisory_xact_lock(lane_lock_class(), -1);
    for name in select d.name from result_days() d where d.day + 86400 <= before_slot order by 1 loop
        execute format('drop table %I', name);
        return next name;
    end loop;
end $$;

-- Whether a row is about the target its monitor has now.
create function is_of_target(slot bigint, attempt smallint, rev integer, rev_from bigint) returns boolean
language sql immutable as $$
    select slot >= rev_from or attempt = 255 + rev % 32512
$$;

-- One row a monitor, written when it changes; `version` counts the changes. `reason` is that of most regions that
-- find it so; `explanation` says who voted what when it changed. `region_states` is what the next owner of the lane must know
-- of regions that are in doubt, `{region: [settled, run]}`. `cert_not_after` is the end of its certificate. `looked_at` is
-- when anybody last looked, unix seconds: written once that is more than an interval ago, absent while it is not.
create table monitor_status (
    monitor        integer primary key references monitors on delete cascade,
    status         status not null default 'pending',
    since          bigint not null,
    version        bigint not null default 1,
    reason         reason,
    cert_not_after bigint,
    explanation    jsonb,
    region_states         jsonb,
    looked_at      bigint
) with (fillfactor = 80);

-- Up to which second a monitor's status is known: as far as its lane's results are stored, and no further than one interval
-- after the last look at it. Of one that waits for its first result nothing is older than that.
create function known_up_to(stored status, since bigint, heard bigint, looked_at bigint, every integer) returns bigint
language sql immutable as $$
    select case when stored = 'pending' then greatest(heard, since) else least(heard, looked_at + every) end
$$;

-- Whether a stored status is too old to be shown: for two intervals, and 10 s at least, its monitor may not have been looked
-- at, since the last look may have been a whole interval before what is known.
-- `control/src/stale.rs` says the same of what is answered; a test compares the two.
create function is_unchecked(stored status, known bigint, every integer, now bigint) returns boolean
language sql immutable as $$
    select stored in ('up', 'degraded', 'regional', 'down', 'pending') and now - known >= greatest(every, 10 - every)
$$;

-- Closed hours of attempt-0 rows: `good` up and degraded, `total` also down, `expected` all. Thirty days of a monitor are
-- one read of its index, and stay so because it is vacuumed often enough to need no look at the rows.
create table uptime_hours (
    monitor  integer not null references monitors on delete cascade,
    hour     bigint not null,
    good     integer not null,
    total    integer not null,
    expected integer not null,
    primary key (monitor, hour) include (good, total, expected)
) with (autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 20000);

create index on uptime_hours using brin (hour) with (autosummarize = on);

-- The same hours of an organisation's monitors together, a row of each lane: deleted monitors stay in it.
create table organisation_hours (
    organisation uuid not null references organisations on delete cascade,
    hour         bigint not null,
    lane         smallint not null references lanes,
    good         bigint not null,
    total        bigint not null,
    expected     bigint not null,
    primary key (organisation, hour, lane)
);
create index on organisation_hours (hour);

-- What a region found in an hour: verdicts of attempt 0 (suspect ones apart), and how long answered checks took. Sums are
-- microseconds, each with how many were measured. `histogram` holds whole checks: the place of a microsecond count `t` on
-- a scale of steps of a tenth is floor(ln t / ln 1.1), and an element is place × 65536 + how many.
create table latency_hours (
    hour          bigint not null,
    monitor       integer not null references monitors on delete cascade,
    region        smallint not null,
    up            smallint not null,
    degraded      smallint not null,
    down          smallint not null,
    missed        smallint not null,
    suspect       smallint not null,
    resolve_n     smallint not null,
    connect_n     smallint not null,
    tls_n         smallint not null,
    processing_n  smallint not null,
    transfer_n    smallint not null,
    resolve_us    real,
    connect_us    real,
    tls_us        real,
    processing_us real,
    transfer_us   real,
    histogram     integer[] not null,
    primary key (monitor, hour, region)
);
create index on latency_hours using brin (hour) with (autosummarize = on);

-- Whether a check was answered, so that how long it took means something.
create function is_answered(v verdict, http_status smallint, suspect diagnosis) returns boolean language sql immutable as $$
    select suspect is null and (v in ('up', 'degraded') or http_status is not null)
$$;

-- The fence: last statement of every transaction of a lane, in one message with its commit.
create function fence(which smallint, my_epoch bigint, closed_to bigint, heard_to bigint, lease_ms bigint) returns void
language plpgsql as $$
begin
    update lanes l
    set closed = greatest(l.closed, closed_to), heard = least(greatest(l.heard, heard_to), floor(extract(epoch from clock_timestamp()))::bigint + 5),
        lease_until = clock_timestamp() + lease_ms * interval '1 millisecond'
    where l.lane = which and l.epoch = my_epoch;
    if not found then
        raise exception 'lane % has another owner since epoch %', which, my_epoch using errcode = 'UG001';
    end if;
end $$;

-- Takes a lane nobody holds, for `lease_ms` by PostgreSQL's clock, and ends whatever session still works for the old
-- owner. Returns the new epoch, or nothing.
create function take_lane(which smallint, me text, lease_ms bigint) returns bigint language plpgsql as $$
declare
    taken bigint;
begin
    update lanes l
    set epoch = l.epoch + 1, owner = me, lease_until = clock_timestamp() + lease_ms * interval '1 millisecond'
    where l.lane = which and l.lease_until < clock_timestamp()
    returning l.epoch into taken;
    if taken is not null then
        perform pg_terminate_backend(a.pid) from pg_stat_activity a
        where a.application_name = 'upguard lane ' || which and a.datname = current_database()
          and a.pid <> pg_backend_pid();
    end if;
    return taken;
end $$;
