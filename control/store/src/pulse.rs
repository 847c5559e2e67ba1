//! How the whole installation does: whether the walk from a slot's job to its row works, what is open, what waits, and how
//! large it has grown.

use std::time::Duration;

use domain::{incident::Kind, keys::Lane};

use super::{Error, GenericClient, Read, statement::statements};

statements! {
    // Of each lane: it is owned, its frontier moves, what is reported is stored, it closes, and of what was expected a while ago (by then it has its
    // result, if anybody checked it) or later, something was checked.
    IS_WALKING ("int8", "int8") -> (is_walking "bool")
        "select coalesce(bool_and(
             l.lease_until > clock_timestamp() and l.frontier > now.second - 30 and l.heard > now.second - 30
             and l.closed > now.second - $2 - 120
             and (not exists (select from expected(l.lane, l.frontier - $1 - 90, l.frontier - $1 - 30))
                  or exists (select from (select monitor from results
                                          where slot > l.frontier - $1 - 90 and slot <= l.frontier and attempt = 0
                                            and verdict <> 'missed' offset 0) r
                             cross join lateral (select lane from monitors where key = r.monitor offset 0) m
                             where m.lane = l.lane))), false) as is_walking
         from lanes l, (select floor(extract(epoch from clock_timestamp()))::bigint as second) now"
    OPEN_INCIDENTS () -> (kind "text", open "int8")
        "select k.kind::text as kind, (select count(*) from incidents i where i.kind = k.kind and i.state <> 'resolved') as open
         from unnest(enum_range(null::incident_kind)) k (kind)"
    // What is claimed is on its way; what is retried is not due.
    WAITING () -> (pending "int8", due_s "float8")
        "select (select count(*) from outbox where state = 'pending') as pending,
                (select coalesce(extract(epoch from now() - min(due_at)), 0)::float8 from outbox_ready) as due_s"
    // All other statuses are counted by who works on the lane.
    PAUSED () -> (lane "int2", paused "int8")
        "select l.lane, (select count(*) from monitors m where m.lane = l.lane and not m.enabled and m.deleted_at is null) as paused
         from lanes l"
    DATABASE () -> (connections "int8", connections_limit "int8", transaction_seconds "float8")
        "select count(*) as connections, current_setting('max_connections')::int8 as connections_limit,
                coalesce(max(extract(epoch from clock_timestamp() - xact_start))
                             filter (where pid <> pg_backend_pid()), 0)::float8 as transaction_seconds
         from pg_stat_activity where datname = current_database()"
    // PostgreSQL asks the file system for every file of the database.
    SIZES () -> (all "int8", results "int8")
        "select pg_database_size(current_database()) as all,
                (select coalesce(sum(pg_total_relation_size(relid)), 0)::int8 from pg_partition_tree('results')) as results"
}

/// PostgreSQL, at one moment.
#[derive(Clone, Copy, Debug)]
pub struct DatabaseState {
    /// Sessions in the database, of anybody.
    pub connections: i64,
    /// The most sessions the server takes.
    pub connections_limit: i64,
    /// How long the longest open transaction has been open.
    pub transaction_seconds: f64,
}

/// How large the database is, bytes.
#[derive(Clone, Copy, Debug)]
pub struct DatabaseSizes {
    /// All of it.
    pub all: i64,
    /// Results of single checks, with their index.
    pub results: i64,
}

/// Whether every lane is walked. `late` is how old a slot may be when its check begins, `close` when it is closed.
pub async fn is_walking(db: &impl GenericClient, late: Duration, close: Duration) -> Result<bool, Error> {
    let (late, close) = (late.as_secs() as i64, close.as_secs() as i64);
    db.query_one(&db.prepare_cached(IS_WALKING).await?, &[&late, &close]).await?.read("is_walking")
}

/// How many incidents are open, by kind; also where none is.
pub async fn open_incidents(db: &impl GenericClient) -> Result<Vec<(Kind, i64)>, Error> {
    let rows = db.query(&db.prepare_cached(OPEN_INCIDENTS).await?, &[]).await?;
    rows.iter().map(|row| Ok((row.read("kind")?, row.read("open")?))).collect()
}

