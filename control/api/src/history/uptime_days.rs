//! `GET /api/v1/monitors/{id}/uptime` and `GET /api/v1/uptime`: uptime day by day, of one monitor and of all.

use std::sync::Arc;

use domain::days::{self, UptimeDays};
use store::{monitors, uptime_days};
use utoipa::OpenApi;
use warp::{Filter, Reply};
use wire::MonitorId;

use crate::{
    App,
    auth::{Viewer, viewer},
    page::{Answer, Group, Route, json, with},
    problem::ApiError,
    query::{Query, query},
};

/// What this page answers.
pub(crate) const ROUTES: &[Route] = &[("GET", "/api/v1/monitors/{id}/uptime"), ("GET", "/api/v1/uptime")];

pub(crate) fn routes(app: &Arc<App>) -> Group {
    let one = warp::path!("api" / "v1" / "monitors" / MonitorId / "uptime");
    let one = one.and(warp::get()).and(viewer(app)).and(query()).and(with(app)).then(of_monitor);
    let all = warp::path!("api" / "v1" / "uptime");
    let all = all.and(warp::get()).and(viewer(app)).and(query()).and(with(app)).then(of_all);
    one.or(all).unify().map(|answer: Answer| answer.into_response()).boxed()
}

#[derive(OpenApi)]
#[openapi(paths(of_monitor, of_all))]
pub(crate) struct Docs;

/// A monitor's uptime day by day.
///
/// Of closed slots; days are UTC.
#[utoipa::path(
    get, path = "/api/v1/monitors/{id}/uptime", tag = "Monitors",
    params(
        ("id" = Uuid, Path, description = "The monitor."),
        ("days" = Option<i64>, Query, minimum = 1, maximum = 366, description = "How many, today included; 90 where it is left out."),
    ),
    responses((status = 200, body = UptimeDays)),
)]
async fn of_monitor(id: MonitorId, who: Viewer, query: Query, app: Arc<App>) -> Answer {
    let (days, now) = (wanted(query)?, app.clock.now());
    let since = days::earliest(now);
    let db = app.db.get().await?;
    let row = monitors::get(&db, who.org, id).await?.ok_or(ApiError::NotFound)?;
    let (hours, outages) = tokio::try_join!(
        uptime_days::of_monitor(&db, row.key, since),
        uptime_days::outages(&db, who.org, Some(row.key), (since, now)),
    )?;
    Ok(json(&days::uptime(&hours, &outages, days, now)))
}

/// The uptime of all your monitors together, day by day.
///
/// Of closed slots, deleted monitors included; of very many monitors up to the last full hour. Days are UTC.
#[utoipa::path(
    get, path = "/api/v1/uptime", tag = "Monitors",
    params(
        ("days" = Option<i64>, Query, minimum = 1, maximum = 366, description = "How many, today included; 90 where it is left out."),
    ),
    responses((status = 200, body = UptimeDays)),
)]
async fn of_all(who: Viewer, query: Query, app: Arc<App>) -> Answer {
    let (days, now) = (wanted(query)?, app.clock.now());
    let since = days::earliest(now);
    let db = app.db.get().await?;
    let (hours, outages) = tokio::try_join!(
        uptime_days::of_organisation(&db, who.org, since),
        uptime_days::outages(&db, who.org, None, (since, now)),
    )?;
    Ok(json(&days::uptime(&hours, &outages, days, now)))
}

fn wanted(mut query: Query) -> Result<i64, ApiError> {
    let days = query.take("days")?.unwrap_or(90);
    query.end()?;
    if (1..=366).contains(&days) {
        Ok(days)
    } else {
        Err(ApiError::Malformed(format!("the parameter `days`: must be from 1 to 366, not {days}")))
    }
}
