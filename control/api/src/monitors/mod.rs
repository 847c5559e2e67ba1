//! `/api/v1/monitors`: what to watch.

pub(crate) mod answer;
pub(crate) mod body;
pub(crate) mod bulk;
mod exposition;
mod families;
mod live;
pub(crate) mod metrics;
mod tried;
pub(crate) mod try_out;
pub(crate) mod verdict;

use std::sync::Arc;

use ::http::StatusCode;
use actions::monitors;
use domain::monitor::Monitor;
use serde::Serialize;
use serde_json::Value;
use store::monitors::{self as rows, Filter as Wanted, Row};
use utoipa::{IntoParams, OpenApi, ToSchema};
use warp::{Filter, Reply};
use wire::{MonitorId, Region};

use crate::{
    App,
    auth::{Editor, Viewer, editor, viewer},
    page::{Answer, Group, Route, created, json, no_content, with},
    problem::ApiError,
    query::{Page, Paging, Query, query},
};

use self::{
    answer::MonitorAnswer,
    body::{MonitorBody, MonitorPatch},
    live::LiveMonitors,
};

/// What this page answers.
pub(crate) const ROUTES: &[Route] = &[
    ("GET", "/api/v1/monitors"),
    ("POST", "/api/v1/monitors"),
    ("GET", "/api/v1/monitors/{id}"),
    ("PATCH", "/api/v1/monitors/{id}"),
    ("DELETE", "/api/v1/monitors/{id}"),
    ("POST", "/api/v1/monitors/{id}/pause"),
    ("POST", "/api/v1/monitors/{id}/resume"),
    ("POST", "/api/v1/monitors/{id}/check"),
];

pub(crate) fn routes(app: &Arc<App>) -> Group {
    let all = warp::path!("api" / "v1" / "monitors");
    let one = warp::path!("api" / "v1" / "monitors" / MonitorId);
    let list = all.and(warp::get()).and(viewer(app)).and(query()).and(with(app)).then(list);
    let create = all.and(warp::post()).and(editor(app)).and(crate::body::body()).and(with(app)).then(create);
    let get = one.and(warp::get()).and(viewer(app)).and(with(app)).then(get);
    let patch = one.and(warp::patch()).and(editor(app)).and(crate::body::body()).and(with(app)).then(patch);
    let delete = one.and(warp::delete()).and(editor(app)).and(with(app)).then(delete);
    let pause = warp::path!("api" / "v1" / "monitors" / MonitorId / "pause");
    let pause = pause.and(warp::post()).and(editor(app)).and(with(app)).then(pause_one);
    let resume = warp::path!("api" / "v1" / "monitors" / MonitorId / "resume");
    let resume = resume.and(warp::post()).and(editor(app)).and(with(app)).then(resume_one);
    let check = warp::path!("api" / "v1" / "monitors" / MonitorId / "check");
    let check = check.and(warp::post()).and(editor(app)).and(with(app)).then(check_one);
    let page = list.or(create).unify().or(get).unify().or(patch).unify().or(delete).unify();
    let page = page.or(pause).unify().or(resume).unify().or(check).unify();
    page.map(|answer: Answer| answer.into_response()).boxed()
}

#[derive(OpenApi)]
#[openapi(paths(list, create, get, patch, delete, pause_one, resume_one, check_one))]
pub(crate) struct Docs;

/// Which monitors a list shows, and how.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "its schema is its use")]
struct Narrowed {
    /// Found in the name or URL.
    q: Option<String>,
    /// Of this status; with `view=live` several, with commas between.
    status: Option<String>,
    /// With this tag.
    tag: Option<String>,
    /// `live`: all of them at once, briefly, with the place in the events to go on from; without paging.
    view: Option<String>,
    /// With `view=live`: checked from this region.
    region: Option<String>,
    /// With `view=live`: `severity`, `name`, `since` or `-since`.
    sort: Option<String>,
}

/// What a list of monitors answers: a page of them, or with `view=live` all, briefly.
#[derive(ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "its schema is its use")]
enum MonitorList<'a> {
    Page(Page<MonitorAnswer>),
    Live(LiveMonitors<'a>),
}

/// List monitors, newest first.
#[utoipa::path(
    get, path = "/api/v1/monitors", tag = "Monitors", params(Narrowed, Paging),
    responses((status = 200, body = MonitorList)),
)]
async fn list(who: Viewer, mut query: Query, app: Arc<App>) -> Answer {
    if live::is_wanted(&mut query)? {
        return live::list(who, query, app).await;
    }
    let wanted = Wanted {
        after: query.take("after")?,
        search: query.text("q")?,
        status: query.take("status")?,
        tag: query.text("tag")?,
    };
    let limit = query.limit()?;
    query.end()?;
    let (db, now) = (app.db.get().await?, app.clock.now());
    let mut rows = rows::list(&db, who.org, &wanted, limit as i64 + 1, now).await?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(|row| row.id.to_string());
    Ok(json(&Page { items: answer::of(&app, &db, &rows).await?, next }))
}

