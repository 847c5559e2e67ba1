-- Whom to tell, what was told, and what is still to be told.

create type channel_kind as enum ('webhook', 'email', 'slack', 'discord', 'telegram', 'pagerduty', 'ntfy');

-- `settings` is shown to people; `secrets` is encrypted JSON that nobody is ever shown (key id, nonce, text in one).
create table channels (
    id           uuid primary key,
    organisation uuid not null references organisations on delete cascade,
    kind         channel_kind not null,
    name         text not null check (length(name) between 1 and 100),
    settings     jsonb not null,
    secrets      bytea,
    enabled      boolean not null default true,
    created_at   timestamptz not null default now(),
    updated_at   timestamptz not null default now(),
    deleted_at   timestamptz
);
create index on channels (organisation, created_at, id);

-- Addresses that mail channels name. Nothing is sent to one before its reader has confirmed, with the token of the mail that
-- asked; stored is its SHA-256, until it is used. Members need not: they sign in with theirs.
create table recipients (
    organisation uuid not null references organisations on delete cascade,
    address      text not null check (address = lower(address)),
    token        bytea unique,
    expires_at   timestamptz,
    asked_at     timestamptz,
    confirmed_at timestamptz,
    primary key (organisation, address)
);

create function may_be_mailed(org uuid, given text) returns boolean language sql stable as $$
    select exists (select from memberships m join users u on u.id = m.user_id
                   where m.organisation = org and u.email = lower(given))
        or exists (select from recipients r
                   where r.organisation = org and r.address = lower(given) and r.confirmed_at is not null)
$$;

-- Which levels are sent; all others are shown. Delay and reminder are seconds; no reminder where it is absent.
create table policies (
    id           uuid primary key,
    organisation uuid not null references organisations on delete cascade,
    name         text not null check (length(name) between 1 and 100),
    is_default   boolean not null default false,
    sends        level[] not null default '{down,certificate,region,lane}',
    delay        integer not null default 0 check (delay between 0 and 86400),
    reminder     integer check (reminder between 60 and 604800),
    created_at   timestamptz not null default now()
);
create index on policies (organisation, created_at, id);
create unique index policies_default on policies (organisation) where is_default;

create table policy_channels (
    policy  uuid not null references policies on delete cascade,
    channel uuid not null references channels on delete cascade,
    primary key (policy, channel)
);
create index on policy_channels (channel);

alter table monitors add column policy uuid references policies on delete set null;
create index on monitors (policy) where policy is not null;

-- Monitors as people see them: regions by name, in the order they were given, and what became of them.
create view monitors_shown as
    select m.key, m.id, m.lane, m.phase, m.created_at, s.status::text, s.since, m.name, m.url, m.interval,
           array(select r.id from unnest(m.regions) with ordinality c (key, place) join regions r on r.key = c.key
                 order by c.place) as regions,
           m.spec, m.tags, m.enabled, m.rules, m.policy, s.version, s.reason::text, s.cert_not_after, m.organisation,
           m.rev, known_up_to(s.status, s.since, l.heard, s.looked_at, m.interval) as known
    from monitors m join monitor_status s on s.monitor = m.key join lanes l on l.lane = m.lane
    where m.deleted_at is null;

-- `pending`: to be sent from `due_at` on. `sent` and `dead` are final, as is `dropped`: nobody needs it any more (a resolve
-- of what was never told). `merged`: the incident was resolved before it was told, and the resolve says both.
create type delivery_state as enum ('pending', 'sent', 'dead', 'dropped', 'merged');

-- What happened to an incident and has to be told to a channel, written with it in one transaction. `change` is the
-- timeline's number, so `(incident, change, channel)` is the key that receivers know repeats by. A digest is a row
-- without incident; its members name it and are told with it. `tried_at` is when its first try began: it is given up so
-- long after; a try that failed moves `due_at`.
create table outbox (
    key           bigint generated always as identity primary key,
    incident      uuid references incidents on delete cascade,
    change        integer not null,
    channel       uuid not null references channels on delete cascade,
    what          happening not null,
    state         delivery_state not null default 'pending',
    digest        bigint references outbox on delete set null,
    due_at        timestamptz not null default now(),
    created_at    timestamptz not null default now(),
    attempts      integer not null default 0,
    tried_at      timestamptz,
    claim         uuid,
    claimed_until timestamptz,
    done_at       timestamptz
) with (fillfactor = 70);
create unique index outbox_key on outbox (incident, change, channel) where incident is not null;
create index outbox_due on outbox (due_at) where state = 'pending' and digest is null;
create index outbox_waiting on outbox (channel, incident, change) where state = 'pending';
create index outbox_members on outbox (digest) where digest is not null;
create index outbox_of_channel on outbox (channel, key);
create index outbox_unsent on outbox (channel, key) where state in ('pending', 'dead');
create index outbox_done on outbox (done_at) where done_at is not null;

-- What may be claimed now: what is due, in nobody's hands, and not behind something older of its incident and channel.
-- `offset 0` keeps the look for that a lookup by key per row, whatever the planner thinks of a table just filled.
create view outbox_ready as
    select * from outbox o
    where o.state = 'pending' and o.digest is null and o.due_at <= now()
      and (o.claimed_until is null or o.claimed_until <= now())
      and not exists (select from outbox older
                      where older.incident = o.incident and older.channel = o.channel and older.change < o.change
                        and older.state = 'pending' offset 0);

-- Every try, with what the other side answered; tests of a channel have no row in the outbox.
create table deliveries (
    key     bigint generated always as identity primary key,
    channel uuid not null references channels on delete cascade,
    outbox  bigint references outbox on delete cascade,
    at      timestamptz not null default now(),
    attempt integer not null,
    ok      boolean not null,
    status  integer,
    answer  text,
    took_ms integer not null
);
create index on deliveries (channel, key);
create index on deliveries (outbox);
create index on deliveries (at);

-- Whether a channel can be told anything. Without a mail server (which sessions are told of by the setting
-- `upguard.smtp`) no e-mail channel can.
create function can_be_told(c channels) returns boolean language sql stable as $$
    select c.enabled and c.deleted_at is null
       and (c.kind <> 'email' or coalesce(current_setting('upguard.smtp', true), 'on') <> 'off')
$$;

-- A new organisation, with a policy that mails its owners.
create function create_organisation(new_id uuid, new_name text) returns void language plpgsql as $$
declare
    owners uuid := gen_random_uuid();
    usual uuid := gen_random_uuid();
begin
    insert into organisations (id, name) values (new_id, new_name);
    insert into channels (id, organisation, kind, name, settings)
    values (owners, new_id, 'email', 'Owners', '{"owners": true, "to": []}');
    insert into policies (id, organisation, name, is_default) values (usual, new_id, 'Default', true);
    insert into policy_channels (policy, channel) values (usual, owners);
end $$;
