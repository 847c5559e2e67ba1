//! What is due, and what is expected.

use domain::{
    keys::{Lane, MonitorKey},
    ledger::Known,
    schedule::{Cadence, RegionRow},
};
use futures_util::{Stream, TryStreamExt};
use uuid::Uuid;
use wire::{MonitorId, Region};

use super::{Db, Error, Read, Row, Session, statement::statements};

statements! {
    REGIONS () -> (key "int2", id "text", from_slot "int8", to_slot "int8", isolated "bool", odd "text", odd_at "int8")
        "select key, id, from_slot, to_slot, isolated, odd, odd_at from regions order by key"
    NOTE_ODD ("_text", "_text", "int8") -> ()
        "update regions r set odd = u.odd, odd_at = $3 from unnest($1::text[], $2::text[]) u (region, odd)
         where r.id = u.region"
    // `offset 0` keeps the look at each monitor a lookup by key: what is due in a second is few of many, whatever the
    // planner thinks.
    DUE ("int2", "int8", "int4") ->
        (key "int4", id "uuid", url "text", spec "text", interval "int4", regions "_int2", rev "int4")
        "select d.monitor as key, m.id, m.url, m.spec, d.interval, d.regions, m.rev
         from (select monitor, interval, regions from due($1, $2, $2) where monitor > $3 order by monitor offset 0) d
         cross join lateral (select id, url, spec, rev from monitors where key = d.monitor offset 0) m
         order by d.monitor"
    CADENCES ("int2", "int8") ->
        (monitor "int4", interval "int4", phase "int4", regions "_int2", from_slot "int8", to_slot "int8")
        "select monitor, interval, phase, regions, from_slot, to_slot from cadences
         where lane = $1 and to_slot > $2"
    // Both ends of each range are named, so that a plan for any frontier takes it for the short one it is.
    CHANGED ("int2", "int8") ->
        (monitor "int4", interval "int4", phase "int4", regions "_int2", from_slot "int8", to_slot "int8")
        "select monitor, interval, phase, regions, from_slot, to_slot from cadences
         where lane = $1 and from_slot > $2 and from_slot < 9223372036854775807
         union all
         select monitor, interval, phase, regions, from_slot, to_slot from cadences
         where lane = $1 and from_slot <= $2 and to_slot >= $2 and to_slot < 9223372036854775807"
    KNOWN ("_uuid") -> (id "uuid", key "int4", rev "int4", regions "_int2")
        "select m.id, m.key, m.rev, m.regions
         from unnest($1::uuid[]) u (id) cross join lateral (select * from monitors where id = u.id offset 0) m"
    KNOWN_AS ("_int4") -> (id "uuid", key "int4", rev "int4", regions "_int2")
        "select m.id, m.key, m.rev, m.regions
         from unnest($1::int[]) u (key) cross join lateral (select * from monitors where key = u.key offset 0) m"
    TARGETS ("_int4") -> (key "int4", id "uuid", url "text", spec "text", interval "int4", regions "_int2", rev "int4")
        "select m.key, m.id, m.url, m.spec, m.interval, m.regions, m.rev
         from unnest($1::int[]) u (key) cross join lateral (select * from monitors where key = u.key offset 0) m
         where m.enabled and m.deleted_at is null"
    REGISTER ("text") -> (register_region "void") "select register_region($1)"
}

/// A monitor that is due.
#[derive(Debug)]
pub struct DueMonitor {
    /// Its key; the order of pushing.
    pub key: MonitorKey,
    /// Its public id.
    pub id: MonitorId,
    /// What to check.
    pub url: String,
    /// How; absent when all defaults.
    pub spec: Option<String>,
    /// Seconds to its next slot.
    pub interval: i32,
    /// Chosen regions; absent means all.
    pub regions: Option<Vec<i16>>,
    /// How often its target changed.
    pub rev: u32,
}

/// Notes what regions did that no probe of ours does, at `at` (unix seconds), for who tells operators of it.
pub async fn note_odd(session: &Session, odd: impl IntoIterator<Item = (&Region, &str)>, at: i64) -> Result<(), Error> {
    let (regions, what): (Vec<&str>, Vec<&str>) = odd.into_iter().map(|(region, what)| (region.as_str(), what)).unzip();
    session.query(NOTE_ODD, &[&regions, &what, &at]).await.map(drop)
}

