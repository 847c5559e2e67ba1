//! Uptime of many monitors at once: summaries of closed hours, and the closed slots since the last summary, looked up
//! one by one.

use std::collections::HashMap;

use domain::{
    keys::MonitorKey,
    uptime::{Counts, Uptime, period_starts},
};

use super::{Error, GenericClient, statement::statements};

statements! {
    /// Of each monitor: good, total and expected since `$2`, since `$3` and since `$4`, which is the earliest.
    /// `uptime_hours.hour` is the hour's first second.
    OF ("_int4", "int8", "int8", "int8") ->
        ("int4", "int8", "int8", "int8", "int8", "int8", "int8", "int8", "int8", "int8")
        "select m.key, u.*
         from unnest($1::int[]) k (key) join monitors m on m.key = k.key join lanes l on l.lane = m.lane
         cross join lateral (
             select sum(x.good) filter (where x.at >= $2), sum(x.total) filter (where x.at >= $2),
                    sum(x.expected) filter (where x.at >= $2),
                    sum(x.good) filter (where x.at >= $3), sum(x.total) filter (where x.at >= $3),
                    sum(x.expected) filter (where x.at >= $3),
                    sum(x.good), sum(x.total), sum(x.expected)
             from (select h.hour as at, h.good, h.total, h.expected from uptime_hours h
                   where h.monitor = m.key and h.hour >= $4 and h.hour < l.summarised
                   union all
                   select s.slot, (r.suspect is null and r.verdict in ('up', 'degraded'))::integer,
                          (r.suspect is null and r.verdict <> 'missed')::integer, 1
                   from (select slot from slots_of(m.key, greatest($4, l.summarised), l.closed) offset 0) s
                   cross join lateral (select r.verdict, r.suspect from results r
                                       where r.slot = s.slot and r.monitor = m.key and r.attempt = 0 offset 0) r) x) u"
}

/// The uptime of these monitors over the periods that end at `now`, unix seconds.
pub async fn of(
    db: &impl GenericClient,
    monitors: &[MonitorKey],
    now: i64,
) -> Result<HashMap<MonitorKey, Uptime>, Error> {
    let keys: Vec<i32> = monitors.iter().map(|key| key.0).collect();
    let [day, week, month] = period_starts(now);
    let rows = db.query(&db.prepare_cached(OF).await?, &[&keys, &day, &week, &month]).await?;
    rows.iter().map(read).collect()
}

fn read(row: &tokio_postgres::Row) -> Result<(MonitorKey, Uptime), Error> {
    let counts = |first: usize| -> Result<Counts, Error> {
        let sum = |place| Ok::<_, Error>(row.try_get::<_, Option<i64>>(place)?.unwrap_or_default());
        Ok(Counts { good: sum(first)?, total: sum(first + 1)?, expected: sum(first + 2)? })
    };
    Ok((MonitorKey(row.try_get(0)?), Uptime { day: counts(1)?, week: counts(4)?, month: counts(7)? }))
}
