//! `GET /api/v1/activity`: what happened last, over all incidents, and what was done with API keys.

use std::sync::Arc;

use domain::{
    api_key::Act,
    ids::ApiKeyId,
    incident::{Kind, Level, What},
};
use serde::Serialize;
use store::{
    activity::{self, Happened},
    api_keys::{self, Done},
};
use utoipa::{OpenApi, ToSchema};
use uuid::Uuid;
use warp::{Filter, Reply};

use crate::{
    App,
    auth::{Viewer, viewer},
    incidents::answer::{MonitorName, Somebody, somebody},
    page::{Answer, Group, Route, json, with},
    query::{Query, query},
    time::moment,
};

/// What this page answers.
pub(crate) const ROUTES: &[Route] = &[("GET", "/api/v1/activity")];

/// What happened last.
#[derive(Serialize, ToSchema)]
struct Activity {
    /// What happened to incidents, newest first.
    items: Vec<Transition>,
    /// What was done with API keys, newest first.
    keys: Vec<KeyAct>,
}

/// An API key that was made or revoked.
#[derive(Serialize, ToSchema)]
struct KeyAct {
    #[schema(format = DateTime)]
    at: String,
    what: Act,
    key: KeyName,
    /// Null where they are gone.
    #[schema(required)]
    who: Option<Somebody>,
}

/// A key's id and name.
#[derive(Serialize, ToSchema)]
struct KeyName {
    #[schema(value_type = Uuid)]
    id: ApiKeyId,
    name: String,
}

/// A transition of an incident.
#[derive(Serialize, ToSchema)]
struct Transition {
    incident: Uuid,
    #[schema(format = DateTime)]
    at: String,
    what: What,
    /// How bad it was then; of what is no change of level, how bad it was at its worst.
    level: Level,
    kind: Kind,
    /// Null where it is about a region.
    #[schema(required)]
    monitor: Option<MonitorName>,
    #[schema(value_type = Option<String>, required)]
    region: Option<wire::Region>,
    /// Null where the machine did it.
    #[schema(required)]
    who: Option<Somebody>,
}

pub(crate) fn routes(app: &Arc<App>) -> Group {
    let path = warp::path!("api" / "v1" / "activity");
    let list = path.and(warp::get()).and(viewer(app)).and(query()).and(with(app)).then(list);
    list.map(|answer: Answer| answer.into_response()).boxed()
}

#[derive(OpenApi)]
#[openapi(paths(list))]
pub(crate) struct Docs;

/// What happened last to your incidents and API keys, newest first.
///
/// Comments are left out.
#[utoipa::path(
    get, path = "/api/v1/activity", tag = "Incidents",
    params(("limit" = Option<u32>, Query, minimum = 1, maximum = 200, description = "How many of each; 50 where it is left out.")),
    responses((status = 200, body = Activity)),
)]
async fn list(who: Viewer, mut query: Query, app: Arc<App>) -> Answer {
    let limit = query.limit()?;
    query.end()?;
    let db = app.db.get().await?;
    let limit = limit as i64;
    let (items, keys) = tokio::try_join!(activity::latest(&db, who.org, limit), api_keys::done(&db, who.org, limit))?;
    Ok(json(&Activity { items: items.into_iter().map(shown).collect(), keys: keys.into_iter().map(key_act).collect() }))
}

fn key_act(it: Done) -> KeyAct {
    let (id, name) = it.key;
    KeyAct { at: moment(it.at), what: it.what, key: KeyName { id, name }, who: it.who.map(somebody) }
}

fn shown(it: Happened) -> Transition {
    Transition {
        incident: it.incident,
        at: moment(it.at),
        what: it.what,
        level: it.level,
        kind: it.kind,
        monitor: it.monitor.map(|(id, name)| MonitorName { id, name }),
        region: it.region,
        who: it.who.map(somebody),
    }
}
