//! What an empty database is given, and what an installation was made with. Migrations use a connection without a cache
//! of statements, so these prepare theirs each time.

use tokio_postgres::Client;

use super::{Connection, Read, Result, statement::statements};

statements! {
    INSTALL_LANES ("int2") -> ()
        "insert into lanes (lane, frontier, closed, summarised)
         select k, now.s, now.s, now.s - now.s % 3600
         from generate_series(0, $1::smallint - 1) k,
              (select floor(extract(epoch from clock_timestamp()))::bigint) now (s)
         where not exists (select from lanes)"
    LANES () -> (lanes "int2") "select count(*)::smallint as lanes from lanes"
    CLOCK () -> (clock_ms "int8") "select (extract(epoch from clock_timestamp()) * 1000)::bigint as clock_ms"
    LOCK () -> (pg_advisory_lock "void") "select pg_advisory_lock(8462108731472093)"
    UNLOCK () -> (pg_advisory_unlock "bool") "select pg_advisory_unlock(8462108731472093)"
}

/// Waits until nobody else migrates. Held by the session.
pub async fn lock_schema(client: &Client) -> Result<()> {
    client.execute(LOCK, &[]).await?;
    Ok(())
}

/// Lets the next one migrate.
pub async fn unlock_schema(client: &Client) -> Result<()> {
    client.execute(UNLOCK, &[]).await?;
    Ok(())
}

/// Gives a new installation its lanes, from now on; one that has lanes keeps them. Returns how many were made.
pub async fn install_lanes(client: &Client, lanes: i16) -> Result<u64> {
    Ok(client.execute(INSTALL_LANES, &[&lanes]).await?)
}

/// How many lanes there are.
pub async fn lanes(client: &Client) -> Result<i16> {
    client.query_one(LANES, &[]).await?.read("lanes")
}

/// PostgreSQL's clock, milliseconds: also the answer to "are you there?".
pub async fn clock_ms(db: &Connection) -> Result<i64> {
    db.query_one(&db.prepare_cached(CLOCK).await?, &[]).await?.read("clock_ms")
}
