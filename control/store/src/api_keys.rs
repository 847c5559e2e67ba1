//! Keys by which programs use the API, known by their hashes alone.

use chrono::{DateTime, Utc};
use domain::{
    actor::Somebody,
    api_key::{Act, KeyText, NewKey, Scope},
    ids::{ApiKeyId, OrgId, UserId},
};

use super::{GenericClient, Read, Result, Row, Transaction, statement::statements};

statements! {
    /// The lock makes those who make keys wait for each other, so that their number is what was counted.
    LOCK ("uuid") -> (id "uuid") "select id from organisations where id = $1 for no key update"
    COUNT ("uuid") -> (keys "int8")
        "select count(*) as keys from api_keys where organisation = $1 and revoked_at is null"
    CREATE ("uuid", "uuid", "text", "_text", "bytea", "text", "uuid", "timestamptz") -> ()
        "insert into api_keys (id, organisation, name, scopes, hash, prefix, created_by, expires_at)
         values ($1, $2, $3, $4::text[]::key_scope[], $5, $6, $7, $8)"
    LIST ("uuid", "uuid", "int8") ->
        (id "uuid", name "text", scopes "_text", prefix "text", by "uuid", by_name "text", created_at "timestamptz",
         expires_at "timestamptz", last_used_at "timestamptz")
        "select k.id, k.name, k.scopes::text[], k.prefix, u.id as by, coalesce(nullif(u.name, ''), u.email) as by_name,
                k.created_at, k.expires_at, k.last_used_at
         from api_keys k left join users u on u.id = k.created_by
         where k.organisation = $1 and k.revoked_at is null and ($2::uuid is null or k.id < $2)
         order by k.id desc limit $3"
    GET ("uuid", "uuid") ->
        (id "uuid", name "text", scopes "_text", prefix "text", by "uuid", by_name "text", created_at "timestamptz",
         expires_at "timestamptz", last_used_at "timestamptz")
        "select k.id, k.name, k.scopes::text[], k.prefix, u.id as by, coalesce(nullif(u.name, ''), u.email) as by_name,
                k.created_at, k.expires_at, k.last_used_at
         from api_keys k left join users u on u.id = k.created_by
         where k.organisation = $1 and k.id = $2 and k.revoked_at is null"
    REVOKE ("uuid", "uuid", "uuid") -> ()
        "update api_keys set revoked_at = clock_timestamp(), revoked_by = $3
         where organisation = $1 and id = $2 and revoked_at is null"
    DONE ("uuid", "int8") -> (at "timestamptz", what "text", id "uuid", name "text", by "uuid", by_name "text")
        "select d.at, d.what, d.id, d.name, u.id as by, coalesce(nullif(u.name, ''), u.email) as by_name
         from ((select created_at as at, 'made' as what, id, name, created_by as who from api_keys
                where organisation = $1 order by created_at desc limit $2)
               union all
               (select revoked_at, 'revoked', id, name, revoked_by from api_keys
                where organisation = $1 and revoked_at is not null order by revoked_at desc limit $2)) d
         left join lateral (select * from users where id = d.who offset 0) u on true
         order by d.at desc, d.id desc limit $2"
    /// `is_to_be_noted`: whether a minute has passed since it was last noted that the key is used.
    PRESENTED ("bytea") -> (id "uuid", organisation "uuid", scopes "_text", is_to_be_noted "bool")
        "select id, organisation, scopes::text[],
                coalesce(last_used_at < clock_timestamp() - interval '1 minute', true) as is_to_be_noted
         from api_keys
         where hash = $1 and revoked_at is null and (expires_at is null or expires_at > clock_timestamp())"
    USED ("uuid") -> ()
        "update api_keys set last_used_at = clock_timestamp()
         where id = $1 and coalesce(last_used_at < clock_timestamp() - interval '1 minute', true)"
    LIVES ("uuid") -> (lives "bool")
        "select exists (select from api_keys where id = $1 and revoked_at is null
                        and (expires_at is null or expires_at > clock_timestamp())) as lives"
}

/// A key as people see it.
#[derive(Clone, Debug)]
pub struct ApiKey {
    /// Which.
    pub id: ApiKeyId,
    /// What people call it.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// Its beginning.
    pub prefix: String,
    /// Who made it; absent where they are gone.
    pub created_by: Option<Somebody>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Until when it is good.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was used last, to the minute.
    pub last_used_at: Option<DateTime<Utc>>,
}

/// Something that was done with a key.
#[derive(Clone, Debug)]
pub struct Done {
    /// When.
    pub at: DateTime<Utc>,
    /// What.
    pub what: Act,
    /// With which: its id, and what people call it.
    pub key: (ApiKeyId, String),
    /// Who did it; absent where they are gone.
    pub who: Option<Somebody>,
}

