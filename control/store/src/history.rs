//! Reading stored results. A monitor's slots are computed and looked up one by one by the primary key, never scanned
//! for: `offset 0` keeps the planner from turning the look-ups into a join over whole partitions. What was not
//! scheduled (attempts above 0) has a small index of its own.

use std::{collections::HashMap, fmt, net::IpAddr, str::FromStr};

use domain::{
    keys::{MonitorKey, RegionKey},
    watched::PHASES,
};
use wire::{Diagnosis, Reason, Verdict};

use super::{Error, GenericClient, Read, Row, statement::statements};

statements! {
    /// The rows of one monitor from slot `$2` to slot `$3`, before the cursor.
    PAGE ("int4", "int8", "int8", "int8", "int2", "int2", "int2", "text", "int8") ->
        (monitor "int4", slot "int8", region "int2", attempt "int2", verdict "text", reason "text", started_ms "int4",
         resolve_us "int4", connect_us "int4", tls_us "int4", processing_us "int4", transfer_us "int4",
         http_status "int2", address "inet", detail "text", suspect "text")
        "select r.monitor, r.slot, r.region, r.attempt, r.verdict::text as verdict, r.reason::text as reason, r.started_ms,
                r.resolve_us, r.connect_us, r.tls_us, r.processing_us, r.transfer_us, r.http_status, r.address, r.detail,
                r.suspect::text as suspect
         from ((select r.* from (select slot from slots_of($1, $2, $3) offset 0) s
                cross join lateral (select r.* from results r
                                    where r.slot = s.slot and r.monitor = $1 and r.attempt = 0 offset 0) r)
               union all
               (select r.* from results r
                where r.monitor = $1 and r.slot between $2 and $3 and r.attempt <> 0 offset 0)) r
         where (r.slot, r.attempt, r.region) < ($4, $5, $6) and ($7::int2 is null or r.region = $7)
           and ($8::text is null or r.verdict::text = $8)
         order by r.slot desc, r.attempt desc, r.region desc limit $9"
    /// Checks on request, before the cursor.
    REQUESTED ("int4", "int8", "int8", "int8", "int2", "int2", "int2", "text", "int8") ->
        (monitor "int4", slot "int8", region "int2", attempt "int2", verdict "text", reason "text", started_ms "int4",
         resolve_us "int4", connect_us "int4", tls_us "int4", processing_us "int4", transfer_us "int4",
         http_status "int2", address "inet", detail "text", suspect "text")
        "select r.monitor, r.slot, r.region, r.attempt, r.verdict::text as verdict, r.reason::text as reason, r.started_ms,
                r.resolve_us, r.connect_us, r.tls_us, r.processing_us, r.transfer_us, r.http_status, r.address, r.detail,
                r.suspect::text as suspect
         from results r
         where r.monitor = $1 and r.slot between $2 and $3 and r.attempt <> 0 and r.attempt >= 255
           and (r.slot, r.attempt, r.region) < ($4, $5, $6) and ($7::int2 is null or r.region = $7)
           and ($8::text is null or r.verdict::text = $8)
         order by r.slot desc, r.attempt desc, r.region desc limit $9"
    /// The newest row of each region of each monitor, looked for back to the monitor's `since`.
    LATEST ("_int4", "_int8", "int8") ->
        (monitor "int4", slot "int8", region "int2", attempt "int2", verdict "text", reason "text", started_ms "int4",
         resolve_us "int4", connect_us "int4", tls_us "int4", processing_us "int4", transfer_us "int4",
         http_status "int2", address "inet", detail "text", suspect "text")
        "select r.monitor, r.slot, r.region, r.attempt, r.verdict::text as verdict, r.reason::text as reason, r.started_ms,
                r.resolve_us, r.connect_us, r.tls_us, r.processing_us, r.transfer_us, r.http_status, r.address, r.detail,
                r.suspect::text as suspect
         from unnest($1::int[], $2::bigint[]) m (key, since) cross join regions g
         cross join lateral (
             select x.* from (
                 (select r.* from (select slot from slots_of(m.key, m.since, $3) order by slot desc offset 0) s
                  cross join lateral (select r.* from results r where r.slot = s.slot and r.monitor = m.key
                                      and r.region = g.key and r.attempt = 0 offset 0) r
                  limit 1)
                 union all
                 (select r.* from results r where r.monitor = m.key and r.slot between m.since and $3
                  and r.region = g.key and r.attempt <> 0 order by r.slot desc, r.attempt desc limit 1)) x
             order by x.slot desc, x.attempt desc limit 1) r
         where g.to_slot >= m.since
         order by r.monitor, g.id"
    /// Its shortest interval ever, and the oldest slot a partition still holds.
    EXTENT ("int4") -> (interval "int4", oldest "int8")
        "select (select min(c.interval) from cadences c where c.monitor = $1) as interval,
                (select min(d.day) from result_days() d) as oldest"
}

