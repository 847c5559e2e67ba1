//! Who may be mailed: members at the address they sign in with, and whoever confirmed theirs to the organisation. The mail that asks
//! carries a token once; here is its hash.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use domain::{
    channel::Readers,
    ids::{ChannelId, OrgId},
};
use uuid::Uuid;

use super::{GenericClient, Read, Result, Row, statement::statements};

statements! {
    READERS ("_uuid") -> (id "uuid", address "text", is_owner "bool")
        "select c.id, u.email as address, true as is_owner from unnest($1::uuid[]) k (id)
         cross join lateral (select id, organisation from channels where id = k.id offset 0) c
         cross join lateral (select user_id from memberships
                             where organisation = c.organisation and role = 'owner' offset 0) m
         cross join lateral (select email from users where id = m.user_id offset 0) u
         union all
         select c.id, t.address, false from unnest($1::uuid[]) k (id)
         cross join lateral (select id, organisation, settings from channels
                             where id = k.id and kind = 'email' offset 0) c
         cross join lateral jsonb_array_elements_text(c.settings -> 'to') t (address)
         where may_be_mailed(c.organisation, t.address)
         order by 2"
    WAITING ("uuid") -> (address "text", asked_at "timestamptz")
        "select distinct t.address, r.asked_at from channels c
         cross join lateral jsonb_array_elements_text(c.settings -> 'to') t (address)
         left join recipients r on r.organisation = c.organisation and r.address = lower(t.address)
         where c.organisation = $1 and c.kind = 'email' and c.deleted_at is null
           and not may_be_mailed(c.organisation, t.address)"
    ASK ("uuid", "text", "bytea") -> ()
        "insert into recipients (organisation, address, token, expires_at, asked_at)
         values ($1, lower($2), $3, now() + interval '3 days', now())
         on conflict (organisation, address) do update
         set token = excluded.token, expires_at = excluded.expires_at, asked_at = excluded.asked_at
         where recipients.confirmed_at is null"
    FORGET ("uuid", "text") -> ()
        "delete from recipients where organisation = $1 and address = lower($2) and confirmed_at is null"
    ASKED ("bytea") -> (address "text", organisation "text")
        "select r.address, o.name as organisation from recipients r join organisations o on o.id = r.organisation
         where r.token = $1 and r.expires_at > now()"
    CONFIRM ("bytea") -> (address "text", organisation "text")
        "update recipients r set confirmed_at = now(), token = null, expires_at = null from organisations o
         where r.token = $1 and r.expires_at > now() and o.id = r.organisation returning r.address, o.name as organisation"
}

/// An address and the organisation that wants to mail it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// As it was asked.
    pub address: String,
    /// The organisation's name.
    pub organisation: String,
}

/// Who reads the mails of each of these channels.
pub async fn readers(db: &impl GenericClient, channels: &[ChannelId]) -> Result<HashMap<ChannelId, Readers>> {
    let ids: Vec<Uuid> = channels.iter().map(|id| id.0).collect();
    let mut readers: HashMap<ChannelId, Readers> = HashMap::new();
    for row in &db.query(&db.prepare_cached(READERS).await?, &[&ids]).await? {
        let of = readers.entry(row.read("id")?).or_default();
        let list = if row.read("is_owner")? { &mut of.owners } else { &mut of.confirmed };
        list.push(row.read("address")?);
    }
    Ok(readers)
}

/// The addresses the organisation's channels name and that have not confirmed, and when each was asked last.
pub async fn waiting(db: &impl GenericClient, org: OrgId) -> Result<HashMap<String, Option<DateTime<Utc>>>> {
    let rows = db.query(&db.prepare_cached(WAITING).await?, &[&org.0]).await?;
    rows.iter().map(|row| Ok((row.read("address")?, row.read("asked_at")?))).collect()
}

/// From now on the token with this hash confirms the address, for three days; an older one does no longer.
pub async fn ask(db: &impl GenericClient, org: OrgId, address: &str, token: &[u8]) -> Result<()> {
    db.execute(&db.prepare_cached(ASK).await?, &[&org.0, &address, &token]).await?;
    Ok(())
}

/// The mail that asks did not go out.
pub async fn forget(db: &impl GenericClient, org: OrgId, address: &str) -> Result<()> {
    db.execute(&db.prepare_cached(FORGET).await?, &[&org.0, &address]).await?;
    Ok(())
}

/// What the token with this hash would confirm.
pub async fn asked(db: &impl GenericClient, token: &[u8]) -> Result<Option<Asked>> {
    found(db.query_opt(&db.prepare_cached(ASKED).await?, &[&token]).await?)
}

/// Confirms, and uses the token up.
pub async fn confirm(db: &impl GenericClient, token: &[u8]) -> Result<Option<Asked>> {
    found(db.query_opt(&db.prepare_cached(CONFIRM).await?, &[&token]).await?)
}

fn found(row: Option<Row>) -> Result<Option<Asked>> {
    row.map(|row| Ok(Asked { address: row.read("address")?, organisation: row.read("organisation")? })).transpose()
}
