//! Replicas, each with the row it writes to see whether a write is stored.

use super::{Db, Error, GenericClient, statement::statements};

statements! {
    WRITE ("text") -> ()
        "insert into replicas (name) values ($1)
         on conflict (name) do update set written_at = excluded.written_at"
    FORGET () -> () "delete from replicas where written_at < now() - interval '1 day'"
}

/// Writes a replica's row: a transaction like any other, so it fails where those of the lanes do.
pub async fn write(db: &impl GenericClient, replica: &str) -> Result<(), Error> {
    db.execute(&db.prepare_cached(WRITE).await?, &[&replica]).await?;
    Ok(())
}

/// Forgets replicas that have written nothing for a day.
pub async fn forget(db: &Db) -> Result<(), Error> {
    let db = db.get().await?;
    db.execute(&db.prepare_cached(FORGET).await?, &[]).await?;
    Ok(())
}
