//! Stretches of slots that were not pushed.

use domain::keys::Lane;
use wire::Reason;

use super::{Db, Error, statement::statements};

statements! {
    ADD ("int2", "int8", "int8", "text") -> ()
        "insert into skips (lane, from_slot, to_slot, reason) values ($1, $2, $3, $4::text::reason) on conflict do nothing"
    FORGET ("int8") -> () "delete from skips s using lanes l where l.lane = s.lane and s.to_slot < least(l.closed, $1)"
}

/// Notes that slots from `from` to `to` were not pushed, and why.
pub async fn add(db: &Db, lane: Lane, from: i64, to: i64, reason: Reason) -> Result<(), Error> {
    let db = db.get().await?;
    db.execute(&db.prepare_cached(ADD).await?, &[&lane.0, &from, &to, &reason.as_str()]).await?;
    Ok(())
}

/// Forgets stretches that are closed and older than `before`.
pub async fn forget(db: &Db, before: i64) -> Result<(), Error> {
    let db = db.get().await?;
    db.execute(&db.prepare_cached(FORGET).await?, &[&before]).await?;
    Ok(())
}
