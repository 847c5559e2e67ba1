-- When a monitor's status calls for people, and what was said and done about it.

create type incident_kind as enum ('availability', 'certificate', 'coverage', 'region', 'lane');
create type incident_state as enum ('open', 'acknowledged', 'resolved');
create type level as enum ('coverage', 'certificate', 'region', 'lane', 'degraded', 'regional', 'down');
create type happening as enum (
    'opened', 'escalated', 'changed', 'flapping', 'acknowledged', 'reminded', 'commented', 'resolved');

-- `level` is how bad it is now, `worst` how bad it was; what is no availability incident has its kind for a level.
-- `changes` numbers its timeline. A certificate's, a coverage's and an availability's incident has a monitor, a region's
-- a region, a lane's a lane.
create table incidents (
    id              uuid primary key,
    organisation    uuid not null references organisations on delete cascade,
    kind            incident_kind not null,
    monitor         integer references monitors on delete cascade,
    region          smallint references regions on delete cascade,
    lane            smallint references lanes on delete cascade,
    state           incident_state not null default 'open',
    level           level not null,
    worst           level not null,
    reason          reason,
    flapping        boolean not null default false,
    changes         integer not null default 0,
    opened_at       bigint not null,
    acknowledged_at bigint,
    resolved_at     bigint,
    remind_at       timestamptz,
    check ((kind = 'region') = (region is not null) and (kind = 'lane') = (lane is not null)
           and (kind in ('region', 'lane')) = (monitor is null)),
    check ((state = 'resolved') = (resolved_at is not null))
);
create unique index incidents_open_monitor on incidents (monitor, kind) where state <> 'resolved' and monitor is not null;
create unique index incidents_open_region on incidents (region) where state <> 'resolved' and region is not null;
create unique index incidents_open_lane on incidents (lane) where state <> 'resolved' and lane is not null;
create index incidents_listed on incidents (organisation, id);
create index incidents_open on incidents (organisation, monitor) where state <> 'resolved';
create index incidents_over on incidents (organisation, resolved_at) where state = 'resolved';
create index incidents_unresolved on incidents (kind) where state <> 'resolved';
create index incidents_opened on incidents (opened_at);
create index incidents_of_monitor on incidents (monitor, opened_at);
create index incidents_remind on incidents (remind_at) where remind_at is not null;

-- What happened to it, by the machine (`who` is absent) or by a person. `data` is the explanation: of a change of status
-- the votes, the rule and the confirmations; of what was announced, to how many channels and why (not).
create table timeline (
    incident uuid not null references incidents on delete cascade,
    change   integer not null,
    at       timestamptz not null default now(),
    what     happening not null,
    who      uuid references users on delete set null,
    data     jsonb not null default '{}',
    primary key (incident, change)
);

-- The first failure of each region's current run of failures, kept until the next run.
create table failures (
    monitor  integer not null references monitors on delete cascade,
    region   smallint not null references regions on delete cascade,
    slot     bigint not null,
    attempt  smallint not null,
    reason   reason not null,
    detail   text,
    evidence jsonb,
    primary key (monitor, region)
) with (fillfactor = 80);

-- The first failure of each region in an incident.
create table incident_failures (
    incident uuid not null references incidents on delete cascade,
    region   smallint not null references regions on delete cascade,
    slot     bigint not null,
    attempt  smallint not null,
    reason   reason not null,
    detail   text,
    evidence jsonb,
    primary key (incident, region)
);
