//! Whom to tell of which incidents. Every organisation has one default policy, for monitors that name none.

use domain::{
    ids::{ChannelId, OrgId, PolicyId},
    incident::Level,
    policy::Body,
};
use uuid::Uuid;

use super::{GenericClient, Read, Result, Row, statement::statements};

statements! {
    LIST ("uuid", "uuid", "int8") ->
        (id "uuid", name "text", is_default "bool", sends "_text", delay "int4", reminder "int4", channels "_uuid")
        "select p.id, p.name, p.is_default, p.sends::text[] as sends, p.delay, p.reminder,
                array(select pc.channel from policy_channels pc where pc.policy = p.id order by pc.channel) as channels
         from policies p
         where p.organisation = $1 and ($2::uuid is null or (p.created_at, p.id) >
               (select a.created_at, a.id from policies a where a.organisation = $1 and a.id = $2))
         order by p.created_at, p.id limit $3"
    GET ("uuid", "uuid") ->
        (id "uuid", name "text", is_default "bool", sends "_text", delay "int4", reminder "int4", channels "_uuid")
        "select p.id, p.name, p.is_default, p.sends::text[] as sends, p.delay, p.reminder,
                array(select pc.channel from policy_channels pc where pc.policy = p.id order by pc.channel) as channels
         from policies p where p.organisation = $1 and p.id = $2"
    LOCK ("uuid") -> (id "uuid") "select id from organisations where id = $1 for update"
    CREATE ("uuid", "uuid", "text", "_text", "int4", "int4") -> ()
        "insert into policies (id, organisation, name, sends, delay, reminder)
         values ($1, $2, $3, $4::text[]::level[], $5, $6)"
    UPDATE ("uuid", "uuid", "text", "_text", "int4", "int4") -> ()
        "update policies set name = $3, sends = $4::text[]::level[], delay = $5, reminder = $6
         where organisation = $1 and id = $2"
    NO_DEFAULT ("uuid") -> () "update policies set is_default = false where organisation = $1 and is_default"
    DEFAULT ("uuid", "uuid") -> () "update policies set is_default = true where organisation = $1 and id = $2"
    LEAVE ("uuid", "_uuid") -> () "delete from policy_channels where policy = $1 and channel <> all ($2)"
    ENTER ("uuid", "uuid", "_uuid") -> ()
        "insert into policy_channels (policy, channel)
         select $1, id from channels where organisation = $2 and id = any ($3) and deleted_at is null
         on conflict do nothing"
    KNOWN ("uuid", "_uuid") -> (id "uuid")
        "select id from channels where organisation = $1 and id = any ($2) and deleted_at is null for share"
    DELETE ("uuid", "uuid") -> () "delete from policies where organisation = $1 and id = $2 and not is_default"
}

/// A stored policy.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Which.
    pub id: PolicyId,
    /// What it says.
    pub body: Body,
}

/// The organisation's policies behind `after`, at most `limit`, oldest first.
pub async fn list(db: &impl GenericClient, org: OrgId, after: Option<PolicyId>, limit: i64) -> Result<Vec<Policy>> {
    let rows = db.query(&db.prepare_cached(LIST).await?, &[&org.0, &after.map(|id| id.0), &limit]).await?;
    rows.iter().map(read).collect()
}

/// The organisation's policy with this id.
pub async fn get(db: &impl GenericClient, org: OrgId, id: PolicyId) -> Result<Option<Policy>> {
    let row = db.query_opt(&db.prepare_cached(GET).await?, &[&org.0, &id.0]).await?;
    row.as_ref().map(read).transpose()
}

/// Nobody else changes the organisation's policies until the transaction ends: which one is the default concerns all.
pub async fn lock_all(db: &impl GenericClient, org: OrgId) -> Result<()> {
    db.query(&db.prepare_cached(LOCK).await?, &[&org.0]).await?;
    Ok(())
}

/// Which of these channels the organisation has; they stay until the transaction ends.
pub async fn known(db: &impl GenericClient, org: OrgId, channels: &[ChannelId]) -> Result<Vec<ChannelId>> {
    let rows = db.query(&db.prepare_cached(KNOWN).await?, &[&org.0, &uuids(channels)]).await?;
    rows.iter().map(|row| row.read("id")).collect()
}

/// A new policy.
pub async fn create(db: &impl GenericClient, org: OrgId, id: PolicyId, body: &Body) -> Result<()> {
    let Body { name, delay, reminder, .. } = body;
    db.execute(&db.prepare_cached(CREATE).await?, &[&id.0, &org.0, name, &words(body), delay, reminder]).await?;
    belong(db, org, id, body).await
}

/// Other contents of a policy that is there.
pub async fn update(db: &impl GenericClient, org: OrgId, id: PolicyId, body: &Body) -> Result<()> {
    let Body { name, delay, reminder, .. } = body;
    db.execute(&db.prepare_cached(UPDATE).await?, &[&org.0, &id.0, name, &words(body), delay, reminder]).await?;
    belong(db, org, id, body).await
}

/// Takes a policy away, unless it is the default; its monitors then go by the default. Says whether it did.
pub async fn delete(db: &impl GenericClient, org: OrgId, id: PolicyId) -> Result<bool> {
    Ok(db.execute(&db.prepare_cached(DELETE).await?, &[&org.0, &id.0]).await? > 0)
}

/// Its channels, and its being the default, which it takes from another.
async fn belong(db: &impl GenericClient, org: OrgId, id: PolicyId, body: &Body) -> Result<()> {
    let channels = uuids(&body.channels);
    db.execute(&db.prepare_cached(LEAVE).await?, &[&id.0, &channels]).await?;
    db.execute(&db.prepare_cached(ENTER).await?, &[&id.0, &org.0, &channels]).await?;
    if body.default {
        db.execute(&db.prepare_cached(NO_DEFAULT).await?, &[&org.0]).await?;
        db.execute(&db.prepare_cached(DEFAULT).await?, &[&org.0, &id.0]).await?;
    }
    Ok(())
}

fn uuids(channels: &[ChannelId]) -> Vec<Uuid> {
    channels.iter().map(|channel| channel.0).collect()
}

fn words(body: &Body) -> Vec<&'static str> {
    body.sends.iter().map(|level| level.as_str()).collect()
}

fn read(row: &Row) -> Result<Policy> {
    // A level that a newer version writes is left out: the others are sent as before.
    let sends: Vec<&str> = row.read("sends")?;
    let mut sends: Vec<Level> = sends.into_iter().filter_map(|word| word.parse().ok()).collect();
    sends.sort_unstable();
    let body = Body {
        name: row.read("name")?,
        default: row.read("is_default")?,
        sends,
        delay: row.read("delay")?,
        reminder: row.read("reminder")?,
        channels: row.read("channels")?,
    };
    Ok(Policy { id: row.read("id")?, body })
}