/// One stored outcome.
#[derive(Clone, Debug)]
pub struct ResultRow {
    /// Whose.
    pub monitor: MonitorKey,
    /// Due moment, unix seconds.
    pub slot: i64,
    /// From where.
    pub region: RegionKey,
    /// 0 scheduled, 1–254 recheck rounds, 255 and more on request.
    pub attempt: i16,
    /// What was found.
    pub verdict: Verdict,
    /// Why it is not plainly up.
    pub reason: Option<Reason>,
    /// When it began, milliseconds after the slot.
    pub started_ms: Option<i32>,
    /// Microseconds of resolve, connect, tls, processing and transfer, where measured.
    pub phases_us: [Option<i32>; PHASES],
    /// The answer's status code.
    pub http_status: Option<i16>,
    /// Who answered.
    pub address: Option<IpAddr>,
    /// A sentence for people.
    pub detail: Option<String>,
    /// Why its probe doubts it.
    pub suspect: Option<Diagnosis>,
}

impl ResultRow {
    /// All measured phases together, microseconds; none where nothing was measured.
    pub fn total_us(&self) -> Option<i64> {
        self.phases_us.iter().flatten().map(|us| i64::from(*us)).reduce(|sum, us| sum + us)
    }
}

/// A place in a monitor's history, which runs from new to old.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    slot: i64,
    attempt: i16,
    region: i16,
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.slot, self.attempt, self.region)
    }
}

impl FromStr for Cursor {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, String> {
        let mut parts = s.split('.');
        let mut part = || parts.next()?.parse::<i64>().ok();
        let found = (part(), part(), part());
        let ((Some(slot), Some(attempt), Some(region)), None) = (found, parts.next()) else {
            return Err(format!("`{s}` is no cursor: give the `next` of the page before"));
        };
        let short = |number: i64| i16::try_from(number).map_err(|_| format!("`{s}` is no cursor"));
        Ok(Self { slot, attempt: short(attempt)?, region: short(region)? })
    }
}

/// Which results a page shows.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter {
    /// Those behind here.
    pub after: Option<Cursor>,
    /// From one region.
    pub region: Option<RegionKey>,
    /// With one verdict.
    pub verdict: Option<Verdict>,
    /// Those people asked for alone.
    pub requested: bool,
}

/// Results, newest first, and where they go on. A page may be short, even empty, and yet go on: a request looks at a
/// bounded number of slots.
#[derive(Debug)]
pub struct Page {
    /// At most as many as asked for.
    pub rows: Vec<ResultRow>,
    /// Absent at the end of history.
    pub next: Option<Cursor>,
}

/// Slots a request looks at.
const MOST_SLOTS: i64 = 20_000;

