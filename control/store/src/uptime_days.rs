//! Uptime of a year by hours: of one monitor, and of all of an organisation, which are summed when an hour is closed.

use domain::{days::Outage, ids::OrgId, keys::MonitorKey, uptime::Counts};

use super::{Error, GenericClient, Read, Row, statement::statements};

statements! {
    /// The closed hours since `$2`, and the closed slots behind them, by hour.
    OF_MONITOR ("int4", "int8") -> (hour "int8", good "int8", total "int8", expected "int8")
        "select x.hour, sum(x.good)::int8 as good, sum(x.total)::int8 as total, sum(x.expected)::int8 as expected
         from monitors m join lanes l on l.lane = m.lane
         cross join lateral (
             select h.hour, h.good, h.total, h.expected from uptime_hours h
             where h.monitor = m.key and h.hour >= $2 and h.hour < l.summarised
             union all
             select s.slot - s.slot % 3600, (r.suspect is null and r.verdict in ('up', 'degraded'))::integer,
                    (r.suspect is null and r.verdict <> 'missed')::integer, 1
             from (select slot from slots_of(m.key, greatest($2, l.summarised), l.closed) offset 0) s
             cross join lateral (select r.verdict, r.suspect from results r
                                 where r.slot = s.slot and r.monitor = m.key and r.attempt = 0 offset 0) r) x
         where m.key = $1 group by x.hour order by x.hour"
    OF_ORGANISATION ("uuid", "int8") -> (hour "int8", good "int8", total "int8", expected "int8")
        "select h.hour, sum(h.good)::int8 as good, sum(h.total)::int8 as total, sum(h.expected)::int8 as expected
         from organisation_hours h where h.organisation = $1 and h.hour >= $2
         group by h.hour order by h.hour"
    /// About how many slots of an organisation are closed and not summarised.
    UNSUMMARISED ("uuid") -> (slots "int8")
        "select coalesce(sum((l.closed - l.summarised) / m.interval + 1), 0)::int8 as slots
         from monitors m join lanes l on l.lane = m.lane
         where m.organisation = $1 and m.deleted_at is null and m.enabled"
    TAIL ("uuid") -> (hour "int8", good "int8", total "int8", expected "int8")
        "select s.slot - s.slot % 3600 as hour,
                count(*) filter (where r.suspect is null and r.verdict in ('up', 'degraded')) as good,
                count(*) filter (where r.suspect is null and r.verdict <> 'missed') as total, count(*) as expected
         from monitors m join lanes l on l.lane = m.lane
         cross join lateral (select slot from slots_of(m.key, l.summarised, l.closed) offset 0) s
         cross join lateral (select r.verdict, r.suspect from results r
                             where r.slot = s.slot and r.monitor = m.key and r.attempt = 0 offset 0) r
         where m.organisation = $1 and m.deleted_at is null
         group by 1 order by 1"
    OUTAGES ("uuid", "int4", "int8", "int8") -> (opened_at "int8", ended_at "int8", is_down "bool")
        "select i.opened_at, coalesce(i.resolved_at, $4) as ended_at, i.worst = 'down' as is_down
         from (select * from incidents where organisation = $1 and state <> 'resolved'
               union all
               select * from incidents where organisation = $1 and state = 'resolved' and resolved_at >= $3) i
         where i.kind = 'availability' and ($2::int4 is null or i.monitor = $2) and i.opened_at <= $4"
}

/// Slots that are looked up one by one for people who wait.
const LOOKED_UP: i64 = 5_000;

/// The closed hours of a monitor since `since`, unix seconds, in order; the last may be a part of one.
pub async fn of_monitor(db: &impl GenericClient, monitor: MonitorKey, since: i64) -> Result<Vec<(i64, Counts)>, Error> {
    let rows = db.query(&db.prepare_cached(OF_MONITOR).await?, &[&monitor.0, &since]).await?;
    rows.iter().map(read).collect()
}

/// The same of an organisation's monitors together; the hour that is not over only where there are few.
pub async fn of_organisation(db: &impl GenericClient, org: OrgId, since: i64) -> Result<Vec<(i64, Counts)>, Error> {
    let rows = db.query(&db.prepare_cached(OF_ORGANISATION).await?, &[&org.0, &since]).await?;
    let mut hours: Vec<_> = rows.iter().map(read).collect::<Result<_, _>>()?;
    let more: i64 = db.query_one(&db.prepare_cached(UNSUMMARISED).await?, &[&org.0]).await?.read("slots")?;
    if more <= LOOKED_UP {
        let tail = db.query(&db.prepare_cached(TAIL).await?, &[&org.0]).await?;
        hours.extend(tail.iter().map(read).collect::<Result<Vec<_>, _>>()?);
        hours.sort_by_key(|(hour, _)| *hour);
    }
    Ok(hours)
}

/// The availability incidents of an organisation, or of one monitor, that were not over before `since`; what is open
/// ends at `now`. Unix seconds.
pub async fn outages(
    db: &impl GenericClient,
    org: OrgId,
    monitor: Option<MonitorKey>,
    (since, now): (i64, i64),
) -> Result<Vec<Outage>, Error> {
    let monitor = monitor.map(|monitor| monitor.0);
    let rows = db.query(&db.prepare_cached(OUTAGES).await?, &[&org.0, &monitor, &since, &now]).await?;
    rows.iter()
        .map(|row| {
            Ok(Outage { from: row.read("opened_at")?, to: row.read("ended_at")?, is_down: row.read("is_down")? })
        })
        .collect()
}

fn read(row: &Row) -> Result<(i64, Counts), Error> {
    let counts = Counts { good: row.read("good")?, total: row.read("total")?, expected: row.read("expected")? };
    Ok((row.read("hour")?, counts))
}
