//! Leases of lanes, the frontier, and the fence.

use std::time::Duration;

use domain::{keys::Lane, time::Slot};

use super::{Db, Error, GenericClient, Read, Row, Session, statement::statements};

statements! {
    TAKE ("int2", "text", "int8") -> (epoch "int8") "select take_lane($1, $2, $3) as epoch"
    RENEW ("int2", "int8", "int8") -> ()
        "update lanes set lease_until = clock_timestamp() + $3::bigint * interval '1 millisecond'
         where lane = $1 and epoch = $2"
    RELEASE ("int2", "int8") -> () "update lanes set lease_until = '-infinity' where lane = $1 and epoch = $2"
    ADVANCE ("int2", "int8") -> (frontier "int8", closed "int8", clock_ms "int8")
        "select frontier, closed, clock_ms from advance_frontier($1, $2)"
    POSITION ("int2") -> (frontier "int8", closed "int8", heard "int8", clock_ms "int8")
        "select frontier, closed, heard, (extract(epoch from clock_timestamp()) * 1000)::bigint as clock_ms
         from lanes where lane = $1"
    SEEN () -> (lane "int2", frontier "int8", closed "int8", heard "int8", is_held "bool")
        "select lane, frontier, closed, heard, lease_until > clock_timestamp() as is_held from lanes order by lane"
    LAPSED ("int2") -> (is_free "bool", clock_ms "int8")
        "select lease_until < clock_timestamp() as is_free, (extract(epoch from clock_timestamp()) * 1000)::bigint as clock_ms
         from lanes where lane = $1"
}

/// A lane's fixed and finished parts, and PostgreSQL's clock.
#[derive(Clone, Copy, Debug)]
pub struct Front {
    /// Slots up to here are fixed.
    pub frontier: i64,
    /// Slots up to here have their rows.
    pub closed: i64,
    /// PostgreSQL's clock, milliseconds.
    pub clock_ms: i64,
}

/// How far a lane is, and PostgreSQL's clock.
#[derive(Clone, Copy, Debug)]
pub struct Position {
    /// Slots up to here are fixed.
    pub frontier: i64,
    /// Slots up to here have their rows.
    pub closed: i64,
    /// Everything that regions reported up to here is stored.
    pub heard: i64,
    /// PostgreSQL's clock, milliseconds.
    pub clock_ms: i64,
}

/// How far a transaction of a lane's owner comes.
#[derive(Clone, Copy, Debug)]
pub struct Reached {
    /// Slots up to here have their rows.
    pub closed: Slot,
    /// Everything that regions reported up to here is stored.
    pub heard: Slot,
}

/// A lane as everybody can see it. Slots and seconds are unix seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Which.
    pub lane: Lane,
    /// Slots up to here are fixed.
    pub frontier: i64,
    /// Slots up to here have their rows.
    pub closed: i64,
    /// Everything that regions reported up to here is stored.
    pub heard: i64,
    /// Whether a replica holds it.
    pub is_held: bool,
}

/// Every lane, whoever holds it.
pub async fn seen(db: &impl GenericClient) -> Result<Vec<Seen>, Error> {
    let rows = db.query(&db.prepare_cached(SEEN).await?, &[]).await?;
    let seen = |row: &Row| {
        Ok(Seen {
            lane: row.read("lane")?,
            frontier: row.read("frontier")?,
            closed: row.read("closed")?,
            heard: row.read("heard")?,
            is_held: row.read("is_held")?,
        })
    };
    rows.iter().map(seen).collect()
}

/// Whether nobody holds a lane, and PostgreSQL's clock in milliseconds. It writes nothing: replicas ask every second.
pub async fn is_free(db: &Db, lane: Lane) -> Result<(bool, i64), Error> {
    let db = db.get().await?;
    let row = db.query_one(&db.prepare_cached(LAPSED).await?, &[&lane.0]).await?;
    Ok((row.read("is_free")?, row.read("clock_ms")?))
}

