//! Statuses of monitors, and the evidence behind them.

use std::collections::HashSet;

use wire::Verdict;

use super::{Error, Session, statement::statements};
use crate::{
    keys::{Lane, MonitorKey, RegionKey},
    status::{Evidence, Status},
};

statements! {
    OF_LANE ("int2") -> ("int4", "text", "int8")
        "select s.monitor, s.status::text, s.version from monitor_status s join monitors m on m.key = s.monitor
         where m.lane = $1 and m.deleted_at is null"
    OF ("_int4") -> ("int4", "text", "int8")
        "select monitor, status::text, version from monitor_status where monitor = any ($1)"
    CHANGE ("_int4", "_text", "_int8", "int8") -> ("int4")
        "update monitor_status s set status = u.status::status, since = $4, version = s.version + 1
         from unnest($1::int[], $2::text[], $3::bigint[]) u (monitor, status, version)
         where s.monitor = u.monitor and s.version = u.version
         returning s.monitor"
    // Of what is not closed yet, the newest row of each region; and where two intervals reach further back, the rows of
    // those slots, which are computable. `offset 0` keeps each of them a lookup by key.
    EVIDENCE ("int2", "int8", "int8") -> ("int4", "int2", "int8", "int2", "text", "int4")
        "(select distinct on (r.monitor, r.region)
                 r.monitor, r.region, r.slot, r.attempt, r.verdict::text, r.started_ms
          from results r join monitors m on m.key = r.monitor
          where m.lane = $1 and r.slot > $2
          order by r.monitor, r.region, r.slot desc, r.attempt desc)
         union all
         select r.monitor, r.region, r.slot, r.attempt, r.verdict::text, r.started_ms
         from (select * from cadences c
               where c.lane = $1 and c.to_slot >= $3::bigint and c.from_slot <= $3
                 and $3 - 2 * c.interval <= $2::bigint offset 0) c
         cross join lateral slots_of(c.monitor, $3 - 2 * c.interval, $2) s
         cross join lateral (select r.* from results r
                             where r.slot = s.slot and r.monitor = c.monitor and r.attempt = 0 offset 0) r"
}

/// A stored status and how often it changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatusRow {
    /// Whose.
    pub monitor: MonitorKey,
    /// What.
    pub status: Status,
    /// How often it changed.
    pub version: i64,
}

/// The statuses of a lane's monitors.
pub async fn of_lane(session: &Session, lane: Lane) -> Result<Vec<StatusRow>, Error> {
    read(session.query(OF_LANE, &[&lane.0]).await?)
}

/// The statuses of these monitors.
pub async fn of(session: &Session, monitors: &[MonitorKey]) -> Result<Vec<StatusRow>, Error> {
    let monitors: Vec<i32> = monitors.iter().map(|key| key.0).collect();
    read(session.query(OF, &[&monitors]).await?)
}

fn read(rows: Vec<tokio_postgres::Row>) -> Result<Vec<StatusRow>, Error> {
    rows.into_iter()
        .map(|row| {
            let status = row.try_get::<_, &str>(1)?.parse().map_err(|_| Error::Missing("status word"))?;
            Ok(StatusRow { monitor: MonitorKey(row.try_get(0)?), status, version: row.try_get(2)? })
        })
        .collect()
}

/// Writes changed statuses, each only where nobody changed it meanwhile. Returns the monitors written; the
/// version of each is one more than it was.
pub async fn change(session: &Session, changes: &[StatusRow], since: i64) -> Result<HashSet<MonitorKey>, Error> {
    let monitors: Vec<i32> = changes.iter().map(|change| change.monitor.0).collect();
    let words: Vec<&str> = changes.iter().map(|change| change.status.as_str()).collect();
    let versions: Vec<i64> = changes.iter().map(|change| change.version).collect();
    let rows = session.query(CHANGE, &[&monitors, &words, &versions, &since]).await?;
    rows.iter().map(|row| Ok(MonitorKey(row.try_get(0)?))).collect()
}

/// What the regions last said of a lane's monitors: everything after `closed`, and two intervals before `now`.
pub async fn evidence(
    session: &Session,
    lane: Lane,
    closed: i64,
    now: i64,
) -> Result<Vec<(MonitorKey, Evidence)>, Error> {
    let rows = session.query(EVIDENCE, &[&lane.0, &closed, &now]).await?;
    rows.iter()
        .map(|row| {
            let verdict: Verdict = row.try_get::<_, &str>(4)?.parse().map_err(|_| Error::Missing("verdict word"))?;
            let slot: i64 = row.try_get(2)?;
            let started: Option<i32> = row.try_get(5)?;
            let evidence = Evidence {
                region: RegionKey(row.try_get(1)?),
                slot,
                attempt: row.try_get(3)?,
                verdict,
                heard_ms: slot * 1000 + i64::from(started.unwrap_or(0)),
            };
            Ok((MonitorKey(row.try_get(0)?), evidence))
        })
        .collect()
}
