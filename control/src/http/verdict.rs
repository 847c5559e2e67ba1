//! `GET /api/v1/monitors/{id}/verdict`: why a monitor is what it is, in the form every change of its status is stored in.

use std::{collections::HashSet, sync::Arc};

use serde_json::{Value, json};
use warp::{Filter, Reply};
use wire::{MonitorId, Region};

use super::{
    Answer, ApiError, Group, Route,
    auth::{Viewer, viewer},
    json,
    time::{moment, moment_ms},
    with,
};
use crate::{
    app::App,
    keys::RegionKey,
    ledger::RegionRow,
    store::{
        Connection,
        incidents_read::{self, Alert},
        monitors::{self, Row},
        regions_list::{self, Worker},
        statuses,
    },
    verdict::{Explanation, Terms, explain},
};

/// What this page answers.
pub(super) const ROUTES: &[Route] = &[("GET", "/api/v1/monitors/{id}/verdict")];

pub(super) fn routes(app: &Arc<App>) -> Group {
    let path = warp::path!("api" / "v1" / "monitors" / MonitorId / "verdict").and(warp::get());
    path.and(viewer(app)).and(with(app)).then(verdict).map(Reply::into_response).boxed()
}

async fn verdict(id: MonitorId, who: Viewer, app: Arc<App>) -> Answer {
    let db = app.db.get().await?;
    let row = monitors::get(&db, who.org, id).await?.ok_or(ApiError::NotFound)?;
    let (at_change, alert) =
        tokio::try_join!(incidents_read::explanation(&db, row.key), incidents_read::alert(&db, row.key))?;
    let mut answer = json!(current(&app, &db, &row).await?);
    let facts = json!({
        "status": row.status,
        "judged": answer["status"],
        "since": moment_ms(row.since * 1000),
        "at_change": at_change,
        "alert": alert.as_ref().map(told),
    });
    if let (Value::Object(answer), Value::Object(facts)) = (&mut answer, facts) {
        answer.extend(facts);
    }
    Ok(json(&answer))
}

/// What the stored rows come to now. The ingester knows them a moment earlier, so the status may be about to change.
async fn current(app: &App, db: &Connection, row: &Row) -> Result<Explanation, ApiError> {
    let now_ms = app.clock.now_ms();
    let now = now_ms.div_euclid(1000);
    let interval = row.monitor.interval().seconds();
    // What is silent is closed by then, and says so.
    let from = now - 2 * i64::from(interval) - app.config.times.close.as_secs() as i64;
    let (regions, workers, voices) = tokio::try_join!(
        regions_list::all(db),
        regions_list::workers(db),
        statuses::voices_of(db, row.key, from, now),
    )?;
    let chosen = chosen(row, &regions);
    let terms = Terms {
        rules: *row.monitor.rules(),
        interval,
        chosen: chosen.as_deref(),
        absent: &absent(app, &regions, &workers, now_ms),
        now_ms,
    };
    let owing = regions.iter().filter(|known| known.owes(now));
    let owing: Vec<(RegionKey, Region)> = owing.map(|known| (known.key, known.region.clone())).collect();
    Ok(explain(&voices, &terms, &owing))
}

fn chosen(row: &Row, regions: &[RegionRow]) -> Option<Vec<i16>> {
    let names = row.monitor.regions();
    let keys = regions.iter().filter(|known| names.contains(&known.region)).map(|known| known.key.0);
    (!names.is_empty()).then(|| keys.collect())
}

/// The regions no worker spoke from for as long as the ingester waits.
fn absent(app: &App, regions: &[RegionRow], workers: &[Worker], now_ms: i64) -> HashSet<RegionKey> {
    let patience_ms = app.config.alerting.region_gone.as_millis() as i64;
    let heard = |worker: &&Worker| now_ms - worker.seen_at.timestamp_millis() < patience_ms;
    let there: HashSet<_> = workers.iter().filter(heard).map(|worker| worker.region).collect();
    regions.iter().map(|known| known.key).filter(|key| !there.contains(key)).collect()
}

fn told(alert: &Alert) -> Value {
    let Alert { incident, at, data } = alert;
    json!({
        "incident": incident, "at": moment(*at), "policy": data["policy"], "sends": data["sends"], "told": data["told"],
    })
}
