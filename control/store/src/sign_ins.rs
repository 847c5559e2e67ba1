//! Sign-ins and their refresh tokens. A sign-in is a family: each token descends from the one before it, and reuse of an
//! old one ends the whole family.

use std::time::Duration;

use deadpool_postgres::GenericClient;
use domain::ids::{OrgId, Role, SignInId, UserId};

use super::{Read, Result, statement::statements};

statements! {
    CREATE ("uuid", "uuid", "uuid") -> () "insert into sign_ins (id, user_id, organisation) values ($1, $2, $3)"
    ROLE ("uuid", "uuid", "uuid") -> (role "text")
        "select m.role::text as role from sign_ins s join memberships m on m.user_id = s.user_id and m.organisation = $3
         where s.id = $1 and s.user_id = $2 and s.revoked_at is null"
    LIVES ("uuid", "uuid", "uuid") -> (lives "bool")
        "select exists (
            select from sign_ins s join memberships m on m.user_id = s.user_id and m.organisation = $3
            where s.id = $1 and s.user_id = $2 and s.revoked_at is null and exists (
                select from refresh_tokens t where t.sign_in = s.id and t.expires_at > clock_timestamp())) as lives"
    ADD_TOKEN ("bytea", "uuid", "int8") -> ()
        "insert into refresh_tokens (hash, sign_in, expires_at)
         values ($1, $2, clock_timestamp() + $3::bigint * interval '1 second')"
    // The row lock makes a second tab wait for the first one's rotation.
    PRESENTED ("bytea") -> (id "uuid", user_id "uuid", organisation "uuid", is_over "bool", rotated_ms "int8")
        "select s.id, s.user_id, s.organisation,
                s.revoked_at is not null or t.expires_at <= clock_timestamp() as is_over,
                (extract(epoch from clock_timestamp() - t.rotated_at) * 1000)::bigint as rotated_ms
         from refresh_tokens t join sign_ins s on s.id = t.sign_in where t.hash = $1 for update of t"
    ROTATE ("bytea") -> () "update refresh_tokens set rotated_at = clock_timestamp() where hash = $1"
    IS_THERE ("bytea", "uuid") -> (is_there "bool")
        "select exists (select from refresh_tokens where hash = $1 and sign_in = $2) as is_there"
    REVOKE ("uuid") -> () "update sign_ins set revoked_at = clock_timestamp() where id = $1 and revoked_at is null"
    REVOKE_OTHERS ("uuid", "uuid") -> ()
        "update sign_ins set revoked_at = clock_timestamp() where user_id = $1 and revoked_at is null
         and id is distinct from $2"
    // A token that is over is refused like one that is not there. Whoever has none left can renew nothing.
    FORGET () -> ()
        "with gone as (
             delete from refresh_tokens where hash = any (array(
                 select hash from refresh_tokens where expires_at < now() - interval '1 day'
                 order by expires_at limit 10000))
             returning sign_in)
         delete from sign_ins s where s.id = any (array(select sign_in from gone)) and not exists
            (select from refresh_tokens t where t.sign_in = s.id and t.expires_at >= now() - interval '1 day' offset 0)"
}

/// A refresh token somebody presented, as the database knows it.
#[derive(Clone, Copy, Debug)]
pub struct Presented {
    /// Its family.
    pub sign_in: SignInId,
    /// Whose.
    pub user: UserId,
    /// Where they signed in to.
    pub organisation: OrgId,
    /// Whether the family was revoked or the token's time is over.
    pub is_over: bool,
    /// How long ago it was rotated; nothing while it is the newest of its family.
    pub rotated: Option<Duration>,
}

/// A new sign-in, without tokens.
pub async fn create(db: &impl GenericClient, user: UserId, organisation: OrgId) -> Result<SignInId> {
    let id = SignInId::new();
    db.execute(&db.prepare_cached(CREATE).await?, &[&id.0, &user.0, &organisation.0]).await?;
    Ok(id)
}

/// The person's role in the organisation now; nothing when the sign-in was revoked or they are no member any more.
pub async fn role(db: &impl GenericClient, id: SignInId, user: UserId, organisation: OrgId) -> Result<Option<Role>> {
    let row = db.query_opt(&db.prepare_cached(ROLE).await?, &[&id.0, &user.0, &organisation.0]).await?;
    row.map(|row| row.read("role")).transpose()
}

/// Whether the sign-in still is one: not revoked, still renewable, and the person a member.
pub async fn lives(db: &impl GenericClient, id: SignInId, user: UserId, organisation: OrgId) -> Result<bool> {
    db.query_one(&db.prepare_cached(LIVES).await?, &[&id.0, &user.0, &organisation.0]).await?.read("lives")
}

/// Adds the newest token of a family, by its hash.
pub async fn add_token(db: &impl GenericClient, id: SignInId, hash: &[u8], lifetime: Duration) -> Result<()> {
    let seconds = lifetime.as_secs() as i64;
    db.execute(&db.prepare_cached(ADD_TOKEN).await?, &[&hash, &id.0, &seconds]).await?;
    Ok(())
}

/// Finds a token by its hash and locks it to the end of the transaction.
pub async fn presented(db: &impl GenericClient, hash: &[u8]) -> Result<Option<Presented>> {
    let row = db.query_opt(&db.prepare_cached(PRESENTED).await?, &[&hash]).await?;
    let Some(row) = row else { return Ok(None) };
    let rotated: Option<i64> = row.read("rotated_ms")?;
    Ok(Some(Presented {
        sign_in: row.read("id")?,
        user: row.read("user_id")?,
        organisation: row.read("organisation")?,
        is_over: row.read("is_over")?,
        rotated: rotated.map(|ms| Duration::from_millis(ms.max(0) as u64)),
    }))
}

/// Marks a token as rotated now.
pub async fn rotate(db: &impl GenericClient, hash: &[u8]) -> Result<()> {
    db.execute(&db.prepare_cached(ROTATE).await?, &[&hash]).await?;
    Ok(())
}

/// Whether the family has a token with this hash.
pub async fn has_token(db: &impl GenericClient, id: SignInId, hash: &[u8]) -> Result<bool> {
    db.query_one(&db.prepare_cached(IS_THERE).await?, &[&hash, &id.0]).await?.read("is_there")
}

/// Ends a sign-in.
pub async fn revoke(db: &impl GenericClient, id: SignInId) -> Result<()> {
    db.execute(&db.prepare_cached(REVOKE).await?, &[&id.0]).await?;
    Ok(())
}

/// Ends all sign-ins of a person, but for one.
pub async fn revoke_others(db: &impl GenericClient, user: UserId, but: Option<SignInId>) -> Result<u64> {
    Ok(db.execute(&db.prepare_cached(REVOKE_OTHERS).await?, &[&user.0, &but.map(|id| id.0)]).await?)
}

/// Removes tokens that are long over, and sign-ins that nothing can renew any more. An access token never lives as long
/// as the day they are kept.
pub async fn forget_expired(db: &impl GenericClient) -> Result<u64> {
    Ok(db.execute(&db.prepare_cached(FORGET).await?, &[]).await?)
}
