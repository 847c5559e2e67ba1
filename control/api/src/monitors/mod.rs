//! `/api/v1/monitors`: what to watch.

pub(crate) mod answer;
pub(crate) mod body;
pub(crate) mod bulk;
pub(crate) mod check_now;
mod exposition;
mod families;
mod live;
pub(crate) mod metrics;
mod tried;
pub(crate) mod try_out;
pub(crate) mod verdict;

use std::sync::Arc;

use ::http::StatusCode;
use channels::live::Notice;
use domain::{ids::OrgId, monitor::Monitor};
use serde_json::{Value, json};
use store::{
    Connection, GenericClient, Refused,
    monitors::{self, Filter as Wanted, Row},
    monitors_edit,
    quota::Change,
};
use utoipa::{IntoParams, OpenApi, ToSchema};
use uuid::Uuid;
use warp::{Filter, Reply};
use wire::MonitorId;

use self::body::{MonitorBody, MonitorPatch};
use crate::{
    App,
    auth::{Editor, Viewer, editor, viewer},
    page::{Answer, Group, Route, created, json, no_content, with},
    problem::ApiError,
    query::{Page, Paging, Query, query},
};

use answer::MonitorAnswer;
use check_now::By;
use live::LiveMonitors;

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
    let mut rows = monitors::list(&db, who.org, &wanted, limit as i64 + 1, now).await?;
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
    let db = app.db.get().await?;
    let row = monitors::get(&db, who.org, id).await?.ok_or(ApiError::NotFound)?;
    Ok(json(&answer(&app, &db, row).await?))
}

/// Make a monitor; its first check runs at once.
#[utoipa::path(
    post, path = "/api/v1/monitors", tag = "Monitors", request_body = MonitorBody, security(("bearer" = ["editor"])),
    responses((status = 201, body = MonitorAnswer)),
)]
async fn create(who: Editor, body: Value, app: Arc<App>) -> Answer {
    let monitor = Monitor::parse(&body)?;
    let id = MonitorId(Uuid::now_v7());
    let mut db = app.db.get().await?;
    let tx = db.transaction().await?;
    monitors::create(&tx, who.org, &[(id, monitor)], app.lanes.len(), app.clock.now(), app.config.quota.limits())
        .await?;
    tx.commit().await?;
    tell(&app, who.org, id, "monitor.changed", &[]).await;
    let row = look_again(&app, &db, who.org, id, true).await?;
    Ok(created(&format!("/api/v1/monitors/{id}"), &answer(&app, &db, row).await?))
}

/// Change what a JSON Merge Patch (RFC 7396) of the body names.
#[utoipa::path(
    patch, path = "/api/v1/monitors/{id}", tag = "Monitors", params(("id" = Uuid, Path)), request_body = MonitorPatch,
    security(("bearer" = ["editor"])), responses((status = 200, body = MonitorAnswer)),
)]
async fn patch(id: MonitorId, who: Editor, body: Value, app: Arc<App>) -> Answer {
    let mut db = app.db.get().await?;
    let tx = db.transaction().await?;
    let change = Change::begin(&tx, who.org, app.config.quota.limits()).await?;
    let old = monitors::lock(&tx, &change, id).await?.ok_or(ApiError::NotFound)?;
    let new = old.monitor.merge(&body)?;
    let ended = monitors_edit::update(&tx, change, &old, &new, app.clock.now()).await?;
    tx.commit().await?;
    tell(&app, who.org, id, "monitor.changed", &ended).await;
    let asks_anew = new.target_differs(&old.monitor) || !old.monitor.enabled();
    let row = look_again(&app, &db, who.org, id, asks_anew).await?;
    Ok(json(&answer(&app, &db, row).await?))
}

/// Remove a monitor; its incidents end.
#[utoipa::path(
    delete, path = "/api/v1/monitors/{id}", tag = "Monitors", params(("id" = Uuid, Path)), security(("bearer" = ["editor"])),
    responses((status = 204, description = "Removed.")),
)]
async fn delete(id: MonitorId, who: Editor, app: Arc<App>) -> Answer {
    let mut db = app.db.get().await?;
    let tx = db.transaction().await?;
    let change = Change::begin(&tx, who.org, app.config.quota.limits()).await?;
    let old = monitors::lock(&tx, &change, id).await?.ok_or(ApiError::NotFound)?;
    let ended = monitors_edit::delete(&tx, &old, app.clock.now()).await?;
    tx.commit().await?;
    tell(&app, who.org, id, "monitor.deleted", &ended).await;
    Ok(no_content())
}