/// Takes a lane nobody holds. Returns its new epoch; nothing while somebody holds it.
pub async fn take(db: &Db, lane: Lane, replica: &str, lease: Duration) -> Result<Option<i64>, Error> {
    let db = db.get().await?;
    let row = db.query_one(&db.prepare_cached(TAKE).await?, &[&lane.0, &replica, &(lease.as_millis() as i64)]).await?;
    row.read("epoch")
}

/// Renews a lease outside a transaction of its lane. Returns whether the lane is still ours.
pub async fn renew(db: &Db, lane: Lane, epoch: i64, lease: Duration) -> Result<bool, Error> {
    let db = db.get().await?;
    let lease = lease.as_millis() as i64;
    Ok(db.execute(&db.prepare_cached(RENEW).await?, &[&lane.0, &epoch, &lease]).await? == 1)
}

/// Gives a lane back, so that another replica need not wait for the lease to lapse.
pub async fn release(db: &Db, lane: Lane, epoch: i64) -> Result<(), Error> {
    let db = db.get().await?;
    db.execute(&db.prepare_cached(RELEASE).await?, &[&lane.0, &epoch]).await?;
    Ok(())
}

/// Fixes all slots up to `now`, under the lane's exclusive lock.
pub async fn advance_frontier(db: &Db, lane: Lane, now: i64) -> Result<Front, Error> {
    let db = db.get().await?;
    let row = db.query_one(&db.prepare_cached(ADVANCE).await?, &[&lane.0, &now]).await?;
    Ok(Front { frontier: row.read("frontier")?, closed: row.read("closed")?, clock_ms: row.read("clock_ms")? })
}

/// How far the lane is.
pub async fn position(session: &Session, lane: Lane) -> Result<Position, Error> {
    let rows = session.query(POSITION, &[&lane.0]).await?;
    let row = rows.first().ok_or(Error::Missing("lane"))?;
    Ok(Position {
        frontier: row.read("frontier")?,
        closed: row.read("closed")?,
        heard: row.read("heard")?,
        clock_ms: row.read("clock_ms")?,
    })
}

/// Ends the transaction: checks the epoch, renews the lease and stores `closed` and `heard`, in one message with the
/// commit.
pub async fn fence_and_commit(
    session: &Session,
    lane: Lane,
    epoch: i64,
    reached: Reached,
    lease: Duration,
) -> Result<(), Error> {
    let (Reached { closed, heard }, lease) = (reached, lease.as_millis());
    let fenced = format!("select fence({lane}::smallint, {epoch}, {closed}, {heard}, {lease}); commit");
    Ok(session.client().batch_execute(&fenced).await?)
}

#[cfg(test)]
mod tests {
    use domain::{stale::is_unchecked, status::Status};
    use testbed::servers::{Postgres, Settings};

    use crate::plans::migrate;

    #[test]
    fn what_is_too_old_for_postgres_is_too_old_for_people() {
        let dir = tempfile::tempdir().unwrap();
        let postgres = Postgres::start_with(dir.path(), Settings::for_tests()).unwrap();
        postgres.create_database("stale").unwrap();
        migrate(&postgres, "stale");
        for status in Status::ALL {
            for (interval, silent) in [(5, 4), (5, 5), (10, 9), (10, 10), (60, 59), (60, 60), (86_400, 86_400), (5, -9)]
            {
                let sql = format!("select is_unchecked('{status}', 1000, {interval}, 1000 + {silent})");
                let is_too_old = is_unchecked(status, 1000, interval, 1000 + silent);
                assert_eq!(postgres.psql("stale", &sql).unwrap().trim(), if is_too_old { "t" } else { "f" }, "{sql}");
            }
        }
        for (row, known) in [
            ("'pending', 30, 20, null, 5", "30"),
            ("'pending', 10, 20, 3, 5", "20"),
            ("'up', 30, 20, null, 5", "20"),
            ("'up', 10, 20, 12, 5", "17"),
            ("'down', 10, 20, 12, 60", "20"),
        ] {
            let found = postgres.psql("stale", &format!("select known_up_to({row})")).unwrap();
            assert_eq!(found.trim(), known, "{row}");
        }
    }
}
