//! Where alerts go. Settings everybody may see are JSON; secrets are a sealed blob, opened and closed here, so that no row
//! leaves with one half.

use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

use super::{Error, GenericClient, Result, statement::statements};
use crate::{
    channel::{Body, Kind, Settings, Unsealed, Vault},
    ids::{ChannelId, OrgId},
};

statements! {
    LIST ("uuid", "uuid", "int8") ->
        ("uuid", "uuid", "text", "text", "jsonb", "bytea", "bool", "timestamptz", "timestamptz")
        "select id, organisation, kind::text, name, settings, secrets, enabled, created_at, updated_at
         from channels
         where organisation = $1 and deleted_at is null and ($2::uuid is null or (created_at, id) >
               (select a.created_at, a.id from channels a where a.organisation = $1 and a.id = $2))
         order by created_at, id limit $3"
    GET ("uuid", "uuid") ->
        ("uuid", "uuid", "text", "text", "jsonb", "bytea", "bool", "timestamptz", "timestamptz")
        "select id, organisation, kind::text, name, settings, secrets, enabled, created_at, updated_at
         from channels where id = $1 and deleted_at is null and ($2::uuid is null or organisation = $2)"
    LOCK ("uuid", "uuid") ->
        ("uuid", "uuid", "text", "text", "jsonb", "bytea", "bool", "timestamptz", "timestamptz")
        "select id, organisation, kind::text, name, settings, secrets, enabled, created_at, updated_at
         from channels where id = $1 and deleted_at is null and organisation = $2 for update"
    OF_POLICIES ("uuid", "_uuid") ->
        ("uuid", "uuid", "uuid", "text", "text", "jsonb", "bytea", "bool", "timestamptz", "timestamptz")
        "select pc.policy, c.id, c.organisation, c.kind::text, c.name, c.settings, c.secrets, c.enabled, c.created_at,
                c.updated_at
         from policy_channels pc join channels c on c.id = pc.channel
         where c.organisation = $1 and pc.policy = any ($2) and c.deleted_at is null
         order by pc.policy, c.id"
    CREATE ("uuid", "uuid", "text", "text", "jsonb", "bytea", "bool") -> ()
        "insert into channels (id, organisation, kind, name, settings, secrets, enabled)
         values ($1, $2, $3::text::channel_kind, $4, $5, $6, $7)"
    UPDATE ("uuid", "uuid", "text", "jsonb", "bytea", "bool") -> ()
        "update channels set name = $3, settings = $4, secrets = $5, enabled = $6, updated_at = now()
         where organisation = $1 and id = $2"
    DELETE ("uuid", "uuid") -> ()
        "update channels set deleted_at = now(), updated_at = now(), secrets = null
         where organisation = $1 and id = $2 and deleted_at is null"
    LEAVE_POLICIES ("uuid") -> () "delete from policy_channels where channel = $1"
    SEALED () -> ("uuid", "bytea") "select id, secrets from channels where secrets is not null order by id"
    RESEAL ("uuid", "bytea", "bytea") -> ()
        "update channels set secrets = $3 where id = $1 and secrets = $2"
}

/// A stored channel.
#[derive(Debug)]
pub struct Channel {
    /// Which.
    pub id: ChannelId,
    /// Whose.
    pub organisation: OrgId,
    /// Of which kind.
    pub kind: Kind,
    /// What people call it.
    pub name: String,
    /// Whether it is told anything.
    pub enabled: bool,
    /// The settings everybody may see.
    pub shown: Value,
    /// All of them; or a sentence why they cannot be read, such as that their key is gone.
    pub settings: std::result::Result<Settings, String>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was changed last.
    pub updated_at: DateTime<Utc>,
}

