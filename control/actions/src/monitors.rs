//! One monitor: made, changed, paused, resumed, removed, checked. Each is committed first; then dashboards are told, and what
//! is watched anew is checked at once, as well as budgets and Redis allow.

use channels::live::Notice;
use domain::{
    actor::Actor,
    event::{Event, OfIncident},
    ids::OrgId,
    monitor::Monitor,
};
use serde_json::Value;
use store::{
    Connection, Transaction,
    monitors::{self, Row},
    monitors_edit,
    quota::Change,
};
use uuid::Uuid;
use wire::MonitorId;

use crate::{
    Actions, Error,
    check::{self, Asked, By},
    monitors_bulk,
};

/// Makes a monitor.
pub async fn create(actions: &Actions, org: OrgId, monitor: Monitor) -> Result<Row, Error> {
    let made = monitors_bulk::create(actions, org, vec![monitor]).await?;
    let id = made.first().ok_or(Error::NotFound)?;
    monitors::get(&actions.db.get().await?, org, *id).await?.ok_or(Error::NotFound)
}

/// Changes what `patch`, a JSON Merge Patch (RFC 7396) of its body, names.
pub async fn edit(actions: &Actions, org: OrgId, who: Actor, id: MonitorId, patch: &Value) -> Result<Row, Error> {
    let mut db = actions.db.get().await?;
    let tx = db.transaction().await?;
    let (change, old) = lock(actions, &tx, org, id).await?;
    let new = old.monitor.merge(patch)?;
    let ended = monitors_edit::update(&tx, change, &old, &new, actions.by(who)).await?;
    tx.commit().await?;
    tell(actions, org, id, Event::MonitorChanged { monitor: id }, &ended).await;
    let asks_anew = new.target_differs(&old.monitor) || !old.monitor.enabled();
    reload(actions, &db, org, id, asks_anew).await
}

/// Removes a monitor; its incidents end.
pub async fn delete(actions: &Actions, org: OrgId, who: Actor, id: MonitorId) -> Result<(), Error> {
    let mut db = actions.db.get().await?;
    let tx = db.transaction().await?;
    let (_, old) = lock(actions, &tx, org, id).await?;
    let ended = monitors_edit::delete(&tx, &old, actions.by(who)).await?;
    tx.commit().await?;
    tell(actions, org, id, Event::MonitorDeleted { monitor: id }, &ended).await;
    Ok(())
}

/// Stops its schedule; its incidents end.
pub async fn pause(actions: &Actions, org: OrgId, who: Actor, id: MonitorId) -> Result<Row, Error> {
    let mut db = actions.db.get().await?;
    let tx = db.transaction().await?;
    let (change, old) = lock(actions, &tx, org, id).await?;
    let ended = monitors_edit::pause(&tx, change, &old, actions.by(who)).await?;
    tx.commit().await?;
    tell(actions, org, id, Event::MonitorChanged { monitor: id }, &ended).await;
    reload(actions, &db, org, id, false).await
}

/// Starts its schedule again.
pub async fn resume(actions: &Actions, org: OrgId, who: Actor, id: MonitorId) -> Result<Row, Error> {
    let mut db = actions.db.get().await?;
    let tx = db.transaction().await?;
    let (change, old) = lock(actions, &tx, org, id).await?;
    monitors_edit::resume(&tx, change, &old, actions.by(who)).await?;
    tx.commit().await?;
    tell(actions, org, id, Event::MonitorChanged { monitor: id }, &[]).await;
    reload(actions, &db, org, id, !old.monitor.enabled()).await
}

/// Checks it now, from all its regions.
pub async fn check(actions: &Actions, org: OrgId, id: MonitorId) -> Result<Asked, Error> {
    let db = actions.db.get().await?;
    let row = monitors::get(&db, org, id).await?.ok_or(Error::NotFound)?;
    if !row.monitor.enabled() {
        return Err(Error::Conflict("the monitor is paused: resume it, which also checks it at once".to_owned()));
    }
    let asked = check::ask(actions, &db, &row, By::Button(org)).await?;
    if asked.regions.is_empty() {
        let mend = "no region is registered that could check it: start a probe, or choose other `regions`";
        return Err(Error::Conflict(mend.to_owned()));
    }
    Ok(asked)
}

async fn lock(actions: &Actions, tx: &Transaction<'_>, org: OrgId, id: MonitorId) -> Result<(Change, Row), Error> {
    let change = Change::begin(tx, org, actions.config.quota.limits()).await?;
    let old = monitors::lock(tx, &change, id).await?.ok_or(Error::NotFound)?;
    Ok((change, old))
}

/// Tells dashboards what was committed: the change, and the incidents that ended with it.
async fn tell(actions: &Actions, org: OrgId, monitor: MonitorId, event: Event, ended: &[Uuid]) {
    let over = ended.iter().map(|id| OfIncident::Resolved.event(*id, Some(monitor)));
    let notices: Vec<_> = std::iter::once(event).chain(over).map(|event| Notice::of(org, event)).collect();
    actions.publisher.publish(&notices).await;
}

/// The monitor after a change was committed; `checks` asks for a check of it at once, where it is watched.
async fn reload(actions: &Actions, db: &Connection, org: OrgId, id: MonitorId, checks: bool) -> Result<Row, Error> {
    let row = monitors::get(db, org, id).await?.ok_or(Error::NotFound)?;
    if checks && row.monitor.enabled() {
        check::request(actions, db, &row, org).await;
    }
    Ok(row)
}
