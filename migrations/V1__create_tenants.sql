-- Who uses UpGuard. Everything below a tenant carries its organisation's id.

create type role as enum ('viewer', 'editor', 'admin', 'owner');

create table organisations (
    id         uuid primary key,
    -- The organisation with the lowest number is the operators'.
    number     integer generated always as identity unique,
    name       text not null check (length(name) between 1 and 100),
    created_at timestamptz not null default now()
);

create table users (
    id            uuid primary key,
    email         text not null constraint users_email_key unique check (email = lower(email) and length(email) <= 254),
    name          text not null default '' check (length(name) <= 100),
    password_hash text not null,
    created_at    timestamptz not null default now()
);

-- Sign-ups that wait for the reader of their address. `token` is the SHA-256 of what stands in the mail.
create table sign_ups (
    token         bytea primary key,
    email         text not null,
    name          text not null,
    password_hash text not null,
    expires_at    timestamptz not null
);
create index on sign_ups (expires_at);

create table memberships (
    organisation uuid not null references organisations on delete cascade,
    user_id      uuid not null references users on delete cascade,
    role         role not null,
    created_at   timestamptz not null default now(),
    primary key (organisation, user_id)
);
create index on memberships (user_id);

-- A sign-in: the family of refresh tokens that descend from it. Reuse of an old one revokes the family.
create table sign_ins (
    id           uuid primary key,
    user_id      uuid not null references users on delete cascade,
    organisation uuid not null references organisations on delete cascade,
    created_at   timestamptz not null default now(),
    revoked_at   timestamptz
);
create index on sign_ins (user_id);

create table refresh_tokens (
    hash       bytea primary key,
    sign_in    uuid not null references sign_ins on delete cascade,
    expires_at timestamptz not null,
    rotated_at timestamptz
);
create index on refresh_tokens (sign_in);
create index on refresh_tokens (expires_at);
