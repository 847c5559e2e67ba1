//! `GET /api/v1/monitors/{id}/series`: how long checks took, and what they found, over a range of time.

use std::sync::Arc;

use domain::{
    incident::Level,
    keys::RegionKey,
    schedule::RegionRow,
    series::{Lines, Part, Range, lines},
};
use serde::Serialize;
use store::{
    Connection, monitors, regions_list,
    series::{self, Span},
};
use utoipa::{OpenApi, ToSchema};
use uuid::Uuid;
use warp::{Filter, Reply};
use wire::{MonitorId, Region};

use crate::{
    App,
    auth::{Viewer, viewer},
    incidents::Since,
    page::{Answer, Group, Route, json, with},
    problem::ApiError,
    query::{Query, query},
};

/// What this page answers.
pub(crate) const ROUTES: &[Route] = &[("GET", "/api/v1/monitors/{id}/series")];

/// Slots that are looked up one by one; of more, summaries of hours are shown. A short range is worth the wait, since
/// a handful of hours is no chart.
const LOOKED_UP: i64 = 2_000;
const LOOKED_UP_OF_A_DAY: i64 = 20_000;
const DAY: i64 = 86_400;

/// Charts of a monitor.
#[derive(Serialize, ToSchema)]
struct Series<'a> {
    /// Unix seconds; the first step begins with it.
    from: i64,
    to: i64,
    /// Seconds of a step.
    step: i64,
    /// Unix seconds of each step's begin; all lists of a region are as long.
    at: Vec<i64>,
    regions: Vec<RegionSeries<'a>>,
    /// Of all regions together.
    all: Lines,
    /// Incidents that overlap the range.
    incidents: Vec<IncidentSpan>,
}

/// The chart of a region.
#[derive(Serialize, ToSchema)]
struct RegionSeries<'a> {
    #[schema(value_type = String)]
    region: &'a Region,
    #[serde(flatten)]
    lines: Lines,
}

/// An incident on a chart.
#[derive(Serialize, ToSchema)]
struct IncidentSpan {
    id: Uuid,
    /// How bad it was at its worst.
    level: Level,
    /// Unix seconds.
    from: i64,
    /// Null while it is open.
    #[schema(required)]
    to: Option<i64>,
}

pub(crate) fn routes(app: &Arc<App>) -> Group {
    let path = warp::path!("api" / "v1" / "monitors" / MonitorId / "series");
    let show = path.and(warp::get()).and(viewer(app)).and(query()).and(with(app)).then(show);
    show.map(|answer: Answer| answer.into_response()).boxed()
}

#[derive(OpenApi)]
#[openapi(paths(show))]
pub(crate) struct Docs;

/// How long checks took, and what they found, over a range of time.
///
/// At most 1,500 steps: single results where the range is short, else hours and more. Scheduled checks alone; what is
/// suspect is left out. Percentiles of hours are at most 5 % off.
#[utoipa::path(
    get, path = "/api/v1/monitors/{id}/series", tag = "Monitors",
    params(
        ("id" = Uuid, Path, description = "The monitor."),
        ("from" = Option<String>, Query, description = "RFC 3339 or unix seconds; a day before `to` where it is left out."),
        ("to" = Option<String>, Query, description = "Likewise; now where it is left out."),
        ("region" = Option<String>, Query, description = "This region alone."),
    ),
    responses((status = 200, body = Series)),
)]
async fn show(id: MonitorId, who: Viewer, mut query: Query, app: Arc<App>) -> Answer {
    let now = app.clock.now();
    let to = query.take::<Since>("to")?.map_or(now, |to| to.0.min(now));
    let from = query.take::<Since>("from")?.map_or(to.saturating_sub(DAY), |from| from.0);
    let region = query.take::<Region>("region")?;
    query.end()?;
    if from >= to {
        return Err(ApiError::Malformed("the parameter `from`: must be before `to`, and not after now".to_owned()));
    }
    let db = app.db.get().await?;
    let row = monitors::get(&db, who.org, id).await?.ok_or(ApiError::NotFound)?;
    let regions = regions_list::all(&db).await?;
    let region = region.map(|name| key_of(&regions, &name)).transpose()?;
    let (range, parts) = found(&app, &db, &row, (from, to), region).await?;
    let incidents = series::incidents(&db, who.org, row.key, (range.from, range.to)).await?;
    drop(db);
    let (by_region, all) = lines(range, &parts);
    let named = by_region.into_iter().filter_map(|(key, lines)| {
        let region = &regions.iter().find(|known| known.key == key)?.region;
        Some(RegionSeries { region, lines })
    });
    let mut named: Vec<_> = named.collect();
    named.sort_by(|a, b| a.region.cmp(b.region));
    let Range { from, to, step } = range;
    let incidents = incidents.iter().map(shown).collect();
    Ok(json(&Series { from, to, step, at: range.moments(), regions: named, all, incidents }))
}

/// Single results where they are there and few, else hours.
async fn found(
    app: &App,
    db: &Connection,
    row: &monitors::Row,
    (from, to): (i64, i64),
    region: Option<RegionKey>,
) -> Result<(Range, Vec<Part>), ApiError> {
    let are_kept = from >= app.clock.now() - app.config.retention.raw.as_secs() as i64;
    let most = if to - from <= DAY + 2 * 3_600 { LOOKED_UP_OF_A_DAY } else { LOOKED_UP };
    let interval = row.monitor.interval().seconds().into();
    if let Some(fine) = Range::fine(from, to, interval).filter(|_| are_kept)
        && series::slots(db, row.key, fine.from, to).await? <= most
    {
        return Ok((fine, series::fine(db, row.key, (fine.from, to), fine.step, region).await?));
    }
    let coarse = Range::coarse(from, to)
        .ok_or_else(|| ApiError::Malformed("the parameter `from`: at most 1,499 days before `to`".to_owned()))?;
    Ok((coarse, series::coarse(db, row.key, (coarse.from, to), region).await?))
}

fn shown(span: &Span) -> IncidentSpan {
    let Span { id, level, from, to } = *span;
    IncidentSpan { id, level, from, to }
}

fn key_of(regions: &[RegionRow], name: &Region) -> Result<RegionKey, ApiError> {
    let known = regions.iter().find(|known| known.region == *name);
    known.map(|known| known.key).ok_or_else(|| ApiError::Malformed(format!("no region `{name}` is registered")))
}