/// All registered regions.
pub async fn regions(db: &Db) -> Result<Vec<RegionRow>, Error> {
    let db = db.get().await?;
    let rows = db.query(&db.prepare_cached(REGIONS).await?, &[]).await?;
    rows.iter().map(region_of).collect()
}

pub(super) fn region_of(row: &Row) -> Result<RegionRow, Error> {
    let odd: Option<String> = row.read("odd")?;
    Ok(RegionRow {
        key: row.read("key")?,
        region: row.read("id")?,
        from_slot: row.read("from_slot")?,
        to_slot: row.read("to_slot")?,
        isolated: row.read("isolated")?,
        odd: odd.zip(row.read("odd_at")?),
    })
}

/// Registers a region from beyond every frontier; one that is there stays as it is.
pub async fn register_region(db: &Db, name: &wire::Region) -> Result<(), Error> {
    let db = db.get().await?;
    db.execute(&db.prepare_cached(REGISTER).await?, &[&name.as_str()]).await?;
    Ok(())
}

/// The monitors due at `slot`, beyond `after`, in the order of their keys, as they arrive.
pub async fn due(
    db: &super::Connection,
    lane: Lane,
    slot: i64,
    after: MonitorKey,
) -> Result<impl Stream<Item = Result<DueMonitor, Error>>, Error> {
    let statement = db.prepare_cached(DUE).await?;
    let params: [&(dyn tokio_postgres::types::ToSql + Sync); 3] = [&lane.0, &slot, &after.0];
    let rows = db.query_raw(&statement, params).await?;
    Ok(rows.map_err(Error::from).and_then(|row| std::future::ready(due_monitor(&row))))
}

/// What to check, of these monitors, where they are watched.
pub async fn targets(db: &Db, monitors: &[MonitorKey]) -> Result<Vec<DueMonitor>, Error> {
    let db = db.get().await?;
    let monitors: Vec<i32> = monitors.iter().map(|key| key.0).collect();
    db.query(&db.prepare_cached(TARGETS).await?, &[&monitors]).await?.iter().map(due_monitor).collect()
}

fn due_monitor(row: &Row) -> Result<DueMonitor, Error> {
    Ok(DueMonitor {
        key: row.read("key")?,
        id: row.read("id")?,
        url: row.read("url")?,
        spec: row.read("spec")?,
        interval: row.read("interval")?,
        regions: row.read("regions")?,
        rev: row.read::<i32>("rev")?.cast_unsigned(),
    })
}

/// Every cadence that still matters to slots after `closed`.
pub async fn cadences(session: &Session, lane: Lane, closed: i64) -> Result<Vec<Cadence>, Error> {
    read_cadences(session, CADENCES, lane, closed).await
}

/// Every cadence that may have changed since the frontier was `frontier`: whatever an edit closes or opens from there
/// on lies beyond it.
pub async fn changed_cadences(session: &Session, lane: Lane, frontier: i64) -> Result<Vec<Cadence>, Error> {
    read_cadences(session, CHANGED, lane, frontier).await
}

async fn read_cadences(session: &Session, sql: &str, lane: Lane, from: i64) -> Result<Vec<Cadence>, Error> {
    let rows = session.query(sql, &[&lane.0, &from]).await?;
    rows.iter()
        .map(|row| {
            Ok(Cadence {
                monitor: row.read("monitor")?,
                interval: row.read("interval")?,
                phase: row.read("phase")?,
                regions: row.read("regions")?,
                from_slot: row.read("from_slot")?,
                to_slot: row.read("to_slot")?,
            })
        })
        .collect()
}

/// The monitors with these ids, where they are any or were: a deleted one still owes its last slots.
pub async fn known(session: &Session, ids: &[Uuid]) -> Result<Vec<Known>, Error> {
    session.query(KNOWN, &[&ids]).await?.iter().map(read_known).collect()
}

/// The monitors with these keys.
pub async fn known_as(session: &Session, keys: &[MonitorKey]) -> Result<Vec<Known>, Error> {
    let keys: Vec<i32> = keys.iter().map(|key| key.0).collect();
    session.query(KNOWN_AS, &[&keys]).await?.iter().map(read_known).collect()
}

/// A monitor as its jobs have it.
pub(super) fn read_known(row: &Row) -> Result<Known, Error> {
    Ok(Known {
        id: row.read("id")?,
        key: row.read("key")?,
        rev: row.read::<i32>("rev")?.cast_unsigned(),
        regions: row.read("regions")?,
    })
}
