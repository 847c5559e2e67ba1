//! What workers say of themselves.

use std::time::Duration;

use wire::{Facts, Region};

use super::{Db, Error, GenericClient, Session, statement::statements};
use crate::{keys::RegionKey, metrics::Workers};

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
    BY_REGION ("int8", "float8") -> ("text", "int8", "int8")
        "select r.id, count(w.worker) filter (where w.diagnosis is null), count(w.diagnosis)
         from regions r left join workers w on w.region = r.key and w.seen_at > to_timestamp($2)
         where r.from_slot <= $1 and r.to_slot >= $1 group by r.id"
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

/// Who works in each region that owes slots at `now_ms`, of those heard within `patience`.
pub async fn by_region(
    db: &impl GenericClient,
    now_ms: i64,
    patience: Duration,
) -> Result<Vec<(Region, Workers)>, Error> {
    let since = now_ms as f64 / 1000.0 - patience.as_secs_f64();
    let rows = db.query(&db.prepare_cached(BY_REGION).await?, &[&now_ms.div_euclid(1000), &since]).await?;
    let region = |name: &str| name.parse().map_err(|_| Error::Missing("region name"));
    rows.iter()
        .map(|row| Ok((region(row.try_get(0)?)?, Workers { well: row.try_get(1)?, suspect: row.try_get(2)? })))
        .collect()
}

/// Forgets workers that were not heard for an hour: names of pods pile up.
pub async fn forget(db: &Db) -> Result<(), Error> {
    let db = db.get().await?;
    db.execute(&db.prepare_cached(FORGET).await?, &[]).await?;
    Ok(())
}
