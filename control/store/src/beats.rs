//! The last slots of many monitors at once, one letter each, and what a row of a list shows beside them. Slots are
//! computed, and each is looked up by the primary key of the results: `offset 0` keeps the planner from joining whole
//! partitions instead.

use std::collections::HashMap;

use domain::{
    ids::OrgId,
    keys::RegionKey,
    uptime::{Counts, period_starts},
};
use uuid::Uuid;
use wire::{MonitorId, Reason, Verdict};

use super::{Db, Error, GenericClient, Read, Row, history::phases_us, statement::statements};

statements! {
    /// The organisation's monitors among `$2`, the letters of their last `$3` slots up to `$4`, and the last of these
    /// slots. What is suspect is as good as missed: nobody who counts has looked.
    BEATS ("uuid", "_uuid", "int8", "int8") -> (id "uuid", beats "text", last_slot "int8")
        "select m.id, b.beats, b.last_slot
         from monitors m
         cross join lateral (
             select string_agg(coalesce(substr('mugd', x.rank, 1), '-'), '' order by s.slot) as beats,
                    max(s.slot) as last_slot
             from (select s.slot
                   from (select c.interval, c.from_slot,
                                least($4, c.to_slot) - (least($4, c.to_slot) - c.phase) % c.interval as last
                         from cadences c where c.monitor = m.key and c.from_slot <= $4
                         order by c.from_slot desc limit $3) c
                   cross join lateral generate_series(
                       c.last, greatest(c.from_slot, c.last - ($3 - 1) * c.interval), -c.interval) s (slot)
                   order by s.slot desc limit $3) s
             cross join lateral (
                 select max(case when r.suspect is not null then 1 when r.verdict = 'down' then 4
                                 when r.verdict = 'degraded' then 3 when r.verdict = 'up' then 2 else 1 end) as rank
                 from results r where r.slot = s.slot and r.monitor = m.key and r.attempt = 0 offset 0) x) b
         where m.organisation = $1 and m.id = any ($2) and m.deleted_at is null"
    /// The newest row of each, looked for in the last ten slots of its schedule and among what was not scheduled since
    /// the first of these.
    LAST ("uuid", "_uuid", "int8") ->
        (id "uuid", slot "int8", region "int2", verdict "text", reason "text", started_ms "int4", resolve_us "int4",
         connect_us "int4", tls_us "int4", processing_us "int4", transfer_us "int4")
        "select m.id, r.slot, r.region, r.verdict::text as verdict, r.reason::text as reason, r.started_ms, r.resolve_us, r.connect_us,
                r.tls_us, r.processing_us, r.transfer_us
         from monitors m
         cross join lateral (
             select least($3, c.to_slot) - (least($3, c.to_slot) - c.phase) % c.interval as last, c.interval
             from cadences c where c.monitor = m.key and c.from_slot <= $3 order by c.from_slot desc limit 1) c
         cross join lateral (
             select x.* from (
                 (select r.* from generate_series(c.last, c.last - 9 * c.interval, -c.interval) s (slot)
                  cross join lateral (select r.* from results r where r.slot = s.slot and r.monitor = m.key
                                      and r.attempt = 0 order by r.started_ms desc nulls last offset 0) r
                  limit 1)
                 union all
                 (select r.* from results r where r.monitor = m.key and r.attempt <> 0
                  and r.slot between c.last - 9 * c.interval and $3 order by r.slot desc, r.attempt desc limit 1)) x
             order by x.slot desc, x.attempt desc limit 1) r
         where m.organisation = $1 and m.id = any ($2) and m.deleted_at is null"
    /// Good, total and expected since `$3`.
    DAY ("uuid", "_uuid", "int8") -> (id "uuid", good "int8", total "int8", expected "int8")
        "select m.id, u.*
         from monitors m join lanes l on l.lane = m.lane
         cross join lateral (
             select coalesce(sum(x.good), 0)::int8 as good, coalesce(sum(x.total), 0)::int8 as total,
                    coalesce(sum(x.expected), 0)::int8 as expected
             from (select h.good, h.total, h.expected from uptime_hours h
                   where h.monitor = m.key and h.hour >= $3 and h.hour < l.summarised
                   union all
                   select r.good, r.total, r.expected
                   from (select slot from slots_of(m.key, greatest($3, l.summarised), l.closed) offset 0) s
                   cross join lateral (
                       select count(*) filter (where r.suspect is null and r.verdict in ('up', 'degraded')) as good,
                              count(*) filter (where r.suspect is null and r.verdict <> 'missed') as total,
                              count(*) as expected
                       from results r where r.slot = s.slot and r.monitor = m.key and r.attempt = 0 offset 0) r) x) u
         where m.organisation = $1 and m.id = any ($2) and m.deleted_at is null"
}

