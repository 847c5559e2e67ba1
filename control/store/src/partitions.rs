//! Days of raw results, hours of summaries, and what is dropped for age.

use std::time::Duration;

use domain::{
    incident::{Kind, Level, Subject},
    keys::Lane,
};
use serde_json::json;
use uuid::Uuid;

use super::{
    Ask, Db, Error, Read, Row, Transaction,
    incidents::{self, Opening},
    statement::statements,
};

statements! {
    SPAN () -> (closed "int8", newest "int8")
        "select min(closed) as closed, greatest(max(frontier), floor(extract(epoch from clock_timestamp()))::bigint) as newest
         from lanes"
    MAKE ("int8", "int8") -> (make_partitions "void") "select make_partitions($1, $2)"
    DROP ("int8") -> (dropped "text") "select drop_partitions($1) as dropped"
    PURGE ("int8") -> ()
        "delete from monitors where deleted_at < to_timestamp($1::bigint) and not exists
            (select from cadences c where c.monitor = key and c.to_slot >= $1)"
    UNSUMMARISED ("int2") -> (summarised "int8")
        "select summarised from lanes where lane = $1 and summarised + 3600 <= closed + 1"
    SUMMARISE ("int2", "int8") -> ()
        "insert into uptime_hours (monitor, hour, good, total, expected)
         select r.monitor, $2, count(*) filter (where r.suspect is null and r.verdict in ('up', 'degraded')),
                count(*) filter (where r.suspect is null and r.verdict <> 'missed'), count(*)
         from results r join monitors m on m.key = r.monitor
         where m.lane = $1 and r.slot >= $2 and r.slot < $2 + 3600 and r.attempt = 0
         group by r.monitor
         on conflict (monitor, hour) do nothing"
    SUMMARISE_ORGANISATIONS ("int2", "int8") -> ()
        "insert into organisation_hours (organisation, hour, lane, good, total, expected)
         select m.organisation, $2, $1, sum(u.good), sum(u.total), sum(u.expected)
         from uptime_hours u join monitors m on m.key = u.monitor
         where m.lane = $1 and u.hour = $2
         group by m.organisation
         on conflict do nothing"
    SUMMARISE_LATENCY ("int2", "int8") -> ()
        "insert into latency_hours (
             hour, monitor, region, up, degraded, down, missed, suspect, resolve_n, connect_n, tls_n, processing_n,
             transfer_n, resolve_us, connect_us, tls_us, processing_us, transfer_us, histogram)
         select $2, b.monitor, b.region, sum(b.up), sum(b.degraded), sum(b.down), sum(b.missed), sum(b.suspect),
                sum(b.resolve_n), sum(b.connect_n), sum(b.tls_n), sum(b.processing_n), sum(b.transfer_n),
                sum(b.resolve_us), sum(b.connect_us), sum(b.tls_us), sum(b.processing_us), sum(b.transfer_us),
                coalesce(array_agg((b.place << 16) + b.checks order by b.place) filter (where b.place is not null), '{}')
         from (
             select r.monitor, r.region,
                    case when a.answered then floor(ln(greatest(1, coalesce(r.resolve_us, 0) + coalesce(r.connect_us, 0)
                        + coalesce(r.tls_us, 0) + coalesce(r.processing_us, 0) + coalesce(r.transfer_us, 0))::float8)
                        / ln(1.1::float8))::integer end as place,
                    count(*)::integer as checks,
                    count(*) filter (where r.suspect is null and r.verdict = 'up') as up,
                    count(*) filter (where r.suspect is null and r.verdict = 'degraded') as degraded,
                    count(*) filter (where r.suspect is null and r.verdict = 'down') as down,
                    count(*) filter (where r.suspect is null and r.verdict = 'missed') as missed,
                    count(r.suspect) as suspect,
                    count(r.resolve_us) filter (where a.answered) as resolve_n,
                    count(r.connect_us) filter (where a.answered) as connect_n,
                    count(r.tls_us) filter (where a.answered) as tls_n,
                    count(r.processing_us) filter (where a.answered) as processing_n,
                    count(r.transfer_us) filter (where a.answered) as transfer_n,
                    sum(r.resolve_us) filter (where a.answered) as resolve_us,
                    sum(r.connect_us) filter (where a.answered) as connect_us,
                    sum(r.tls_us) filter (where a.answered) as tls_us,
                    sum(r.processing_us) filter (where a.answered) as processing_us,
                    sum(r.transfer_us) filter (where a.answered) as transfer_us
             from results r join monitors m on m.key = r.monitor
             cross join lateral (select is_answered(r.verdict, r.http_status, r.suspect) as answered) a
             where m.lane = $1 and r.slot >= $2 and r.slot < $2 + 3600 and r.attempt = 0
             group by 1, 2, 3) b
         group by b.monitor, b.region order by b.monitor, b.region
         on conflict do nothing"
    // A large lane's hour takes longer, and more memory, than what people ask for.
    TAKE_TIME () -> (statement_timeout "text", work_mem "text")
        "select set_config('statement_timeout', '120s', true) as statement_timeout,
                set_config('work_mem', '64MB', true) as work_mem"
    SUMMARISED ("int2", "int8") -> () "update lanes set summarised = $2 + 3600 where lane = $1 and summarised = $2"
    // Monitors of a lane that were checked less than wanted in a summarised hour, and incidents of those that were checked
    // enough.
    UNCHECKED ("int2", "int8", "float8") -> (monitor "int4", total "int4", expected "int4")
        "select u.monitor, u.total, u.expected
         from uptime_hours u join monitors m on m.key = u.monitor
         where m.lane = $1 and m.enabled and m.deleted_at is null and u.hour = $2 and u.total < $3::float8 * u.expected"
    CHECKED ("int2", "int8", "float8") -> (id "uuid", total "int4", expected "int4")
        "select i.id, u.total, u.expected
         from incidents i join monitors m on m.key = i.monitor join uptime_hours u on u.monitor = i.monitor and u.hour = $2
         where m.lane = $1 and i.kind = 'coverage' and i.state <> 'resolved' and u.total >= $3::float8 * u.expected"
    // Both ends are named, so that a plan for any hour takes what is too old for the little it is.
    FORGET_HOURS ("int8") -> () "delete from uptime_hours where hour < $1 and hour > 0"
    FORGET_ORGANISATIONS ("int8") -> () "delete from organisation_hours where hour < $1 and hour > 0"
    FORGET_LATENCY ("int8") -> () "delete from latency_hours where hour < $1 and hour > 0"
    // Every expected slot that is closed has its one attempt-0 row; of the others nobody knows how many there are.
    COVERAGE ("int8", "int8") -> (checked "int8", stored "int8", closed "float8")
        "select count(*) filter (where r.suspect is null and r.verdict <> 'missed') as checked, count(*) as stored,
                (select coalesce(avg(least(greatest(l.closed - $1, 0), $2 - $1)::float8 / ($2 - $1)::float8), 1)::float8 from lanes l) as closed
         from results r where r.slot > $1 and r.slot <= $2 and r.attempt = 0"
}

