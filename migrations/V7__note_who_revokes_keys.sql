-- What was done with API keys is a part of what happened last: who revoked one is kept as who made it is.

alter table api_keys add column revoked_by uuid references users on delete set null;

create index api_keys_made on api_keys (organisation, created_at);
create index api_keys_ended on api_keys (organisation, revoked_at) where revoked_at is not null;