/// A key somebody presented, which is good now.
#[derive(Clone, Debug)]
pub struct Presented {
    /// Which.
    pub id: ApiKeyId,
    /// Whose.
    pub organisation: OrgId,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// Whether it has to be noted that it is used.
    pub is_to_be_noted: bool,
}

/// How many keys the organisation has that were not revoked. Nobody else makes one until the transaction ends.
pub async fn count_locked(tx: &Transaction<'_>, org: OrgId) -> Result<i64> {
    tx.query_one(&tx.prepare_cached(LOCK).await?, &[&org.0]).await?;
    tx.query_one(&tx.prepare_cached(COUNT).await?, &[&org.0]).await?.read("keys")
}

/// Stores a new key.
pub async fn create(db: &impl GenericClient, org: OrgId, new: &NewKey, text: &KeyText, by: UserId) -> Result<ApiKeyId> {
    let id = ApiKeyId::new();
    let NewKey { name, scopes, expires_at } = new;
    let (hash, prefix) = (text.hash(), text.prefix());
    let statement = db.prepare_cached(CREATE).await?;
    let words: Vec<&str> = scopes.iter().map(|scope| scope.as_str()).collect();
    db.execute(&statement, &[&id.0, &org.0, name, &words, &hash, &prefix, &by.0, expires_at]).await?;
    Ok(id)
}

/// The organisation's keys behind `after` that were not revoked, at most `limit`, newest first.
pub async fn list(db: &impl GenericClient, org: OrgId, after: Option<ApiKeyId>, limit: i64) -> Result<Vec<ApiKey>> {
    let rows = db.query(&db.prepare_cached(LIST).await?, &[&org.0, &after.map(|id| id.0), &limit]).await?;
    rows.iter().map(read).collect()
}

/// The organisation's key with this id, unless it was revoked.
pub async fn get(db: &impl GenericClient, org: OrgId, id: ApiKeyId) -> Result<Option<ApiKey>> {
    db.query_opt(&db.prepare_cached(GET).await?, &[&org.0, &id.0]).await?.as_ref().map(read).transpose()
}

/// Ends the organisation's key with this id. Returns whether there was one.
pub async fn revoke(db: &impl GenericClient, org: OrgId, id: ApiKeyId, by: UserId) -> Result<bool> {
    Ok(db.execute(&db.prepare_cached(REVOKE).await?, &[&org.0, &id.0, &by.0]).await? == 1)
}

/// What was done last with the organisation's keys, at most `limit`, newest first.
pub async fn done(db: &impl GenericClient, org: OrgId, limit: i64) -> Result<Vec<Done>> {
    let rows = db.query(&db.prepare_cached(DONE).await?, &[&org.0, &limit]).await?;
    let read = |row: &Row| {
        Ok(Done {
            at: row.read("at")?,
            what: row.read("what")?,
            key: (row.read("id")?, row.read("name")?),
            who: person(row)?,
        })
    };
    rows.iter().map(read).collect()
}

/// The key with this hash, if it is good now: neither revoked nor expired.
pub async fn presented(db: &impl GenericClient, hash: &[u8]) -> Result<Option<Presented>> {
    let row = db.query_opt(&db.prepare_cached(PRESENTED).await?, &[&hash]).await?;
    let read = |row: Row| {
        Ok(Presented {
            id: row.read("id")?,
            organisation: row.read("organisation")?,
            scopes: row.read("scopes")?,
            is_to_be_noted: row.read("is_to_be_noted")?,
        })
    };
    row.map(read).transpose()
}

/// Notes that a key is used now, at most once a minute.
pub async fn used(db: &impl GenericClient, id: ApiKeyId) -> Result<()> {
    db.execute(&db.prepare_cached(USED).await?, &[&id.0]).await?;
    Ok(())
}

/// Whether a key is good still.
pub async fn lives(db: &impl GenericClient, id: ApiKeyId) -> Result<bool> {
    db.query_one(&db.prepare_cached(LIVES).await?, &[&id.0]).await?.read("lives")
}

/// Who did it; absent where they are gone.
fn person(row: &Row) -> Result<Option<Somebody>> {
    let name: Option<String> = row.read("by_name")?;
    let id: Option<UserId> = row.read("by")?;
    Ok(id.map(|id| Somebody { id: id.0, is_key: false, name: name.unwrap_or_default() }))
}

fn read(row: &Row) -> Result<ApiKey> {
    Ok(ApiKey {
        id: row.read("id")?,
        name: row.read("name")?,
        scopes: row.read("scopes")?,
        prefix: row.read("prefix")?,
        created_by: person(row)?,
        created_at: row.read("created_at")?,
        expires_at: row.read("expires_at")?,
        last_used_at: row.read("last_used_at")?,
    })
}