/// What is still to be told: how many messages, and for how many seconds the oldest has been due.
pub async fn waiting(db: &impl GenericClient) -> Result<(i64, f64), Error> {
    let row = db.query_one(&db.prepare_cached(WAITING).await?, &[]).await?;
    Ok((row.read("pending")?, row.read("due_s")?))
}

/// How many monitors of each lane are paused.
pub async fn paused(db: &impl GenericClient) -> Result<Vec<(Lane, i64)>, Error> {
    let rows = db.query(&db.prepare_cached(PAUSED).await?, &[]).await?;
    rows.iter().map(|row| Ok((row.read("lane")?, row.read("paused")?))).collect()
}

/// How busy the database is.
pub async fn database(db: &impl GenericClient) -> Result<DatabaseState, Error> {
    let row = db.query_one(&db.prepare_cached(DATABASE).await?, &[]).await?;
    Ok(DatabaseState {
        connections: row.read("connections")?,
        connections_limit: row.read("connections_limit")?,
        transaction_seconds: row.read("transaction_seconds")?,
    })
}

/// How large the database is.
pub async fn sizes(db: &impl GenericClient) -> Result<DatabaseSizes, Error> {
    let row = db.query_one(&db.prepare_cached(SIZES).await?, &[]).await?;
    Ok(DatabaseSizes { all: row.read("all")?, results: row.read("results")? })
}

#[cfg(test)]
mod tests {
    use deadpool_postgres::{Manager, Pool};
    use testbed::servers::{Postgres, Settings};

    use super::*;
    use crate::plans::migrate;

    /// One lane that walks, with a monitor every 5 s; its results are stored up to 10 s ago.
    const WALKING: &str = "
        insert into organisations (id, name) values ('00000000-0000-0000-0000-000000000001', 'o');
        insert into lanes (lane, frontier, closed, summarised, owner, lease_until)
        select 0, t, t - 180, t - t % 3600, 'a', now() + interval '1 hour'
        from (select floor(extract(epoch from now()))::bigint t) now;
        insert into regions (id, from_slot) values ('a', 0);
        insert into monitors (id, organisation, lane, name, url, interval, phase)
        select gen_random_uuid(), '00000000-0000-0000-0000-000000000001', 0, 'm', 'http://a.example/', 5, 0;
        insert into cadences (monitor, lane, interval, phase, from_slot) select key, 0, 5, 0, 0 from monitors;
        select make_partitions(frontier - 86400, frontier + 86400) from lanes;
        insert into results (slot, monitor, region, attempt, verdict)
        select slot, monitor, region, 0, 'down' from lanes, expected(0::smallint, frontier - 300, frontier - 10);";

    #[tokio::test]
    async fn whatever_stands_still_is_noticed() {
        let dir = tempfile::tempdir().unwrap();
        let postgres = Postgres::start_with(dir.path(), Settings::for_tests()).unwrap();
        postgres.create_database("pulse").unwrap();
        migrate(&postgres, "pulse");
        let settings = postgres.url("pulse").parse().unwrap();
        let pool = Pool::builder(Manager::new(settings, tokio_postgres::NoTls)).build().unwrap();
        let client = pool.get().await.unwrap();
        let is_walking = || is_walking(&client, Duration::from_mins(1), Duration::from_mins(3));
        assert!(!is_walking().await.unwrap(), "no lane");
        client.batch_execute(WALKING).await.unwrap();
        assert!(is_walking().await.unwrap());
        for (harm, mend) in [
            ("update lanes set lease_until = now()", "update lanes set lease_until = now() + interval '1 hour'"),
            ("update lanes set frontier = frontier - 40", "update lanes set frontier = frontier + 40"),
            ("update lanes set heard = heard - 40", "update lanes set heard = heard + 40"),
            ("update lanes set closed = closed - 130", "update lanes set closed = closed + 130"),
            ("update results set verdict = 'missed'", "update results set verdict = 'up'"),
            ("delete from results", "delete from cadences"),
        ] {
            client.batch_execute(harm).await.unwrap();
            assert!(!is_walking().await.unwrap(), "{harm}");
            client.batch_execute(mend).await.unwrap();
            assert!(is_walking().await.unwrap(), "{mend}");
        }
    }
}
