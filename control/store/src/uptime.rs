//! Uptime of many monitors at once: summaries of closed hours, and the closed slots since the last summary, looked up
//! one by one.

use std::collections::HashMap;

use domain::{
    keys::MonitorKey,
    uptime::{Counts, Uptime, period_starts},
};

use super::{Error, GenericClient, Read, Row, statement::statements};

statements! {
    /// Of each monitor: good, total and expected since `$2`, since `$3` and since `$4`, which is the earliest.
    /// `uptime_hours.hour` is the hour's first second.
    OF ("_int4", "int8", "int8", "int8") ->
        (key "int4", good_day "int8", total_day "int8", expected_day "int8", good_week "int8", total_week "int8",
         expected_week "int8", good_month "int8", total_month "int8", expected_month "int8")
        "select m.key, u.*
         from unnest($1::int[]) k (key) join monitors m on m.key = k.key join lanes l on l.lane = m.lane
         cross join lateral (
             select coalesce(sum(x.good) filter (where x.at >= $2), 0) as good_day,
                    coalesce(sum(x.total) filter (where x.at >= $2), 0) as total_day,
                    coalesce(sum(x.expected) filter (where x.at >= $2), 0) as expected_day,
                    coalesce(sum(x.good) filter (where x.at >= $3), 0) as good_week,
                    coalesce(sum(x.total) filter (where x.at >= $3), 0) as total_week,
                    coalesce(sum(x.expected) filter (where x.at >= $3), 0) as expected_week,
                    coalesce(sum(x.good), 0) as good_month, coalesce(sum(x.total), 0) as total_month,
                    coalesce(sum(x.expected), 0) as expected_month
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

fn read(row: &Row) -> Result<(MonitorKey, Uptime), Error> {
    let day = (row.read("good_day")?, row.read("total_day")?, row.read("expected_day")?);
    let week = (row.read("good_week")?, row.read("total_week")?, row.read("expected_week")?);
    let month = (row.read("good_month")?, row.read("total_month")?, row.read("expected_month")?);
    let [day, week, month] = [day, week, month].map(|(good, total, expected)| Counts { good, total, expected });
    Ok((row.read("key")?, Uptime { day, week, month }))
}
