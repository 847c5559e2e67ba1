//! Where alerts go. Settings everybody may see are JSON; secrets are a sealed blob that nobody opens here.

use domain::{
    channel::{Contents, Stored},
    ids::{ChannelId, OrgId},
};
use uuid::Uuid;

use super::{GenericClient, Read, Result, Row, statement::statements};

statements! {
    LIST ("uuid", "uuid", "int8") ->
        (id "uuid", organisation "uuid", kind "text", name "text", settings "jsonb", secrets "bytea", enabled "bool",
         created_at "timestamptz", updated_at "timestamptz")
        "select id, organisation, kind::text as kind, name, settings, secrets, enabled, created_at, updated_at
         from channels
         where organisation = $1 and deleted_at is null and ($2::uuid is null or (created_at, id) >
               (select a.created_at, a.id from channels a where a.organisation = $1 and a.id = $2))
         order by created_at, id limit $3"
    GET ("uuid", "uuid") ->
        (id "uuid", organisation "uuid", kind "text", name "text", settings "jsonb", secrets "bytea", enabled "bool",
         created_at "timestamptz", updated_at "timestamptz")
        "select id, organisation, kind::text as kind, name, settings, secrets, enabled, created_at, updated_at
         from channels where id = $1 and deleted_at is null and ($2::uuid is null or organisation = $2)"
    LOCK ("uuid", "uuid") ->
        (id "uuid", organisation "uuid", kind "text", name "text", settings "jsonb", secrets "bytea", enabled "bool",
         created_at "timestamptz", updated_at "timestamptz")
        "select id, organisation, kind::text as kind, name, settings, secrets, enabled, created_at, updated_at
         from channels where id = $1 and deleted_at is null and organisation = $2 for update"
    OF_POLICIES ("uuid", "_uuid") ->
        (policy "uuid", id "uuid", organisation "uuid", kind "text", name "text", settings "jsonb", secrets "bytea",
         enabled "bool", created_at "timestamptz", updated_at "timestamptz")
        "select pc.policy, c.id, c.organisation, c.kind::text as kind, c.name, c.settings, c.secrets, c.enabled,
                c.created_at, c.updated_at
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
    SEALED () -> (id "uuid", secrets "bytea") "select id, secrets from channels where secrets is not null order by id"
    RESEAL ("uuid", "bytea", "bytea") -> ()
        "update channels set secrets = $3 where id = $1 and secrets = $2"
}

/// The channel with this id, whosever it is; none when it was deleted.
pub async fn get(db: &impl GenericClient, id: ChannelId) -> Result<Option<Stored>> {
    let row = db.query_opt(&db.prepare_cached(GET).await?, &[&id.0, &None::<Uuid>]).await?;
    row.as_ref().map(read).transpose()
}

/// The organisation's channel with this id.
pub async fn of(db: &impl GenericClient, org: OrgId, id: ChannelId) -> Result<Option<Stored>> {
    let row = db.query_opt(&db.prepare_cached(GET).await?, &[&id.0, &Some(org.0)]).await?;
    row.as_ref().map(read).transpose()
}

/// The same, and nobody else changes it until the transaction ends.
pub async fn lock(db: &impl GenericClient, org: OrgId, id: ChannelId) -> Result<Option<Stored>> {
    let row = db.query_opt(&db.prepare_cached(LOCK).await?, &[&id.0, &org.0]).await?;
    row.as_ref().map(read).transpose()
}

/// The organisation's channels behind `after`, at most `limit`, oldest first.
pub async fn list(db: &impl GenericClient, org: OrgId, after: Option<ChannelId>, limit: i64) -> Result<Vec<Stored>> {
    let rows = db.query(&db.prepare_cached(LIST).await?, &[&org.0, &after.map(|id| id.0), &limit]).await?;
    rows.iter().map(read).collect()
}

/// The channels of these policies of the organisation, with the policy each is of.
pub async fn of_policies(db: &impl GenericClient, org: OrgId, policies: &[Uuid]) -> Result<Vec<(Uuid, Stored)>> {
    let rows = db.query(&db.prepare_cached(OF_POLICIES).await?, &[&org.0, &policies]).await?;
    rows.iter().map(|row| Ok((row.read("policy")?, read(row)?))).collect()
}

/// A new channel.
pub async fn create(db: &impl GenericClient, org: OrgId, id: ChannelId, kind: &str, contents: &Contents) -> Result<()> {
    let Contents { name, enabled, shown, sealed } = contents;
    let statement = db.prepare_cached(CREATE).await?;
    db.execute(&statement, &[&id.0, &org.0, &kind, name, shown, sealed, enabled]).await?;
    Ok(())
}

/// Other contents of a channel that is there.
pub async fn update(db: &impl GenericClient, org: OrgId, id: ChannelId, contents: &Contents) -> Result<()> {
    let Contents { name, enabled, shown, sealed } = contents;
    db.execute(&db.prepare_cached(UPDATE).await?, &[&org.0, &id.0, name, shown, sealed, enabled]).await?;
    Ok(())
}

/// Takes a channel away, its secrets at once; its row stays to name what was delivered. Says whether it was there.
pub async fn delete(db: &impl GenericClient, org: OrgId, id: ChannelId) -> Result<bool> {
    let deleted = db.execute(&db.prepare_cached(DELETE).await?, &[&org.0, &id.0]).await?;
    if deleted > 0 {
        db.execute(&db.prepare_cached(LEAVE_POLICIES).await?, &[&id.0]).await?;
    }
    Ok(deleted > 0)
}

/// The sealed secrets of all channels.
pub async fn sealed(db: &impl GenericClient) -> Result<Vec<(ChannelId, Vec<u8>)>> {
    let rows = db.query(SEALED, &[]).await?;
    rows.iter().map(|row| Ok((row.read("id")?, row.read("secrets")?))).collect()
}

/// Puts a channel's secrets, sealed anew, in the place of `old`. Says whether these were still there.
pub async fn reseal(db: &impl GenericClient, id: ChannelId, old: &[u8], new: &[u8]) -> Result<bool> {
    Ok(db.execute(RESEAL, &[&id.0, &old, &new]).await? > 0)
}

fn read(row: &Row) -> Result<Stored> {
    Ok(Stored {
        id: row.read("id")?,
        organisation: row.read("organisation")?,
        kind: row.read("kind")?,
        contents: Contents {
            name: row.read("name")?,
            enabled: row.read("enabled")?,
            shown: row.read("settings")?,
            sealed: row.read("secrets")?,
        },
        created_at: row.read("created_at")?,
        updated_at: row.read("updated_at")?,
    })
}
