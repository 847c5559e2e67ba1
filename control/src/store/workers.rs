//! What workers say of themselves.

use wire::Facts;

use super::{Db, Error, Session, statement::statements};
use crate::keys::RegionKey;

statements! {
    SEEN ("int2", "text", "text", "int4", "int4", "int8", "int8", "float8", "text") -> ()
        "insert into workers (region, worker, version, in_flight, concurrency, queue_age_ms, clock_offset_ms, seen_at,
                              diagnosis)
         values ($1, $2, $3, $4, $5, $6, $7, to_timestamp($8), $9)
         on conflict (region, worker) do update set version = excluded.version, in_flight = excluded.in_flight,
            concurrency = excluded.concurrency, queue_age_ms = excluded.queue_age_ms,
            clock_offset_ms = excluded.clock_offset_ms, seen_at = excluded.seen_at,
            diagnosis = excluded.diagnosis
         where workers.seen_at < excluded.seen_at"
    FORGET () -> () "delete from workers where seen_at < now() - interval '1 hour'"
}

/// Notes what a worker of `region` said at `heard_ms`.
pub async fn seen(session: &Session, region: RegionKey, facts: &Facts, heard_ms: i64) -> Result<(), Error> {
    let clamp = |n: u32| i32::try_from(n).unwrap_or(i32::MAX);
    let age = i64::try_from(facts.queue_age_ms).unwrap_or(i64::MAX);
    let params: &[&(dyn tokio_postgres::types::ToSql + Sync)] = &[
        &region.0,
        &facts.worker,
        &facts.version,
        &clamp(facts.in_flight),
        &clamp(facts.limit),
        &age,
        &facts.clock_offset_ms,
        &(heard_ms as f64 / 1000.0),
        &facts.diagnosis.map(wire::Diagnosis::as_str),
    ];
    session.query(SEEN, params).await.map(|_| ())
}

/// Forgets workers that were not heard for an hour: names of pods pile up.
pub async fn forget(db: &Db) -> Result<(), Error> {
    let db = db.get().await?;
    db.execute(&db.prepare_cached(FORGET).await?, &[]).await?;
    Ok(())
}
