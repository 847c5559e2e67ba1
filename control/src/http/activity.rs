//! `GET /api/v1/activity`: what happened last, over all incidents.

use std::sync::Arc;

use serde::Serialize;
use utoipa::{OpenApi, ToSchema};
use uuid::Uuid;
use warp::{Filter, Reply};

use super::{
    Answer, Group, Route,
    auth::{Viewer, viewer},
    incident_answer::{MonitorName, Somebody, somebody},
    json,
    query::{Query, query},
    time::moment,
    with,
};
use crate::{
    app::App,
    incident::{Kind, Level, What},
    store::activity::{self, Happened},
};

/// What this page answers.
pub(super) const ROUTES: &[Route] = &[("GET", "/api/v1/activity")];

/// What happened last.
#[derive(Serialize, ToSchema)]
struct Activity {
    /// Newest first.
    items: Vec<Transition>,
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

pub(super) fn routes(app: &Arc<App>) -> Group {
    let path = warp::path!("api" / "v1" / "activity");
    let list = path.and(warp::get()).and(viewer(app)).and(query()).and(with(app)).then(list);
    list.map(|answer: Answer| answer.into_response()).boxed()
}

#[derive(OpenApi)]
#[openapi(paths(list))]
pub(super) struct Docs;

/// What happened last to your incidents, newest first.
///
/// Comments are left out.
#[utoipa::path(
    get, path = "/api/v1/activity", tag = "Incidents",
    params(("limit" = Option<u32>, Query, minimum = 1, maximum = 200, description = "How many; 50 where it is left out.")),
    responses((status = 200, body = Activity)),
)]
async fn list(who: Viewer, mut query: Query, app: Arc<App>) -> Answer {
    let limit = query.limit()?;
    query.end()?;
    let items = activity::latest(&app.db.get().await?, who.org, limit as i64).await?;
    Ok(json(&Activity { items: items.into_iter().map(shown).collect() }))
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