const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;
/// Days made ahead of now, and kept behind `closed`: results of either edge must find their partition.
const DAYS_AHEAD: i64 = 3;
/// See [`DAYS_AHEAD`].
pub const DAYS_BEHIND: i64 = 2;

/// Makes the days around every slot that may get a row.
pub async fn make_around(db: &Db) -> Result<(), Error> {
    let (closed, newest) = span(db).await?;
    make(db, closed - DAYS_BEHIND * DAY, newest + DAYS_AHEAD * DAY).await
}

/// `(oldest closed, newest slot)` over all lanes: partitions must lie around both.
pub async fn span(db: &Db) -> Result<(i64, i64), Error> {
    let db = db.get().await?;
    let row = db.query_one(&db.prepare_cached(SPAN).await?, &[]).await?;
    Ok((row.read("closed")?, row.read("newest")?))
}

/// Makes the days from slot to slot.
async fn make(db: &Db, from: i64, to: i64) -> Result<(), Error> {
    let db = db.get().await?;
    db.execute(&db.prepare_cached(MAKE).await?, &[&from, &to]).await?;
    Ok(())
}

/// Drops the days that end before a slot, and says which.
pub async fn drop_before(db: &Db, slot: i64) -> Result<Vec<String>, Error> {
    let db = db.get().await?;
    let rows = db.query(&db.prepare_cached(DROP).await?, &[&slot]).await?;
    rows.iter().map(|row| row.read("dropped")).collect()
}

/// Removes monitors that were deleted before a slot and whose rows are gone with their days.
pub async fn purge_deleted(db: &Db, before: i64) -> Result<u64, Error> {
    let db = db.get().await?;
    Ok(db.execute(&db.prepare_cached(PURGE).await?, &[&before]).await?)
}

/// Summarises the lane's oldest closed hour that has no summary; a monitor with less coverage than `least` in it is an
/// incident. Returns that hour; nothing when all are done.
pub async fn summarise_next(db: &Db, lane: Lane, least: f64) -> Result<Option<i64>, Error> {
    let mut db = db.get().await?;
    let found = db.query_opt(&db.prepare_cached(UNSUMMARISED).await?, &[&lane.0]).await?;
    let Some(hour) = found.map(|row| row.read::<i64>("summarised")).transpose()? else { return Ok(None) };
    let work = db.transaction().await?;
    work.query(&work.prepare_cached(TAKE_TIME).await?, &[]).await?;
    for sql in [SUMMARISE, SUMMARISE_ORGANISATIONS, SUMMARISE_LATENCY] {
        work.execute(&work.prepare_cached(sql).await?, &[&lane.0, &hour]).await?;
    }
    look_after_coverage(&work, lane, hour, least).await?;
    work.execute(&work.prepare_cached(SUMMARISED).await?, &[&lane.0, &hour]).await?;
    work.commit().await?;
    Ok(Some(hour))
}