/// Stop a monitor's schedule; its incidents end.
#[utoipa::path(
    post, path = "/api/v1/monitors/{id}/pause", tag = "Monitors", params(("id" = Uuid, Path)), security(("bearer" = ["editor"])),
    responses((status = 200, body = MonitorAnswer)),
)]
async fn pause_one(id: MonitorId, who: Editor, app: Arc<App>) -> Answer {
    let mut db = app.db.get().await?;
    let tx = db.transaction().await?;
    let change = Change::begin(&tx, who.org, app.config.quota.limits()).await?;
    let old = monitors::lock(&tx, &change, id).await?.ok_or(ApiError::NotFound)?;
    let ended = monitors_edit::pause(&tx, change, &old, app.clock.now()).await?;
    tx.commit().await?;
    tell(&app, who.org, id, "monitor.changed", &ended).await;
    let row = look_again(&app, &db, who.org, id, false).await?;
    Ok(json(&answer(&app, &db, row).await?))
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
    let mut db = app.db.get().await?;
    let tx = db.transaction().await?;
    let change = Change::begin(&tx, who.org, app.config.quota.limits()).await?;
    let old = monitors::lock(&tx, &change, id).await?.ok_or(ApiError::NotFound)?;
    monitors_edit::resume(&tx, change, &old, app.clock.now()).await?;
    tx.commit().await?;
    tell(&app, who.org, id, "monitor.changed", &[]).await;
    let row = look_again(&app, &db, who.org, id, !old.monitor.enabled()).await?;
    Ok(json(&answer(&app, &db, row).await?))
}

/// Check now, from all regions of a monitor; the results follow in seconds.
#[utoipa::path(
    post, path = "/api/v1/monitors/{id}/check", tag = "Monitors", params(("id" = Uuid, Path)), security(("bearer" = ["editor"])),
    responses(
        (status = 202, body = check_now::Asked),
        (status = 409, description = "It is paused, or no region is registered that could check it."),
        (status = 429, description = "Too many checks on request: of this monitor, this host or your organisation. `Retry-After` says how long to wait."),
    ),
)]
async fn check_one(id: MonitorId, who: Editor, app: Arc<App>) -> Answer {
    let db = app.db.get().await?;
    let row = monitors::get(&db, who.org, id).await?.ok_or(ApiError::NotFound)?;
    if !row.monitor.enabled() {
        return Err(ApiError::Conflict("the monitor is paused: resume it, which also checks it at once".to_owned()));
    }
    let asked = check_now::ask(&app, &db, &row, By::Button(who.org)).await?;
    if asked.nobody() {
        return Err(ApiError::Conflict(
            "no region is registered that could check it: start a probe, or choose other `regions`".to_owned(),
        ));
    }
    Ok(warp::reply::with_status(json(&asked), StatusCode::ACCEPTED).into_response())
}

/// Tells dashboards what was committed: the change, and the incidents that ended with it.
async fn tell(app: &App, org: OrgId, monitor: MonitorId, event: &'static str, ended: &[Uuid]) {
    let notice = |event, data| Notice { organisation: Some(org), event, data };
    let over = ended.iter().map(|id| notice("incident.resolved", json!({"incident": id, "monitor": monitor})));
    let notices: Vec<_> = std::iter::once(notice(event, json!({ "monitor": monitor }))).chain(over).collect();
    app.publisher.publish(&notices).await;
}

/// The monitor after a change was committed; `checks` asks for a check of it at once, where it is watched.
async fn look_again(app: &App, db: &Connection, org: OrgId, id: MonitorId, checks: bool) -> Result<Row, ApiError> {
    let row = monitors::get(db, org, id).await?.ok_or(ApiError::NotFound)?;
    if checks && row.monitor.enabled() {
        check_now::nudge(app, db, &row, org).await;
    }
    Ok(row)
}

async fn answer(app: &App, db: &impl GenericClient, row: Row) -> Result<MonitorAnswer, ApiError> {
    let answers = answer::of(app, db, &[row]).await?;
    answers.into_iter().next().ok_or(ApiError::NotFound)
}

impl From<Refused> for ApiError {
    fn from(why: Refused) -> Self {
        match why {
            Refused::Invalid(problems) => Self::Invalid(problems),
            Refused::Store(why) => why.into(),
        }
    }
}