/// Show one monitor.
#[utoipa::path(
    get, path = "/api/v1/monitors/{id}", tag = "Monitors", params(("id" = Uuid, Path)),
    responses((status = 200, body = MonitorAnswer)),
)]
async fn get(id: MonitorId, who: Viewer, app: Arc<App>) -> Answer {
    let row = rows::get(&app.db.get().await?, who.org, id).await?.ok_or(ApiError::NotFound)?;
    Ok(json(&answer(&app, row).await?))
}

/// Make a monitor; its first check runs at once.
#[utoipa::path(
    post, path = "/api/v1/monitors", tag = "Monitors", request_body = MonitorBody, security(("bearer" = ["editor"])),
    responses((status = 201, body = MonitorAnswer)),
)]
async fn create(who: Editor, body: Value, app: Arc<App>) -> Answer {
    let row = monitors::create(&app.actions, who.org, Monitor::parse(&body)?).await?;
    let at = format!("/api/v1/monitors/{}", row.id);
    Ok(created(&at, &answer(&app, row).await?))
}

/// Change what a JSON Merge Patch (RFC 7396) of the body names.
#[utoipa::path(
    patch, path = "/api/v1/monitors/{id}", tag = "Monitors", params(("id" = Uuid, Path)), request_body = MonitorPatch,
    security(("bearer" = ["editor"])), responses((status = 200, body = MonitorAnswer)),
)]
async fn patch(id: MonitorId, who: Editor, body: Value, app: Arc<App>) -> Answer {
    let row = monitors::edit(&app.actions, who.org, who.actor, id, &body).await?;
    Ok(json(&answer(&app, row).await?))
}

/// Remove a monitor; its incidents end.
#[utoipa::path(
    delete, path = "/api/v1/monitors/{id}", tag = "Monitors", params(("id" = Uuid, Path)), security(("bearer" = ["editor"])),
    responses((status = 204, description = "Removed.")),
)]
async fn delete(id: MonitorId, who: Editor, app: Arc<App>) -> Answer {
    monitors::delete(&app.actions, who.org, who.actor, id).await?;
    Ok(no_content())
}

/// Stop a monitor's schedule; its incidents end.
#[utoipa::path(
    post, path = "/api/v1/monitors/{id}/pause", tag = "Monitors", params(("id" = Uuid, Path)), security(("bearer" = ["editor"])),
    responses((status = 200, body = MonitorAnswer)),
)]
async fn pause_one(id: MonitorId, who: Editor, app: Arc<App>) -> Answer {
    let row = monitors::pause(&app.actions, who.org, who.actor, id).await?;
    Ok(json(&answer(&app, row).await?))
}

/// Start a monitor's schedule again, and check at once.
#[utoipa::path(
    post, path = "/api/v1/monitors/{id}/resume", tag = "Monitors", params(("id" = Uuid, Path)), security(("bearer" = ["editor"])),
    responses(
        (status = 200, body = MonitorAnswer),
        (status = 422, description = "Your organisation's quota has no room for it."),
    ),
)]
async fn resume_one(id: MonitorId, who: Editor, app: Arc<App>) -> Answer {
    let row = monitors::resume(&app.actions, who.org, who.actor, id).await?;
    Ok(json(&answer(&app, row).await?))
}

/// What was asked for.
#[derive(Serialize, ToSchema)]
struct Asked {
    /// The results' slot: this second.
    slot: i64,
    /// Who was asked.
    #[schema(value_type = Vec<String>)]
    regions: Vec<Region>,
}

/// Check now, from all regions of a monitor; the results follow in seconds.
#[utoipa::path(
    post, path = "/api/v1/monitors/{id}/check", tag = "Monitors", params(("id" = Uuid, Path)), security(("bearer" = ["editor"])),
    responses(
        (status = 202, body = Asked),
        (status = 409, description = "It is paused, or no region is registered that could check it."),
        (status = 429, description = "Too many checks on request: of this monitor, this host or your organisation. `Retry-After` says how long to wait."),
    ),
)]
async fn check_one(id: MonitorId, who: Editor, app: Arc<App>) -> Answer {
    let asked = monitors::check(&app.actions, who.org, id).await?;
    let asked = Asked { slot: asked.slot, regions: asked.regions };
    Ok(warp::reply::with_status(json(&asked), StatusCode::ACCEPTED).into_response())
}

async fn answer(app: &App, row: Row) -> Result<MonitorAnswer, ApiError> {
    let answers = answer::of(app, &app.db.get().await?, &[row]).await?;
    answers.into_iter().next().ok_or(ApiError::NotFound)
}
