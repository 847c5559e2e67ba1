//! What workers say of themselves.

use std::time::Duration;

use domain::keys::RegionKey;
use tokio_postgres::types::ToSql;
use wire::{Facts, Region};

use super::{Db, Error, GenericClient, Read, Row, Session, statement::statements};

statements! {
    SEEN ("_int2", "_text", "_text", "_int4", "_int4", "_int8", "_int8", "_float8", "_text") -> ()
        "insert into workers (region, worker, version, in_flight, concurrency, queue_age_ms, clock_offset_ms, seen_at,
                              diagnosis)
         select region, worker, version, in_flight, concurrency, queue_age_ms, clock_offset_ms, to_timestamp(seen_at),
                diagnosis
         from unnest($1::smallint[], $2::text[], $3::text[], $4::int[], $5::int[], $6::bigint[], $7::bigint[],
                     $8::float8[], $9::text[])
            u (region, worker, version, in_flight, concurrency, queue_age_ms, clock_offset_ms, seen_at, diagnosis)
         on conflict (region, worker) do update set version = excluded.version, in_flight = excluded.in_flight,
            concurrency = excluded.concurrency, queue_age_ms = excluded.queue_age_ms,
            clock_offset_ms = excluded.clock_offset_ms, seen_at = excluded.seen_at,
            diagnosis = excluded.diagnosis
         where workers.seen_at < excluded.seen_at"
    BY_REGION ("int8", "float8") -> (id "text", well "int8", suspect "int8")
        "select r.id, count(w.worker) filter (where w.diagnosis is null) as well, count(w.diagnosis) as suspect
         from regions r left join workers w on w.region = r.key and w.seen_at > to_timestamp($2)
         where r.from_slot <= $1 and r.to_slot >= $1 group by r.id"
    OF_ALL () -> (region "int2", worker "text", seen_s "float8")
        "select region, worker, extract(epoch from seen_at)::float8 as seen_s from workers"
    DROP ("_int2", "_text") -> ()
        "delete from workers w using unnest($1::smallint[], $2::text[]) u (region, worker)
         where w.region = u.region and w.worker = u.worker"
    FORGET () -> () "delete from workers where seen_at < now() - interval '1 hour'"
}

/// Who works in a region.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Workers {
    /// Workers that were heard and trust what they see.
    pub well: i64,
    /// Workers that were heard and doubt it.
    pub suspect: i64,
}

/// What a worker said, and when: Redis milliseconds.
#[derive(Clone, Debug)]
pub struct Said {
    /// Where it works.
    pub region: RegionKey,
    /// What it said.
    pub facts: Facts,
    /// When.
    pub said_ms: i64,
}

/// Notes what workers said, each once.
pub async fn seen(session: &Session, said: &[&Said]) -> Result<(), Error> {
    let clamp = |n: u32| i32::try_from(n).unwrap_or(i32::MAX);
    let age = |said: &&Said| i64::try_from(said.facts.queue_age_ms).unwrap_or(i64::MAX);
    let params: &[&(dyn ToSql + Sync)] = &[
        &column(said, |each| each.region.0),
        &column(said, |each| each.facts.worker.as_str()),
        &column(said, |each| each.facts.version.as_str()),
        &column(said, |each| clamp(each.facts.in_flight)),
        &column(said, |each| clamp(each.facts.limit)),
        &column(said, age),
        &column(said, |each| each.facts.clock_offset_ms),
        &column(said, |each| each.said_ms as f64 / 1000.0),
        &column(said, |each| each.facts.diagnosis.map(wire::Diagnosis::as_str)),
    ];
    session.query(SEEN, params).await.map(drop)
}

fn column<'a, T>(said: &[&'a Said], of: impl Fn(&&'a Said) -> T) -> Vec<T> {
    said.iter().map(of).collect()
}

/// All workers there are, and when each was last heard: Redis milliseconds.
pub async fn all(session: &Session) -> Result<Vec<(RegionKey, String, i64)>, Error> {
    let rows = session.query(OF_ALL, &[]).await?;
    let read = |row: &Row| Ok((row.read("region")?, row.read("worker")?, (row.read::<f64>("seen_s")? * 1000.0) as i64));
    rows.iter().map(read).collect()
}

/// Forgets these workers.
pub async fn drop_named(session: &Session, workers: &[(RegionKey, String)]) -> Result<(), Error> {
    let (regions, names): (Vec<i16>, Vec<&str>) = workers.iter().map(|(key, name)| (key.0, name.as_str())).unzip();
    session.query(DROP, &[&regions, &names]).await.map(drop)
}

/// Who works in each region that owes slots at `now_ms`, of those heard within `patience`.
pub async fn by_region(
    db: &impl GenericClient,
    now_ms: i64,
    patience: Duration,
) -> Result<Vec<(Region, Workers)>, Error> {
    let since = now_ms as f64 / 1000.0 - patience.as_secs_f64();
    let rows = db.query(&db.prepare_cached(BY_REGION).await?, &[&now_ms.div_euclid(1000), &since]).await?;
    rows.iter()
        .map(|row| Ok((row.read("id")?, Workers { well: row.read("well")?, suspect: row.read("suspect")? })))
        .collect()
}

/// Forgets workers that were not heard for an hour: names of pods pile up.
pub async fn forget(db: &Db) -> Result<(), Error> {
    let db = db.get().await?;
    db.execute(&db.prepare_cached(FORGET).await?, &[]).await?;
    Ok(())
}
