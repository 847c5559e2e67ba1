//! What has to be done now and then, by whichever replica gets to it: days of results made ahead and dropped for age,
//! closed hours summarised, names nobody uses forgotten. Every step is idempotent, so replicas need not agree.

use std::{sync::Arc, time::Duration};

use tokio_util::sync::CancellationToken;

use crate::{app::App, keys::Lane, store};

/// How often the round is made.
const ROUND: Duration = Duration::from_secs(30);
const DAY: i64 = 86_400;
/// Seconds that closing may be late, by a takeover or two.
const CLOSING_TAKES: i64 = 30;
/// Days for which people can look up what was sent, and what was answered.
const TOLD_FOR: i64 = 90;

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

async fn round(app: &App) -> Result<(), store::Error> {
    store::partitions::make_around(&app.work).await?;
    for lane in 0..app.lanes.len() as i16 {
        summarise(app, Lane(lane)).await?;
    }
    measure_coverage(app).await?;
    drop_old(app).await
}

async fn summarise(app: &App, lane: Lane) -> Result<(), store::Error> {
    while let Some(hour) = store::partitions::summarise_next(&app.work, lane, app.config.alerting.coverage).await? {
        tracing::debug!(%lane, hour, "an hour is summarised");
    }
    Ok(())
}

async fn measure_coverage(app: &App) -> Result<(), store::Error> {
    // The newest minute that should be closed by now.
    let to = app.clock.now() - app.config.times.close.as_secs() as i64 - CLOSING_TAKES;
    let (checked, stored, closed) = store::partitions::coverage(&app.work, to - 60, to).await?;
    // Where nothing was expected, nothing was missed; what is not closed was not covered.
    let covered = if stored == 0 { 1.0 } else { checked as f64 / stored as f64 };
    app.metrics.coverage.set(covered * closed);
    Ok(())
}

async fn drop_old(app: &App) -> Result<(), store::Error> {
    let (closed, _) = store::partitions::span(&app.work).await?;
    let raw = closed - app.config.retention.raw.as_secs() as i64;
    for name in
        store::partitions::drop_before(&app.work, raw.min(closed - store::partitions::DAYS_BEHIND * DAY)).await?
    {
        tracing::info!(partition = name, "a day of raw results is older than retention.raw: dropped");
    }
    store::partitions::purge_deleted(&app.work, raw).await?;
    store::skips::forget(&app.work, raw).await?;
    store::replicas::forget(&app.work).await?;
    store::sign_ins::forget_expired(&app.work.get().await?).await?;
    store::partitions::forget_hours(&app.work, closed - app.config.retention.hourly.as_secs() as i64).await?;
    forget_told(app).await?;
    store::workers::forget(&app.work).await
}

/// Tries, and what was told of incidents that are over; some of them per round.
async fn forget_told(app: &App) -> Result<(), store::Error> {
    let db = app.work.get().await?;
    store::deliveries::forget(&db, TOLD_FOR).await?;
    store::outbox::forget(&db, TOLD_FOR).await?;
    Ok(())
}
