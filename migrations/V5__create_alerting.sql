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

-- The policy an incident goes by: its monitor's, else its organisation's default.
create function policy_of(which uuid) returns policies language sql stable as $$
    select p from incidents i left join monitors m on m.key = i.monitor
    join policies p on p.id = m.policy or (m.policy is null and p.organisation = i.organisation and p.is_default)
    where i.id = which
$$;

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

-- Writes an incident's next timeline entry and tells its channels what the policy says they are told. An opening is
-- held for the policy's delay and `hold`, and one region's word for some seconds, in which others may say the same: what
-- gets worse before it was told is told once, as an opening. A resolve, and whatever else follows, goes only to channels that were told
-- of it or are about to be. Returns the timeline's number and how many are told.
-- Only the owner of the incident's row may call it: the row is locked here, so numbers have no gaps and no twins.
create function announce(which uuid, happened happening, person uuid, facts jsonb, hold interval)
returns table (change integer, told bigint) language plpgsql as $$
declare
    i incidents;
    p policies;
    n integer;
    told bigint := 0;
    sends boolean;
    news boolean := happened in ('opened', 'escalated');
    later timestamptz;
begin
    update incidents x set changes = x.changes + 1 where x.id = which returning * into strict i;
    n := i.changes;
    p := policy_of(which);
    sends := p.id is not null and i.level = any (p.sends);
    later := now() + hold + make_interval(secs => coalesce(p.delay, 0) + case when i.level = 'regional' then 5 else 0 end);
    if happened = 'resolved' then
        -- Openings nobody was told of yet: past their delay they and the resolve are one message, else none.
        update outbox o set state = case when p.delay > 0 then 'dropped' else 'merged' end::delivery_state, done_at = now()
        where o.incident = which and o.state = 'pending' and o.digest is null
          and (o.claimed_until is null or o.claimed_until < now()) and o.attempts = 0;
        insert into outbox (incident, change, channel, what)
        select which, n, o.channel, happened from outbox o
        where o.incident = which and o.what in ('opened', 'escalated') and o.state in ('pending', 'sent', 'merged')
        group by o.channel;
        get diagnostics told = row_count;
    elsif news and sends then
        with early as (
            update outbox o set state = 'dropped', done_at = now()
            where o.incident = which and o.what in ('opened', 'escalated') and o.state = 'pending' and o.digest is null
              and (o.claimed_until is null or o.claimed_until < now()) and o.attempts = 0
            returning o.channel, o.due_at)
        insert into outbox (incident, change, channel, what, due_at)
        select which, n, pc.channel,
               case when exists (select from outbox o where o.incident = which and o.channel = pc.channel
                                 and o.what = 'opened' and o.state in ('pending', 'sent', 'dead')
                                 and not exists (select from early e where e.channel = pc.channel))
                    then happened else 'opened' end,
               least(later, (select min(e.due_at) from early e where e.channel = pc.channel))
        from policy_channels pc
        where pc.policy = p.id and can_be_told((select c from channels c where c.id = pc.channel));
        get diagnostics told = row_count;
        if p.reminder is not null then
            update incidents x set remind_at = later + make_interval(secs => p.reminder) where x.id = which;
        end if;
    elsif happened in ('flapping', 'acknowledged', 'reminded') then
        insert into outbox (incident, change, channel, what)
        select which, n, o.channel, happened from outbox o
        where o.incident = which and o.what in ('opened', 'escalated') and o.state = 'sent'
        group by o.channel;
        get diagnostics told = row_count;
    end if;
    insert into timeline (incident, change, what, who, data)
    values (which, n, happened, person, facts || jsonb_build_object('told', told, 'policy', p.name, 'sends', sends));
    if told > 0 then
        perform pg_notify('upguard_outbox', '');
    end if;
    return query select n, told;
end $$;

-- Opens an incident at `t`, unless one of its kind is open already, and says so. A region's and a lane's (`place`) belong to
-- the operators.
create function open_incident(
    new_id uuid, matter incident_kind, which integer, place smallint, how level, why reason, t bigint, facts jsonb,
    hold interval) returns uuid language plpgsql as $$
declare
    owner uuid;
