//! `GET /api/v1/monitors/{id}/verdict`: why a monitor is what it is, in the form every change of its status is stored in.

use std::{collections::HashSet, sync::Arc};

use domain::{
    keys::RegionKey,
    schedule::{RegionRow, chosen, heard_since, owing},
    status::Status,
    time::Slot,
    verdict::{Explanation, Terms, explain},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::{
    Connection,
    incidents_read::{self, Alert},
    monitors::{self, Row},
    regions_list::{self, Worker},
    statuses,
};
use utoipa::{OpenApi, ToSchema};
use uuid::Uuid;
use warp::{Filter, Reply};
use wire::{MonitorId, Region};

use crate::{
    App,
    auth::{Viewer, viewer},
    page::{Answer, Group, Route, json, with},
    problem::ApiError,
    time::{moment, moment_s},
};

/// What this page answers.
pub(crate) const ROUTES: &[Route] = &[("GET", "/api/v1/monitors/{id}/verdict")];

pub(crate) fn routes(app: &Arc<App>) -> Group {
    let path = warp::path!("api" / "v1" / "monitors" / MonitorId / "verdict").and(warp::get());
    path.and(viewer(app)).and(with(app)).then(verdict).map(Reply::into_response).boxed()
}

#[derive(OpenApi)]
#[openapi(paths(verdict))]
pub(crate) struct Docs;

/// Why a monitor is what it is: what the latest results come to, with the monitor's own `status`.
#[derive(Serialize, ToSchema)]
struct VerdictAnswer {
    #[serde(flatten)]
    now: Explanation,
    /// What the latest results come to; `status` follows within a second.
    judged: Status,
    /// Since when the status is what it is.
    #[schema(format = DateTime)]
    since: String,
    /// Only while `status` is `unknown` because UpGuard itself stores no results: when it last did.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = DateTime)]
    unchecked_since: Option<String>,
    /// The same as it was when the status changed.
    #[schema(value_type = Option<Explanation>, required)]
    at_change: Option<Value>,
    /// The last news of the open incident, and whether people were told of it.
    #[schema(required)]
    alert: Option<VerdictAlert>,
}

/// What became of the last news of an incident.
#[derive(Serialize, ToSchema)]
struct VerdictAlert {
    incident: Uuid,
    #[schema(format = DateTime)]
    at: String,
    #[serde(flatten)]
    news: VerdictNews,
}

/// How the news was routed.
#[derive(Default, Deserialize, Serialize, ToSchema)]
struct VerdictNews {
    /// The name of the policy it went by.
    #[schema(required)]
    policy: Option<String>,
    /// Whether that sends such news.
    #[schema(required)]
    sends: Option<bool>,
    /// How many channels were told.
    #[schema(required)]
    told: Option<u32>,
}

/// Show why a monitor's status is what it is.
#[utoipa::path(
    get, path = "/api/v1/monitors/{id}/verdict", tag = "Monitors", params(("id" = Uuid, Path)),
    responses((status = 200, body = VerdictAnswer)),
)]
async fn verdict(id: MonitorId, who: Viewer, app: Arc<App>) -> Answer {
    let db = app.db.get().await?;
    let row = monitors::get(&db, who.org, id).await?.ok_or(ApiError::NotFound)?;
    let (at_change, alert) =
        tokio::try_join!(incidents_read::explanation(&db, row.key), incidents_read::alert(&db, row.key))?;
    let mut now = current(&app, &db, &row).await?;
    let shown = row.shown(app.clock.now());
    let judged = std::mem::replace(&mut now.status, shown.status);
    let (since, unchecked_since) = (moment_s(shown.since), shown.unchecked_since.map(moment_s));
    Ok(json(&VerdictAnswer { now, judged, since, unchecked_since, at_change, alert: alert.map(told) }))
}

/// What the stored rows come to now. The ingester knows them a moment earlier, so the status may be about to change.
async fn current(app: &App, db: &Connection, row: &Row) -> Result<Explanation, ApiError> {
    let now_ms = app.clock.now_ms();
    let now = now_ms.div_euclid(1000);
    let interval = row.monitor.interval().seconds();
    let from = heard_since(Slot(now), interval, app.config.times.close.into()).0;
    let (regions, workers, region_states) = tokio::try_join!(
        regions_list::all(db),
        regions_list::workers(db),
        statuses::region_states_of(db, row.key, from, now),
    )?;
    let chosen = chosen(row.monitor.regions(), &regions);
    let terms = Terms {
        rules: *row.monitor.rules(),
        interval,
        chosen: chosen.as_deref(),
        absent: &absent(app, &regions, &workers, now_ms),
        now_ms,
    };
    let owing: Vec<(RegionKey, Region)> =
        owing(&regions, None, now).map(|known| (known.key, known.region.clone())).collect();
    Ok(explain(&region_states, &terms, &owing))
}

/// The regions no worker spoke from for as long as the ingester waits.
fn absent(app: &App, regions: &[RegionRow], workers: &[Worker], now_ms: i64) -> HashSet<RegionKey> {
    let patience_ms = app.config.alerting.region_gone.as_millis() as i64;
    let heard = |worker: &&Worker| now_ms - worker.seen_at.timestamp_millis() < patience_ms;
    let there: HashSet<_> = workers.iter().filter(heard).map(|worker| worker.region).collect();
    regions.iter().map(|known| known.key).filter(|key| !there.contains(key)).collect()
}

fn told(alert: Alert) -> VerdictAlert {
    // An acknowledgement, a comment: nobody is told of these.
    let news = serde_json::from_value(alert.data).unwrap_or_default();
    VerdictAlert { incident: alert.incident, at: moment(alert.at), news }
}
