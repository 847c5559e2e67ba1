//! What a chart of a monitor is drawn from: single results where there are few, else the summaries of closed hours.

use domain::{
    ids::OrgId,
    incident::Level,
    keys::{MonitorKey, RegionKey},
    series::{Checks, Part, histogram},
};
use uuid::Uuid;

use super::{Error, GenericClient, Read, Row, statement::statements};

statements! {
    /// Single results of a monitor from slot to slot, in steps of `$4` seconds that begin with `$5`.
    FINE ("int4", "int8", "int8", "int8", "int8", "int2") ->
        (at "int8", region "int2", up "int8", degraded "int8", down "int8", missed "int8", took "_int4", sums "_float8",
         measured "_int8")
        "select x.slot - (x.slot - $5) % $4 as at, x.region,
                count(*) filter (where x.suspect is null and x.verdict = 'up') as up,
                count(*) filter (where x.suspect is null and x.verdict = 'degraded') as degraded,
                count(*) filter (where x.suspect is null and x.verdict = 'down') as down,
                count(*) filter (where x.suspect is null and x.verdict = 'missed') as missed,
                coalesce(array_agg(coalesce(x.resolve_us, 0) + coalesce(x.connect_us, 0) + coalesce(x.tls_us, 0)
                    + coalesce(x.processing_us, 0) + coalesce(x.transfer_us, 0)) filter (where a.answered), '{}') as took,
                array[sum(x.resolve_us) filter (where a.answered), sum(x.connect_us) filter (where a.answered),
                      sum(x.tls_us) filter (where a.answered), sum(x.processing_us) filter (where a.answered),
                      sum(x.transfer_us) filter (where a.answered)]::float8[] as sums,
                array[count(x.resolve_us) filter (where a.answered), count(x.connect_us) filter (where a.answered),
                      count(x.tls_us) filter (where a.answered), count(x.processing_us) filter (where a.answered),
                      count(x.transfer_us) filter (where a.answered)] as measured
         from (select slot from slots_of($1, $2, $3) offset 0) s
         cross join lateral (select r.* from results r
                             where r.slot = s.slot and r.monitor = $1 and r.attempt = 0
                               and ($6::int2 is null or r.region = $6) offset 0) x
         cross join lateral (select is_answered(x.verdict, x.http_status, x.suspect) as answered) a
         group by 1, 2"
    /// Summaries of the hours from `$2` to before `$3`.
    COARSE ("int4", "int8", "int8", "int2") ->
        (at "int8", region "int2", up "int8", degraded "int8", down "int8", missed "int8", took "_int4", sums "_float8",
         measured "_int8")
        "select h.hour as at, h.region, h.up::int8 as up, h.degraded::int8 as degraded, h.down::int8 as down,
                h.missed::int8 as missed, h.histogram as took,
                array[h.resolve_us, h.connect_us, h.tls_us, h.processing_us, h.transfer_us]::float8[] as sums,
                array[h.resolve_n, h.connect_n, h.tls_n, h.processing_n, h.transfer_n]::int8[] as measured
         from latency_hours h
         where h.monitor = $1 and h.hour >= $2 and h.hour < $3 and ($4::int2 is null or h.region = $4)"
    SUMMARISED ("int4") -> (summarised "int8")
        "select l.summarised from monitors m join lanes l on l.lane = m.lane where m.key = $1"
    /// How many slots a monitor has from slot to slot.
    SLOTS ("int4", "int8", "int8") -> (slots "int8")
        "select coalesce(sum((least($3, c.to_slot) - greatest($2, c.from_slot)) / c.interval + 1), 0)::int8 as slots
         from cadences c where c.monitor = $1 and c.from_slot <= $3 and c.to_slot >= $2"
    INCIDENTS ("uuid", "int4", "int8", "int8") -> (id "uuid", worst "text", opened_at "int8", resolved_at "int8")
        "select i.id, i.worst::text as worst, i.opened_at, i.resolved_at from incidents i
         where i.organisation = $1 and i.monitor = $2 and i.opened_at < $4
           and (i.resolved_at is null or i.resolved_at >= $3)
         order by i.opened_at desc limit 500"
}