async fn look_after_coverage(work: &Transaction<'_>, lane: Lane, hour: i64, least: f64) -> Result<(), Error> {
    let facts = |row: &Row| -> Result<serde_json::Value, Error> {
        let (checked, expected): (i32, i32) = (row.read("total")?, row.read("expected")?);
        Ok(json!({"hour": hour, "checked": checked, "expected": expected}))
    };
    let opening = |row: &Row| {
        let subject = Subject::Monitor(row.read("monitor")?);
        let (id, kind, level) = (Uuid::now_v7(), Kind::Coverage, Level::Coverage);
        Ok(Opening { id, kind, subject, level, reason: None, facts: facts(row)? })
    };
    let unchecked = work.ask(UNCHECKED, &[&lane.0, &hour, &least]).await?;
    let openings = unchecked.iter().map(opening).collect::<Result<_, Error>>()?;
    incidents::open(work, openings, hour + HOUR, Duration::ZERO).await?;
    let checked = work.ask(CHECKED, &[&lane.0, &hour, &least]).await?;
    let over = checked.iter().map(|row| Ok((row.read("id")?, facts(row)?))).collect::<Result<_, Error>>()?;
    incidents::resolve(work, over, hour + HOUR, None).await.map(drop)
}

/// Forgets hours before a slot.
pub async fn forget_hours(db: &Db, before: i64) -> Result<(), Error> {
    let db = db.get().await?;
    for sql in [FORGET_HOURS, FORGET_ORGANISATIONS, FORGET_LATENCY] {
        db.execute(&db.prepare_cached(sql).await?, &[&before]).await?;
    }
    Ok(())
}

/// Of the slots behind `from` up to `to`: how many were checked, how many have a row, and which share of the time is closed,
/// 0 to 1, over all lanes.
pub async fn coverage(db: &Db, from: i64, to: i64) -> Result<(i64, i64, f64), Error> {
    let db = db.get().await?;
    let row = db.query_one(&db.prepare_cached(COVERAGE).await?, &[&from, &to]).await?;
    Ok((row.read("checked")?, row.read("stored")?, row.read("closed")?))
}

#[cfg(test)]
mod tests {
    use testbed::servers::{Postgres, Settings};

    use super::*;

    #[test]
    fn an_hour_is_summarised_without_what_is_suspect() {
        let dir = tempfile::tempdir().unwrap();
        let postgres = Postgres::start_with(dir.path(), Settings::for_tests()).unwrap();
        postgres.create_database("hours").unwrap();
        crate::plans::migrate(&postgres, "hours");
        let sql = format!(
            "insert into organisations (id, name) values (gen_random_uuid(), 'o');
             insert into lanes (lane, frontier, closed, summarised) values (0, 1700006400, 1700006400, 1699999200);
             insert into monitors (id, organisation, lane, name, url, interval, phase)
             select gen_random_uuid(), id, 0, 'm', 'http://a.example/', 60, 0 from organisations;
             select make_partitions(1699999200, 1700006400);
             insert into results (slot, monitor, region, attempt, verdict, suspect)
             select 1699999200 + 60 * row_number() over (), key, 1, attempt, verdict::verdict, suspect::diagnosis
             from monitors, (values (0, 'up', null), (0, 'degraded', null), (0, 'down', null), (0, 'missed', null),
                 (0, 'up', 'clock'), (0, 'degraded', 'network'), (0, 'down', 'network'), (1, 'up', null)) v (attempt, verdict, suspect);
             prepare summarise (int2, int8) as {SUMMARISE};
             execute summarise (0, 1699999200)"
        );
        postgres.psql("hours", &sql).unwrap();
        let counts = postgres.psql("hours", "select good, total, expected from uptime_hours").unwrap();
        assert_eq!(counts.trim(), "2|3|7", "good, total and expected");
    }

    /// With statistics the planner may look at the names of all relations before it knows which of them are days.
    #[test]
    fn days_are_dropped_whatever_else_has_a_name() {
        let dir = tempfile::tempdir().unwrap();
        let postgres = Postgres::start_with(dir.path(), Settings::for_tests()).unwrap();
        postgres.create_database("days").unwrap();
        crate::plans::migrate(&postgres, "days");
        postgres.psql("days", "select make_partitions(1699920000, 1700611200)").unwrap();
        let others = "do $$ begin for n in 1..300 loop execute format('create table other_%s (words text)', n); end loop; end $$";
        postgres.psql("days", others).unwrap();
        postgres.psql("days", "vacuum analyze").unwrap();
        let dropped = postgres.psql("days", "select drop_partitions(1700092800)").unwrap();
        assert_eq!(dropped, "results_20231114\nresults_20231115");
        assert_eq!(postgres.psql("days", "select count(*) from result_days()").unwrap(), "7");
    }
}