/// Why a channel was not written.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// Its secrets cannot be kept.
    #[error(transparent)]
    Unsealed(#[from] Unsealed),
    /// The store has no answer.
    #[error(transparent)]
    Store(#[from] Error),
}

impl From<tokio_postgres::Error> for Refused {
    fn from(why: tokio_postgres::Error) -> Self {
        Self::Store(why.into())
    }
}

/// The channel with this id, whosever it is; none when it was deleted.
pub async fn get(db: &impl GenericClient, vault: &Vault, id: ChannelId) -> Result<Option<Channel>> {
    let row = db.query_opt(&db.prepare_cached(GET).await?, &[&id, &None::<Uuid>]).await?;
    row.map(|row| read(&row, 0, vault)).transpose()
}

/// The organisation's channel with this id.
pub async fn of(db: &impl GenericClient, vault: &Vault, org: OrgId, id: ChannelId) -> Result<Option<Channel>> {
    let row = db.query_opt(&db.prepare_cached(GET).await?, &[&id, &Some(org.0)]).await?;
    row.map(|row| read(&row, 0, vault)).transpose()
}

/// The same, and nobody else changes it until the transaction ends.
pub async fn lock(db: &impl GenericClient, vault: &Vault, org: OrgId, id: ChannelId) -> Result<Option<Channel>> {
    let row = db.query_opt(&db.prepare_cached(LOCK).await?, &[&id, &org]).await?;
    row.map(|row| read(&row, 0, vault)).transpose()
}

/// The organisation's channels behind `after`, at most `limit`, oldest first.
pub async fn list(
    db: &impl GenericClient,
    vault: &Vault,
    org: OrgId,
    after: Option<ChannelId>,
    limit: i64,
) -> Result<Vec<Channel>> {
    let rows = db.query(&db.prepare_cached(LIST).await?, &[&org, &after, &limit]).await?;
    rows.iter().map(|row| read(row, 0, vault)).collect()
}

/// The channels of these policies of the organisation, with the policy each is of.
pub async fn of_policies(
    db: &impl GenericClient,
    vault: &Vault,
    org: OrgId,
    policies: &[Uuid],
) -> Result<Vec<(Uuid, Channel)>> {
    let rows = db.query(&db.prepare_cached(OF_POLICIES).await?, &[&org, &policies]).await?;
    rows.iter().map(|row| Ok((row.try_get(0)?, read(row, 1, vault)?))).collect()
}

/// A new channel.
pub async fn create(
    db: &impl GenericClient,
    vault: &Vault,
    org: OrgId,
    id: ChannelId,
    body: &Body,
) -> std::result::Result<(), Refused> {
    let (shown, sealed) = seal(vault, id, &body.settings)?;
    let kind = body.settings.kind().as_str();
    let statement = db.prepare_cached(CREATE).await?;
    db.execute(&statement, &[&id, &org, &kind, &body.name, &shown, &sealed, &body.enabled]).await?;
    Ok(())
}

/// Other contents of a channel that is there.
pub async fn update(
    db: &impl GenericClient,
    vault: &Vault,
    org: OrgId,
    id: ChannelId,
    body: &Body,
) -> std::result::Result<(), Refused> {
    let (shown, sealed) = seal(vault, id, &body.settings)?;
    db.execute(&db.prepare_cached(UPDATE).await?, &[&org, &id, &body.name, &shown, &sealed, &body.enabled]).await?;
    Ok(())
}

/// Takes a channel away, its secrets at once; its row stays to name what was delivered. Says whether it was there.
pub async fn delete(db: &impl GenericClient, org: OrgId, id: ChannelId) -> Result<bool> {
    let deleted = db.execute(&db.prepare_cached(DELETE).await?, &[&org, &id]).await?;
    if deleted > 0 {
        db.execute(&db.prepare_cached(LEAVE_POLICIES).await?, &[&id]).await?;
    }
    Ok(deleted > 0)
}

/// Seals with the first key what was sealed with another one. Returns how many were, and which channels no key opens.
pub async fn reseal(db: &impl GenericClient, vault: &Vault) -> std::result::Result<(u64, Vec<ChannelId>), Refused> {
    let (mut resealed, mut lost) = (0, Vec::new());
    for row in db.query(SEALED, &[]).await? {
        let (id, blob): (ChannelId, &[u8]) = (row.try_get(0)?, row.try_get(1)?);
        if vault.is_current(blob) {
            continue;
        }
        match vault.open(id.0, blob) {
            Ok(text) => resealed += db.execute(RESEAL, &[&id, &blob, &vault.seal(id.0, &text)?]).await?,
            Err(Unsealed::NoKey) => return Err(Unsealed::NoKey.into()),
            Err(_) => lost.push(id),
        }
    }
    Ok((resealed, lost))
}

fn seal(vault: &Vault, id: ChannelId, settings: &Settings) -> std::result::Result<(Value, Option<Vec<u8>>), Unsealed> {
    let (shown, secrets) = settings.parts();
    let sealed = secrets.map(|secrets| vault.seal(id.0, secrets.to_string().as_bytes())).transpose()?;
    Ok((shown, sealed))
}

fn read(row: &tokio_postgres::Row, first: usize, vault: &Vault) -> Result<Channel> {
    let id: ChannelId = row.try_get(first)?;
    let kind = row.try_get::<_, &str>(first + 2)?.parse().map_err(|_| Error::Missing("kind of channel"))?;
    let shown: Value = row.try_get(first + 4)?;
    let sealed: Option<&[u8]> = row.try_get(first + 5)?;
    Ok(Channel {
        id,
        organisation: row.try_get(first + 1)?,
        kind,
        name: row.try_get(first + 3)?,
        enabled: row.try_get(first + 6)?,
        settings: open(vault, id, kind, &shown, sealed),
        shown,
        created_at: row.try_get(first + 7)?,
        updated_at: row.try_get(first + 8)?,
    })
}

fn open(
    vault: &Vault,
    id: ChannelId,
    kind: Kind,
    shown: &Value,
    sealed: Option<&[u8]>,
) -> std::result::Result<Settings, String> {
    let text = sealed.map(|blob| vault.open(id.0, blob)).transpose();
    let text = text.map_err(|why| format!("its secrets cannot be read: {why}"))?;
    let secrets = text.map(|text| serde_json::from_slice(&text)).transpose().map_err(|why| why.to_string())?;
    Settings::join(kind, shown.clone(), secrets)
}
