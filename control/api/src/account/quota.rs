//! `/api/v1/quota`: what the organisation has of what it may have.

use std::sync::Arc;

use serde::Serialize;
use store::quota;
use utoipa::{OpenApi, ToSchema};
use warp::{Filter, Reply};

use crate::{
    App,
    auth::{Viewer, viewer},
    page::{Answer, Group, Route, json, with},
};

/// What this page answers.
pub(crate) const ROUTES: &[Route] = &[("GET", "/api/v1/quota")];

/// What the organisation has of what it may have.
#[derive(Serialize, ToSchema)]
#[schema(as = Quota)]
struct QuotaAnswer {
    /// Monitors, paused ones included.
    monitors: Part,
    /// Scheduled checks a minute: 60 / `interval` of each monitor that is not paused, times its regions.
    checks_per_minute: Part,
}

/// One thing that may be limited.
#[derive(Serialize, ToSchema)]
#[schema(as = QuotaPart)]
struct Part {
    used: f64,
    /// Null where there is no limit.
    #[schema(required)]
    limit: Option<u32>,
}

pub(crate) fn routes(app: &Arc<App>) -> Group {
    let path = warp::path!("api" / "v1" / "quota");
    let get = path.and(warp::get()).and(viewer(app)).and(with(app)).then(get);
    get.map(|answer: Answer| answer.into_response()).boxed()
}

#[derive(OpenApi)]
#[openapi(paths(get))]
pub(crate) struct Docs;

/// Show what the organisation has of what it may have.
#[utoipa::path(get, path = "/api/v1/quota", tag = "Monitors", responses((status = 200, body = QuotaAnswer)))]
async fn get(who: Viewer, app: Arc<App>) -> Answer {
    let used = quota::used(&app.db.get().await?, who.org).await?;
    let quota = &app.config.quota;
    let part = |used, limit: u32| Part { used, limit: (limit > 0).then_some(limit) };
    Ok(json(&QuotaAnswer {
        monitors: part(used.monitors as f64, quota.monitors),
        checks_per_minute: part(used.checks_per_minute, quota.checks_per_minute),
    }))
}
