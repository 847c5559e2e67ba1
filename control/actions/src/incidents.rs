//! What people do about an incident. Each is committed first; then dashboards are told.

use channels::live::Notice;
use domain::{actor::Actor, event::OfIncident, ids::OrgId, incident::State};
use serde_json::json;
use store::{Transaction, incidents, incidents_read};
use uuid::Uuid;
use wire::MonitorId;

use crate::{Actions, Error};

/// Somebody looks after it: no more reminders.
pub async fn acknowledge(actions: &Actions, org: OrgId, id: Uuid, who: Actor) -> Result<(), Error> {
    let mut db = actions.db.get().await?;
    let tx = db.transaction().await?;
    let (state, monitor) = lock(&tx, org, id).await?;
    match state {
        State::Open => incidents::acknowledge(&tx, id, who, actions.clock.now()).await?,
        State::Acknowledged => return Err(conflict("somebody acknowledged this incident already")),
        State::Resolved => return Err(conflict("this incident is over: there is nothing left to acknowledge")),
    }
    tx.commit().await?;
    tell(actions, org, OfIncident::Acknowledged, id, monitor).await;
    Ok(())
}

/// Ends it; checks go on.
pub async fn resolve(actions: &Actions, org: OrgId, id: Uuid, who: Actor) -> Result<(), Error> {
    let mut db = actions.db.get().await?;
    let tx = db.transaction().await?;
    let (state, monitor) = lock(&tx, org, id).await?;
    if state == State::Resolved {
        return Err(conflict("this incident is over already"));
    }
    incidents::resolve(&tx, vec![(id, json!({}))], actions.clock.now(), Some(who)).await?;
    tx.commit().await?;
    tell(actions, org, OfIncident::Resolved, id, monitor).await;
    Ok(())
}

/// Says something about it, even when all is over.
pub async fn comment(actions: &Actions, org: OrgId, id: Uuid, who: Actor, text: &str) -> Result<(), Error> {
    let mut db = actions.db.get().await?;
    let tx = db.transaction().await?;
    let (_, monitor) = lock(&tx, org, id).await?;
    incidents::comment(&tx, id, who, text).await?;
    tx.commit().await?;
    tell(actions, org, OfIncident::Updated, id, monitor).await;
    Ok(())
}

async fn lock(tx: &Transaction<'_>, org: OrgId, id: Uuid) -> Result<(State, Option<MonitorId>), Error> {
    incidents_read::lock(tx, org, id).await?.ok_or(Error::NotFound)
}

fn conflict(why: &str) -> Error {
    Error::Conflict(why.to_owned())
}

async fn tell(actions: &Actions, org: OrgId, what: OfIncident, incident: Uuid, monitor: Option<MonitorId>) {
    actions.publisher.publish(&[Notice::of(org, what.event(incident, monitor))]).await;
}
