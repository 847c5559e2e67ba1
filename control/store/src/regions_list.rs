//! Regions and their workers, as people see them, and the way from a region's name to its key.

use chrono::{DateTime, Utc};
use domain::{
    keys::RegionKey,
    monitor::{Monitor, Problem},
    schedule::RegionRow,
};
use wire::Region;

use super::{Error, GenericClient, Read, Transaction, schedule::region_of, statement::statements};

statements! {
    ALL () -> (key "int2", id "text", from_slot "int8", to_slot "int8", isolated "bool", odd "text", odd_at "int8")
        "select key, id, from_slot, to_slot, isolated, odd, odd_at from regions order by id"
    WORKERS () ->
        (region "int2", worker "text", version "text", in_flight "int4", concurrency "int4", queue_age_ms "int8",
         clock_offset_ms "int8", seen_at "timestamptz", diagnosis "text")
        "select region, worker, version, in_flight, concurrency, queue_age_ms, clock_offset_ms, seen_at, diagnosis
         from workers order by region, worker"
    REGISTER ("text") -> (register_region "void") "select register_region($1)"
    LOCK () -> (lock_lane_shared "void")
        "select lock_lane_shared(l.lane) from (select lane from lanes order by lane) l"
    CHOSEN ("text") -> (monitors "int8")
        "select count(*) as monitors from monitors m join regions r on m.regions = array[r.key] where r.id = $1 and m.deleted_at is null"
    RETIRE ("text", "int8") -> (to_slot "int8")
        "update regions set to_slot = (select max(next_free_slot(lane)) from lanes) + $2
         where id = $1 and to_slot = 9223372036854775807 returning to_slot"
    ISOLATE ("text", "bool") -> ()
        "update regions set isolated = $2 where id = $1 and to_slot = 9223372036854775807"
}

/// See [`Worker::is_alive`].
const SILENT_MS: i64 = 20_000;

/// What a worker last said of itself.
#[derive(Clone, Debug)]
pub struct Worker {
    /// Where it runs.
    pub region: RegionKey,
    /// `WORKER_ID`.
    pub worker: String,
    /// The probe's version.
    pub version: String,
    /// Checks running or waiting to be reported.
    pub in_flight: i32,
    /// The most it runs at once.
    pub limit: i32,
    /// Age of the oldest job when it was taken, milliseconds.
    pub queue_age_ms: i64,
    /// How far its wall clock is ahead of Redis, milliseconds.
    pub clock_offset_ms: i64,
    /// When it said so.
    pub seen_at: DateTime<Utc>,
    /// Why it doubts what it sees; none while it does not.
    pub diagnosis: Option<String>,
}

impl Worker {
    /// Workers speak every 5 s; who has said nothing for four times as long is taken for dead. `now_ms`: unix
    /// milliseconds.
    pub fn is_alive(&self, now_ms: i64) -> bool {
        self.seen_at.timestamp_millis() > now_ms - SILENT_MS
    }
}

/// All regions that ever were, by name.
pub async fn all(db: &impl GenericClient) -> Result<Vec<RegionRow>, Error> {
    let rows = db.query(&db.prepare_cached(ALL).await?, &[]).await?;
    rows.iter().map(region_of).collect()
}

/// All workers that were heard of, by region and name.
pub async fn workers(db: &impl GenericClient) -> Result<Vec<Worker>, Error> {
    let rows = db.query(&db.prepare_cached(WORKERS).await?, &[]).await?;
    rows.iter()
        .map(|row| {
            Ok(Worker {
                region: row.read("region")?,
                worker: row.read("worker")?,
                version: row.read("version")?,
                in_flight: row.read("in_flight")?,
                limit: row.read("concurrency")?,
                queue_age_ms: row.read("queue_age_ms")?,
                clock_offset_ms: row.read("clock_offset_ms")?,
                seen_at: row.read("seen_at")?,
                diagnosis: row.read("diagnosis")?,
            })
        })
        .collect()
}

/// Registers a region from beyond every frontier, or keeps the one that is there; either is isolated as told. Returns whether
/// it is there: one that was removed is not, and its name stays with its history.
pub async fn register(tx: &Transaction<'_>, region: &Region, isolated: bool) -> Result<bool, Error> {
    tx.execute(&tx.prepare_cached(REGISTER).await?, &[&region.as_str()]).await?;
    let there = tx.execute(&tx.prepare_cached(ISOLATE).await?, &[&region.as_str(), &isolated]).await?;
    Ok(there == 1)
}

/// How many monitors are checked from this region and no other.
pub async fn chosen_alone(tx: &Transaction<'_>, region: &Region) -> Result<i64, Error> {
    tx.query_one(&tx.prepare_cached(CHOSEN).await?, &[&region.as_str()]).await?.read("monitors")
}

/// Ends a region so many seconds beyond every frontier. Returns its last second; none where there is no such region, or it
/// has ended.
pub async fn retire(tx: &Transaction<'_>, region: &Region, ahead_s: i64) -> Result<Option<i64>, Error> {
    tx.query(&tx.prepare_cached(LOCK).await?, &[]).await?;
    let row = tx.query_opt(&tx.prepare_cached(RETIRE).await?, &[&region.as_str(), &ahead_s]).await?;
    row.map(|row| row.read("to_slot")).transpose()
}

/// The regions a monitor can choose from, or did.
#[derive(Clone, Debug)]
pub struct RegionKeys(Vec<RegionRow>);

impl RegionKeys {
    /// Those that are not over at `now`, unix seconds.
    pub async fn load(db: &impl GenericClient, now: i64) -> Result<Self, Error> {
        let mut regions = all(db).await?;
        regions.retain(|region| region.to_slot >= now);
        Ok(Self(regions))
    }

    /// All there ever were: who chose one that is over by now keeps it.
    pub async fn ever(db: &impl GenericClient) -> Result<Self, Error> {
        all(db).await.map(Self)
    }

    /// The keys of the regions `monitor` chose; none where it chose none, which means all.
    pub fn of(&self, monitor: &Monitor) -> Result<Option<Vec<i16>>, Vec<Problem>> {
        let found = monitor.regions().iter().map(|name| self.0.iter().find(|known| known.region == *name));
        let (mut keys, mut problems) = (Vec::new(), Vec::new());
        for (place, found) in found.enumerate() {
            match found {
                Some(known) => keys.push(known.key.0),
                None => problems.push(self.unknown(place, &monitor.regions()[place])),
            }
        }
        if problems.is_empty() { Ok((!keys.is_empty()).then_some(keys)) } else { Err(problems) }
    }

    fn unknown(&self, place: usize, name: &Region) -> Problem {
        let names: Vec<_> = self.0.iter().map(|known| known.region.as_str()).collect();
        let mend = match names.as_slice() {
            [] => "none is yet, and one is when its first probe reports; leave `regions` out for all".to_owned(),
            names => format!("choose from {}, or leave `regions` out for all", names.join(", ")),
        };
        Problem { pointer: format!("/regions/{place}"), detail: format!("no region `{name}` is registered: {mend}") }
    }
}
