//! What has to be done now and then, by whichever replica gets to it: days of results made ahead and dropped for age,
//! closed hours summarised, names nobody uses forgotten. Every step is idempotent, so replicas need not agree.

use std::{sync::Arc, time::Duration};

use tokio_util::sync::CancellationToken;
use wire::{GroupLag, Region};

use crate::{app::App, keys::Lane, store};

/// How often the round is made.
const ROUND: Duration = Duration::from_secs(30);
const DAY: i64 = 86_400;
/// Days for which people can look up what was sent, and what was answered.
const TOLD_FOR: i64 = 90;

/// Why a round was not finished. The next one begins anew.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Redis(#[from] wire::Error),
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// Makes rounds until the token is cancelled.
pub async fn run(app: Arc<App>, token: CancellationToken) {
    loop {
        if let Err(why) = round(&app).await {
            tracing::warn!(%why, "housekeeping was interrupted; the next round goes on");
        }
        tokio::select! {
            () = token.cancelled() => return,
            () = tokio::time::sleep(ROUND) => {}
        }
    }
}

async fn round(app: &App) -> Result<(), Failure> {
    store::partitions::make_around(&app.db).await?;
    for lane in 0..app.lanes.len() as i16 {
        summarise(app, Lane(lane)).await?;
    }
    measure_coverage(app).await?;
    drop_old(app).await?;
    measure_lags(app).await
}

async fn summarise(app: &App, lane: Lane) -> Result<(), Failure> {
    while let Some(hour) = store::partitions::summarise_next(&app.db, lane, app.config.alerting.coverage).await? {
        tracing::debug!(%lane, hour, "an hour is summarised");
    }
    Ok(())
}

async fn measure_coverage(app: &App) -> Result<(), Failure> {
    let (checked, expected) = store::partitions::coverage(&app.db).await?;
    // Where nothing was expected, nothing was missed.
    app.metrics.coverage.set(if expected == 0 { 1.0 } else { checked as f64 / expected as f64 });
    Ok(())
}

async fn drop_old(app: &App) -> Result<(), Failure> {
    let (closed, _) = store::partitions::span(&app.db).await?;
    let raw = closed - app.config.retention.raw.as_secs() as i64;
    for name in store::partitions::drop_before(&app.db, raw.min(closed - store::partitions::DAYS_BEHIND * DAY)).await? {
        tracing::info!(partition = name, "a day of raw results is older than retention.raw: dropped");
    }
    store::partitions::purge_deleted(&app.db, raw).await?;
    store::skips::forget(&app.db, raw).await?;
    store::sign_ins::forget_expired(&app.db.get().await?).await?;
    store::partitions::forget_hours(&app.db, closed - app.config.retention.hourly.as_secs() as i64).await?;
    forget_told(app).await?;
    Ok(store::workers::forget(&app.db).await?)
}

/// Tries, and what was told of incidents that are over; some of them per round.
async fn forget_told(app: &App) -> Result<(), Failure> {
    let db = app.db.get().await?;
    store::deliveries::forget(&db, TOLD_FOR).await?;
    store::outbox::forget(&db, TOLD_FOR).await?;
    Ok(())
}

/// How far each region's workers are behind, over all lanes.
async fn measure_lags(app: &App) -> Result<(), Failure> {
    let regions: Vec<Region> = store::schedule::regions(&app.db).await?.into_iter().map(|row| row.region).collect();
    let now_ms = app.clock.now_ms();
    let mut line = app.link.short().await?;
    let mut pending = std::collections::BTreeMap::<Region, (i64, f64)>::new();
    for keys in &app.lanes {
        for (region, lag) in wire::group_lags(&mut line, keys, &regions).await? {
            let known = pending.entry(region).or_default();
            known.0 += lag.pending as i64;
            known.1 = known.1.max(seconds_behind(&lag, now_ms));
        }
    }
    for (region, (pending, behind)) in pending {
        app.metrics.stream_pending.with_label_values(&[region.as_str()]).set(pending);
        app.metrics.stream_lag.with_label_values(&[region.as_str()]).set(behind);
    }
    Ok(())
}

fn seconds_behind(lag: &GroupLag, now_ms: i64) -> f64 {
    lag.oldest_undelivered_ms.map_or(0.0, |oldest| (now_ms - oldest as i64).max(0) as f64 / 1000.0)
}