begin
    select coalesce((select m.organisation from monitors m where m.key = which),
                    (select o.id from organisations o order by o.number limit 1)) into owner;
    if owner is null then
        return null;
    end if;
    insert into incidents (id, organisation, kind, monitor, region, lane, level, worst, reason, opened_at)
    values (new_id, owner, matter, which, case when matter = 'region' then place end,
            case when matter = 'lane' then place end, how, how, why, t)
    on conflict do nothing;
    if not found then
        return null;
    end if;
    perform announce(new_id, 'opened', null, facts, hold);
    return new_id;
end $$;

-- Takes an open incident to another level. Returns whether it was open.
create function move_incident(which uuid, how level, news happening, why reason, facts jsonb, hold interval)
returns boolean language plpgsql as $$
begin
    update incidents i set level = how, worst = greatest(i.worst, how), reason = coalesce(why, i.reason)
    where i.id = which and i.state <> 'resolved';
    if found then
        perform announce(which, news, null, facts, hold);
    end if;
    return found;
end $$;

-- From here on the incident stays open until all is calm. Returns whether it was open.
create function hold_incident(which uuid, facts jsonb) returns boolean language plpgsql as $$
begin
    update incidents i set flapping = true where i.id = which and i.state <> 'resolved' and not i.flapping;
    if found then
        perform announce(which, 'flapping', null, facts, '0');
    end if;
    return found;
end $$;

-- Ends an incident at `t`. Returns whether it was open.
create function resolve_incident(which uuid, t bigint, person uuid, facts jsonb) returns boolean language plpgsql as $$
begin
    update incidents i set state = 'resolved', resolved_at = t, remind_at = null
    where i.id = which and i.state <> 'resolved';
    if found then
        perform announce(which, 'resolved', person, facts, '0');
    end if;
    return found;
end $$;

-- An id like those made in Rust (UUID version 7): later ones sort behind earlier ones.
create function new_id() returns uuid language sql volatile as $$
    select encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid())
        placing substring(int8send((extract(epoch from clock_timestamp()) * 1000)::bigint) from 3) from 1 for 6),
        52, 1), 53, 1), 'hex')::uuid
$$;

-- Opens incidents of a lane's monitors that were checked less than `wanted` of what was expected in an hour that is
-- summarised, and ends those of monitors that were checked enough.
create function look_after_coverage(which smallint, summarised_hour bigint, wanted double precision) returns void
language plpgsql as $$
begin
    perform open_incident(new_id(), 'coverage', u.monitor, null, 'coverage', null, u.hour + 3600,
                          jsonb_build_object('hour', u.hour, 'checked', u.total, 'expected', u.expected), '0')
    from uptime_hours u join monitors m on m.key = u.monitor
    where m.lane = which and m.enabled and m.deleted_at is null and u.hour = summarised_hour and u.total < wanted * u.expected;
    perform resolve_incident(i.id, u.hour + 3600, null,
                             jsonb_build_object('hour', u.hour, 'checked', u.total, 'expected', u.expected))
    from incidents i join monitors m on m.key = i.monitor
    join uptime_hours u on u.monitor = i.monitor and u.hour = summarised_hour
    where m.lane = which and i.kind = 'coverage' and i.state <> 'resolved' and u.total >= wanted * u.expected;
end $$;

-- Ends whatever is open about a monitor that nobody watches any more.
create function end_incidents(which integer, t bigint, facts jsonb) returns void language plpgsql as $$
begin
    perform resolve_incident(i.id, t, null, facts) from incidents i
    where i.monitor = which and i.state <> 'resolved';
end $$;

-- Reminds of incidents that are open, unacknowledged and due for it. Returns how many.
create function remind() returns bigint language plpgsql as $$
declare
    due record;
    reminded bigint := 0;
begin
    for due in
        select i.id, (policy_of(i.id)).reminder as again, i.level = any ((policy_of(i.id)).sends) as sends
        from incidents i where i.remind_at <= now() and i.state = 'open'
        order by i.remind_at limit 100 for update of i skip locked
    loop
        update incidents set remind_at = now() + make_interval(secs => due.again) where id = due.id;
        if due.sends and due.again is not null and exists (
            select from outbox o where o.incident = due.id and o.what in ('opened', 'escalated') and o.state = 'sent') then
            perform announce(due.id, 'reminded', null, '{}', '0');
            reminded := reminded + 1;
        end if;
    end loop;
    return reminded;
end $$;
