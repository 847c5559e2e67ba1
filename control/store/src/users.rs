//! People.

use deadpool_postgres::GenericClient;
use domain::ids::UserId;

use super::{Read, Result, Row, statement::statements};

/// The constraint that refuses a second account of one address.
pub const EMAIL_TAKEN: &str = "users_email_key";

statements! {
    CREATE ("uuid", "text", "text", "text") -> ()
        "insert into users (id, email, name, password_hash) values ($1, $2, $3, $4)"
    ARE_THERE () -> (are_there "bool") "select exists (select from users) as are_there"
    BY_EMAIL ("text") -> (id "uuid", password_hash "text") "select id, password_hash from users where email = $1"
    BY_ID ("uuid") -> (email "text", name "text", password_hash "text")
        "select email, name, password_hash from users where id = $1"
    SET_PASSWORD ("uuid", "text") -> () "update users set password_hash = $2 where id = $1"
}

/// A person.
#[derive(Clone, Debug)]
pub struct User {
    /// Lower case.
    pub email: String,
    /// May be empty.
    pub name: String,
    /// argon2id, with its parameters.
    pub password_hash: String,
}

/// A new account; `email` is lower case. Conflicts with [`EMAIL_TAKEN`].
pub async fn create(db: &impl GenericClient, email: &str, name: &str, password_hash: &str) -> Result<UserId> {
    let id = UserId::new();
    db.execute(&db.prepare_cached(CREATE).await?, &[&id.0, &email, &name, &password_hash]).await?;
    Ok(id)
}

/// Whether there is any account.
pub async fn are_there(db: &impl GenericClient) -> Result<bool> {
    db.query_one(&db.prepare_cached(ARE_THERE).await?, &[]).await?.read("are_there")
}

/// The account of an address (lower case) and its password's hash.
pub async fn by_email(db: &impl GenericClient, email: &str) -> Result<Option<(UserId, String)>> {
    let row = db.query_opt(&db.prepare_cached(BY_EMAIL).await?, &[&email]).await?;
    row.map(|row| Ok((row.read("id")?, row.read("password_hash")?))).transpose()
}

/// One account.
pub async fn get(db: &impl GenericClient, id: UserId) -> Result<Option<User>> {
    let row = db.query_opt(&db.prepare_cached(BY_ID).await?, &[&id.0]).await?;
    let user = |row: Row| {
        Ok(User { email: row.read("email")?, name: row.read("name")?, password_hash: row.read("password_hash")? })
    };
    row.map(user).transpose()
}

/// Another password.
pub async fn set_password(db: &impl GenericClient, id: UserId, password_hash: &str) -> Result<()> {
    db.execute(&db.prepare_cached(SET_PASSWORD).await?, &[&id.0, &password_hash]).await?;
    Ok(())
}