const HOUR: i64 = 3_600;

/// An incident that overlaps a chart.
#[derive(Clone, Debug)]
pub struct Span {
    /// Its id.
    pub id: Uuid,
    /// How bad it was at its worst.
    pub level: Level,
    /// Unix seconds.
    pub from: i64,
    /// Unix seconds; absent while it is open.
    pub to: Option<i64>,
}

/// How many slots a monitor has from `from` to before `to`, unix seconds.
pub async fn slots(db: &impl GenericClient, monitor: MonitorKey, from: i64, to: i64) -> Result<i64, Error> {
    db.query_one(&db.prepare_cached(SLOTS).await?, &[&monitor.0, &from, &(to - 1)]).await?.read("slots")
}

/// The scheduled results from `from` to before `to`, in steps of so many seconds that begin with `from`.
pub async fn fine(
    db: &impl GenericClient,
    monitor: MonitorKey,
    (from, to): (i64, i64),
    step: i64,
    region: Option<RegionKey>,
) -> Result<Vec<Part>, Error> {
    let region = region.map(|region| region.0);
    let statement = db.prepare_cached(FINE).await?;
    let rows = db.query(&statement, &[&monitor.0, &from, &(to - 1), &step, &from, &region]).await?;
    let took = |totals: Vec<i32>| totals.into_iter().map(|micros| (micros.max(0) as u32, 1)).collect();
    rows.iter().map(|row| read(row, took)).collect()
}

/// The summaries of the hours from `from` to before `to`, and the like of what is not summarised yet.
pub async fn coarse(
    db: &impl GenericClient,
    monitor: MonitorKey,
    (from, to): (i64, i64),
    region: Option<RegionKey>,
) -> Result<Vec<Part>, Error> {
    let summarised: i64 =
        db.query_one(&db.prepare_cached(SUMMARISED).await?, &[&monitor.0]).await?.read("summarised")?;
    let wanted = region.map(|region| region.0);
    let end = to.min(summarised);
    let rows = db.query(&db.prepare_cached(COARSE).await?, &[&monitor.0, &from, &end, &wanted]).await?;
    let mut parts: Vec<Part> =
        rows.iter().map(|row| read(row, |entries| histogram(&entries))).collect::<Result<_, _>>()?;
    if summarised < to {
        parts.extend(fine(db, monitor, (summarised.max(from), to), HOUR, region).await?);
    }
    Ok(parts)
}

fn read(row: &Row, took: impl Fn(Vec<i32>) -> Vec<(u32, u32)>) -> Result<Part, Error> {
    let sums: Vec<Option<f64>> = row.read("sums")?;
    let measured: Vec<i64> = row.read("measured")?;
    let mut phases = [(0.0, 0); 5];
    for (phase, (sum, measured)) in phases.iter_mut().zip(sums.into_iter().zip(measured)) {
        *phase = (sum.unwrap_or_default(), measured);
    }
    let verdicts = [row.read("up")?, row.read("degraded")?, row.read("down")?, row.read("missed")?];
    let checks = Checks { verdicts, phases, took: took(row.read("took")?) };
    Ok(Part { at: row.read("at")?, region: row.read("region")?, checks })
}

/// The monitor's incidents that overlap the range, oldest first; of very many the newest.
pub async fn incidents(
    db: &impl GenericClient,
    org: OrgId,
    monitor: MonitorKey,
    (from, to): (i64, i64),
) -> Result<Vec<Span>, Error> {
    let rows = db.query(&db.prepare_cached(INCIDENTS).await?, &[&org.0, &monitor.0, &from, &to]).await?;
    let span = |row: &Row| {
        let (from, to) = (row.read("opened_at")?, row.read("resolved_at")?);
        Ok(Span { id: row.read("id")?, level: row.read("worst")?, from, to })
    };
    rows.iter().rev().map(span).collect()
}
