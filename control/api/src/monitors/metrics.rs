//! `GET /api/v1/metrics`: an organisation's monitors for its Prometheus, named as `blackbox_exporter` names them.

use std::{collections::BTreeMap, sync::Arc};

use ::http::{HeaderValue, header};
use domain::watched::Allowance;
use store::{monitors_watched, regions_list};
use utoipa::OpenApi;
use warp::{Filter, Reply};

use crate::{
    App,
    auth::{Scraper, scraper},
    monitors::exposition::{self},
    page::{Answer, Group, Route, with},
    problem::ApiError,
};

/// What this page answers.
pub(crate) const ROUTES: &[Route] = &[("GET", "/api/v1/metrics")];

/// What Prometheus' text format is called
/// (<https://prometheus.io/docs/instrumenting/exposition_formats/>).
pub(crate) const TEXT_FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";

pub(crate) fn routes(app: &Arc<App>) -> Group {
    let path = warp::path!("api" / "v1" / "metrics").and(warp::get());
    path.and(scraper(app)).and(with(app)).then(show).map(|answer: Answer| answer.into_response()).boxed()
}

#[derive(OpenApi)]
#[openapi(paths(show))]
pub(crate) struct Docs;

/// All monitors that are checked, in Prometheus' text format: the last word of each region on each.
///
/// Names and meanings are those of `blackbox_exporter`: `probe_success`, `probe_duration_seconds`,
/// `probe_http_duration_seconds{phase}` and the same of other kinds, `probe_http_status_code`, `probe_ssl_earliest_cert_expiry`, and
/// `probe_failure_reason{reason}`, by `monitor` (its id) and `region`; `upguard_monitor_info{kind, monitor, name, url}` has the
/// names. What was not checked is absent, never up: a region whose last word is `missed` or suspect, or older than two
/// intervals and a minute, has no series, and neither has a paused monitor, nor one that is `unknown` since UpGuard itself
/// stores no results. `upguard_series_cut` says how many series the
/// setting `metrics.series` left no room for.
#[utoipa::path(
    get, path = "/api/v1/metrics", tag = "Monitors", security(("bearer" = ["metrics"])),
    responses((status = 200, body = String, content_type = "text/plain")),
)]
async fn show(who: Scraper, app: Arc<App>) -> Answer {
    let db = app.db.get().await?;
    let regions = regions_list::all(&db).await?;
    let allowance = Allowance::of(app.config.metrics.series);
    let (monitors, cut) = monitors_watched::all(&db, who.org, allowance, app.clock.now()).await?;
    drop(db);
    let names: BTreeMap<_, _> = regions.into_iter().map(|row| (row.key, row.region)).collect();
    let page = tokio::task::spawn_blocking(move || exposition::page(&monitors, &names, cut)).await;
    let page = page.map_err(|why| ApiError::Internal(why.to_string()))?;
    let page = page.map_err(|why| ApiError::Internal(why.to_string()))?;
    app.metrics.series_cut.inc_by(cut.unsigned_abs());
    let mut response = page.into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(TEXT_FORMAT));
    Ok(response)
}