/// What a monitor's row in a list shows.
#[derive(Clone, Debug)]
pub struct Beats {
    /// Whose.
    pub monitor: MonitorId,
    /// A letter for each of its last slots, oldest first: `u` up, `g` degraded, `d` down, `m` missed, `-` none yet.
    pub letters: String,
    /// The slot of the last letter.
    pub last_slot: Option<i64>,
    /// The newest word of any region.
    pub last: Option<Last>,
    /// Of the last 24 hours.
    pub day: Counts,
}

/// An outcome in short.
#[derive(Clone, Copy, Debug)]
pub struct Last {
    /// From where.
    pub region: RegionKey,
    /// What was found.
    pub verdict: Verdict,
    /// Why it is not plainly up.
    pub reason: Option<Reason>,
    /// When it began, unix milliseconds; where nobody began, its slot.
    pub at_ms: i64,
    /// All measured phases together, microseconds.
    pub total_us: Option<i64>,
}

/// The last `count` slots up to `now`, unix seconds, of those of these monitors that are the organisation's. Two
/// connections work on it at once.
pub async fn of(db: &Db, org: OrgId, monitors: &[MonitorId], count: i64, now: i64) -> Result<Vec<Beats>, Error> {
    let ids: Vec<Uuid> = monitors.iter().map(|monitor| monitor.0).collect();
    let letters = async {
        let db = db.get().await?;
        Ok(db.query(&db.prepare_cached(BEATS).await?, &[&org.0, &ids, &count, &now]).await?)
    };
    let beside = async {
        let db = db.get().await?;
        tokio::try_join!(last(&db, org, &ids, now), day(&db, org, &ids, now))
    };
    let (letters, (last, day)) = tokio::try_join!(letters, beside)?;
    letters
        .iter()
        .map(|row| {
            let monitor: MonitorId = row.read("id")?;
            let letters = row.read::<Option<String>>("beats")?.unwrap_or_default();
            let (last, day) = (last.get(&monitor).copied(), day.get(&monitor).copied().unwrap_or_default());
            Ok(Beats { monitor, letters, last_slot: row.read("last_slot")?, last, day })
        })
        .collect()
}

async fn last(db: &impl GenericClient, org: OrgId, ids: &[Uuid], now: i64) -> Result<HashMap<MonitorId, Last>, Error> {
    let rows = db.query(&db.prepare_cached(LAST).await?, &[&org.0, &ids, &now]).await?;
    rows.iter().map(|row| Ok((row.read("id")?, read_last(row)?))).collect()
}

fn read_last(row: &Row) -> Result<Last, Error> {
    let (slot, started_ms): (i64, Option<i32>) = (row.read("slot")?, row.read("started_ms")?);
    Ok(Last {
        region: row.read("region")?,
        verdict: row.read("verdict")?,
        reason: row.read("reason")?,
        at_ms: slot * 1000 + i64::from(started_ms.unwrap_or_default()),
        total_us: phases_us(row)?.into_iter().flatten().map(i64::from).reduce(|sum, us| sum + us),
    })
}

async fn day(db: &impl GenericClient, org: OrgId, ids: &[Uuid], now: i64) -> Result<HashMap<MonitorId, Counts>, Error> {
    let [since, ..] = period_starts(now);
    let rows = db.query(&db.prepare_cached(DAY).await?, &[&org.0, &ids, &since]).await?;
    rows.iter()
        .map(|row| {
            let counts = Counts { good: row.read("good")?, total: row.read("total")?, expected: row.read("expected")? };
            Ok((row.read("id")?, counts))
        })
        .collect()
}