/// One page of a monitor's history up to `now`, unix seconds. There is nothing older than `born`.
pub async fn page(
    db: &impl GenericClient,
    monitor: MonitorKey,
    filter: &Filter,
    limit: usize,
    (born, now): (i64, i64),
) -> Result<Page, Error> {
    let extent = db.query_one(&db.prepare_cached(EXTENT).await?, &[&monitor.0]).await?;
    let interval = i64::from(extent.read::<Option<i32>>("interval")?.unwrap_or(60));
    let oldest = extent.read::<Option<i64>>("oldest")?.unwrap_or(now).max(born);
    let newest = Cursor { slot: now + 1, attempt: 0, region: 0 };
    let start = filter.after.filter(|after| after.slot <= now).unwrap_or(newest);
    let lowest = oldest.max(start.slot.saturating_sub(interval * MOST_SLOTS));
    let (mut rows, mut to, mut width) = (Vec::new(), start.slot, interval * (limit as i64 + 1));
    while rows.len() <= limit && to >= lowest {
        let from = lowest.max(to - width);
        let more = limit + 1 - rows.len();
        rows.extend(window(db, monitor, (from, to), &Filter { after: Some(start), ..*filter }, more).await?);
        (to, width) = (from - 1, width * 2);
    }
    let next = if rows.len() > limit {
        rows.truncate(limit);
        rows.last().map(|row| Cursor { slot: row.slot, attempt: row.attempt, region: row.region.0 })
    } else {
        (lowest > oldest).then_some(Cursor { slot: lowest, attempt: 0, region: i16::MIN })
    };
    Ok(Page { rows, next })
}

async fn window(
    db: &impl GenericClient,
    monitor: MonitorKey,
    (from, to): (i64, i64),
    filter: &Filter,
    limit: usize,
) -> Result<Vec<ResultRow>, Error> {
    let Some(Cursor { slot, attempt, region }) = filter.after else { return Ok(Vec::new()) };
    let (wanted, verdict) = (filter.region.map(|key| key.0), filter.verdict.map(Verdict::as_str));
    let statement = db.prepare_cached(if filter.requested { REQUESTED } else { PAGE }).await?;
    let limit = limit as i64;
    let rows =
        db.query(&statement, &[&monitor.0, &from, &to, &slot, &attempt, &region, &wanted, &verdict, &limit]).await?;
    rows.iter().map(read).collect()
}

/// The newest result of each region, for many monitors at once: `(monitor, since)`, looked for from `since` to `now`.
pub async fn latest(
    db: &impl GenericClient,
    monitors: &[(MonitorKey, i64)],
    now: i64,
) -> Result<HashMap<MonitorKey, Vec<ResultRow>>, Error> {
    let (keys, since): (Vec<i32>, Vec<i64>) = monitors.iter().map(|(key, since)| (key.0, *since)).unzip();
    let rows = db.query(&db.prepare_cached(LATEST).await?, &[&keys, &since, &now]).await?;
    let mut latest: HashMap<_, Vec<_>> = HashMap::new();
    for row in &rows {
        let row = read(row)?;
        latest.entry(row.monitor).or_default().push(row);
    }
    Ok(latest)
}

fn read(row: &Row) -> Result<ResultRow, Error> {
    Ok(ResultRow {
        monitor: row.read("monitor")?,
        slot: row.read("slot")?,
        region: row.read("region")?,
        attempt: row.read("attempt")?,
        verdict: row.read("verdict")?,
        reason: row.read("reason")?,
        started_ms: row.read("started_ms")?,
        phases_us: phases_us(row)?,
        http_status: row.read("http_status")?,
        address: row.read("address")?,
        detail: row.read("detail")?,
        suspect: row.read("suspect")?,
    })
}

/// Microseconds of resolve, connect, tls, processing and transfer, where measured.
pub(super) fn phases_us(row: &Row) -> Result<[Option<i32>; PHASES], Error> {
    Ok([
        row.read("resolve_us")?,
        row.read("connect_us")?,
        row.read("tls_us")?,
        row.read("processing_us")?,
        row.read("transfer_us")?,
    ])
}
