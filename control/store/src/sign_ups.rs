//! Sign-ups that wait for whoever reads the address to confirm it. The token is in one mail; here is its hash.

use super::{GenericClient, Read, Result, Row, statement::statements};

statements! {
    TIDY () -> () "delete from sign_ups where expires_at < now()"
    CREATE ("bytea", "text", "text", "text") -> ()
        "insert into sign_ups (token, email, name, password_hash, expires_at) values ($1, $2, $3, $4, now() + interval '1 day')"
    WAITS ("bytea") -> (email "text") "select email from sign_ups where token = $1 and expires_at > now()"
    TAKE ("bytea") -> (email "text", name "text", password_hash "text")
        "delete from sign_ups where token = $1 and expires_at > now() returning email, name, password_hash"
}

/// An account that is wanted.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Lower case.
    pub email: String,
    /// May be empty.
    pub name: String,
    /// argon2id, with its parameters.
    pub password_hash: String,
}

/// Keeps it for a day under the hash of its token.
pub async fn create(db: &impl GenericClient, token: &[u8], wanted: &Wanted) -> Result<()> {
    db.execute(&db.prepare_cached(TIDY).await?, &[]).await?;
    let Wanted { email, name, password_hash } = wanted;
    db.execute(&db.prepare_cached(CREATE).await?, &[&token, email, name, password_hash]).await?;
    Ok(())
}

/// The address that waits for the token with this hash.
pub async fn waits(db: &impl GenericClient, token: &[u8]) -> Result<Option<String>> {
    let row = db.query_opt(&db.prepare_cached(WAITS).await?, &[&token]).await?;
    row.map(|row| row.read("email")).transpose()
}

/// Takes it away: a token works once.
pub async fn take(db: &impl GenericClient, token: &[u8]) -> Result<Option<Wanted>> {
    let row = db.query_opt(&db.prepare_cached(TAKE).await?, &[&token]).await?;
    let wanted = |row: Row| {
        Ok(Wanted { email: row.read("email")?, name: row.read("name")?, password_hash: row.read("password_hash")? })
    };
    row.map(wanted).transpose()
}
