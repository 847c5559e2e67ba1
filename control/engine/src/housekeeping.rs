//! What has to be done now and then, by whichever replica gets to it: days of results made ahead and dropped for age,
//! closed hours summarised, names nobody uses forgotten. Every step is idempotent, so replicas need not agree.

use std::{sync::Arc, time::Duration};

use domain::keys::Lane;
use tokio_util::sync::CancellationToken;

use crate::Engine;

/// How often the round is made.
const ROUND: Duration = Duration::from_secs(30);
const DAY: i64 = 86_400;
/// Seconds that closing may be late, by a takeover or two.
const CLOSING_TAKES: i64 = 30;
/// Days for which people can look up what was sent, and what was answered.
const TOLD_FOR: i64 = 90;

/// Makes rounds until the token is cancelled.
pub async fn run(engine: Arc<Engine>, token: CancellationToken) {
    loop {
        if let Err(why) = round(&engine).await {
            tracing::warn!(%why, "housekeeping was interrupted; the next round goes on");
        }
        tokio::select! {
            () = token.cancelled() => return,
            () = tokio::time::sleep(ROUND) => {}
        }
    }
}

async fn round(engine: &Engine) -> Result<(), store::Error> {
    store::partitions::make_around(&engine.work).await?;
    for lane in 0..engine.lanes.len() as i16 {
        summarise(engine, Lane(lane)).await?;
    }
    measure_coverage(engine).await?;
    drop_old(engine).await
}

async fn summarise(engine: &Engine, lane: Lane) -> Result<(), store::Error> {
    while let Some(hour) =
        store::partitions::summarise_next(&engine.work, lane, engine.config.alerting.coverage).await?
    {
        tracing::debug!(%lane, hour, "an hour is summarised");
    }
    Ok(())
}

async fn measure_coverage(engine: &Engine) -> Result<(), store::Error> {
    // The newest minute that should be closed by now.
    let to = engine.clock.now() - engine.config.times.close.as_secs() as i64 - CLOSING_TAKES;
    let (checked, stored, closed) = store::partitions::coverage(&engine.work, to - 60, to).await?;
    // Where nothing was expected, nothing was missed; what is not closed was not covered.
    let covered = if stored == 0 { 1.0 } else { checked as f64 / stored as f64 };
    engine.metrics.coverage.set(covered * closed);
    Ok(())
}

async fn drop_old(engine: &Engine) -> Result<(), store::Error> {
    let (closed, _) = store::partitions::span(&engine.work).await?;
    let raw = closed - engine.config.retention.raw.as_secs() as i64;
    for name in
        store::partitions::drop_before(&engine.work, raw.min(closed - store::partitions::DAYS_BEHIND * DAY)).await?
    {
        tracing::info!(partition = name, "a day of raw results is older than retention.raw: dropped");
    }
    store::partitions::purge_deleted(&engine.work, raw).await?;
    store::skips::forget(&engine.work, raw).await?;
    store::replicas::forget(&engine.work).await?;
    store::sign_ins::forget_expired(&engine.work.get().await?).await?;
    store::partitions::forget_hours(&engine.work, closed - engine.config.retention.hourly.as_secs() as i64).await?;
    forget_told(engine).await?;
    store::workers::forget(&engine.work).await
}

/// Tries, and what was told of incidents that are over; some of them per round.
async fn forget_told(engine: &Engine) -> Result<(), store::Error> {
    let db = engine.work.get().await?;
    store::deliveries::forget(&db, TOLD_FOR).await?;
    store::outbox::forget(&db, TOLD_FOR).await?;
    Ok(())
}
