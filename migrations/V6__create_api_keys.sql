-- Keys by which programs use the API. They belong to the organisation: one goes on when the person who made it is gone.

create type key_scope as enum ('read', 'write', 'metrics');

-- Only the hash of a key is stored; `prefix` is its beginning, for people to know it by. A revoked key stays, since
-- timelines name it.
create table api_keys (
    id           uuid primary key,
    organisation uuid not null references organisations on delete cascade,
    name         text not null check (length(name) between 1 and 100),
    scopes       key_scope[] not null check (cardinality(scopes) between 1 and 3),
    hash         bytea not null constraint api_keys_hash_key unique,
    prefix       text not null,
    created_by   uuid references users on delete set null,
    created_at   timestamptz not null default now(),
    expires_at   timestamptz,
    last_used_at timestamptz,
    revoked_at   timestamptz
);
create index on api_keys (organisation, id) where revoked_at is null;

-- The key that did it, where no person did.
alter table timeline add column api_key uuid references api_keys on delete set null;

-- What happened, and who did it as others see them; the machine where `who` is absent.
create view timeline_shown as
    select t.incident, t.change, t.at, t.what, t.data, coalesce(t.who, t.api_key) as who, t.api_key is not null as by_key,
           coalesce(nullif(u.name, ''), u.email, 'API key ' || k.name) as name
    from timeline t left join users u on u.id = t.who left join api_keys k on k.id = t.api_key;
