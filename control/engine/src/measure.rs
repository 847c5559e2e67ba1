//! What is not counted where it happens but looked up for Prometheus: how far regions are behind and who works there, what is
//! open and what waits to be told, and how PostgreSQL and Redis are. Every replica looks for itself, and each look is alone:
//! while one server is away, the figures of the other stay fresh. It changes nothing.

use std::{sync::Arc, time::Duration};

use store::pulse::DatabaseState;
use tokio_util::sync::CancellationToken;
use wire::{GroupLag, Region};

use crate::Engine;

/// The sizes of PostgreSQL's tables change slowly and are dear to ask for: only one look in so many does.
const LOOKS_PER_SIZES: u32 = 6;
/// What was not answered by then is away.
const PATIENCE: Duration = Duration::from_secs(5);

/// Why a look found nothing.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Redis(#[from] wire::Error),
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error("no answer within {} s", PATIENCE.as_secs())]
    Late(#[from] tokio::time::error::Elapsed),
}

/// Looks until the token is cancelled.
pub async fn run(engine: Arc<Engine>, token: CancellationToken) {
    let mut until_sizes = 0;
    loop {
        tokio::select! {
            () = token.cancelled() => return,
            had_sizes = look(&engine, until_sizes == 0) => {
                until_sizes = if had_sizes { LOOKS_PER_SIZES - 1 } else { until_sizes.saturating_sub(1) };
            }
        }
        tokio::select! {
            () = token.cancelled() => return,
            () = tokio::time::sleep(engine.config.admin.measure) => {}
        }
    }
}

/// Returns whether it has sizes, where it `wants_sizes`.
async fn look(engine: &Engine, wants_sizes: bool) -> bool {
    let redis = async {
        let found = in_time(redis(engine)).await;
        engine.metrics.servers.redis(found.as_ref());
    };
    let postgres = async {
        let found = in_time(postgres(engine)).await;
        engine.metrics.servers.postgres(found);
    };
    tokio::join!(redis, postgres);
    let sizes = async { wants_sizes && in_time(sizes(engine)).await.is_some() };
    // The lags need both.
    tokio::join!(sizes, in_time(lags(engine))).0
}

/// Whether a server is away is said by whoever needs it, and by `/readyz`; here it is a figure.
async fn in_time<T>(look: impl Future<Output = Result<T, Failure>>) -> Option<T> {
    let found = tokio::time::timeout(PATIENCE, look).await.map_err(Failure::from).flatten();
    found.inspect_err(|why| tracing::debug!(%why, "a look for the metrics came to nothing")).ok()
}

async fn redis(engine: &Engine) -> Result<wire::ServerInfo, Failure> {
    Ok(engine.link.short().await?.server_info().await?)
}

/// All that one connection answers.
async fn postgres(engine: &Engine) -> Result<DatabaseState, Failure> {
    let (db, metrics) = (engine.db.get().await?, &engine.metrics);
    for (kind, open) in store::pulse::open_incidents(&db).await? {
        metrics.incidents_open.with_label_values(&[kind.as_str()]).set(open);
    }
    for (lane, monitors) in store::pulse::paused(&db).await? {
        metrics.paused(lane, monitors);
    }
    let (waiting, overdue) = store::pulse::waiting(&db).await?;
    metrics.outbox(waiting, overdue);
    let fleet = store::workers::by_region(&db, engine.clock.now_ms(), engine.config.alerting.region_gone).await?;
    metrics.regions.know(&fleet.iter().map(|(region, _)| region.clone()).collect::<Vec<_>>());
    for (region, workers) in &fleet {
        metrics.regions.workers(region, *workers);
    }
    Ok(store::pulse::database(&db).await?)
}

async fn sizes(engine: &Engine) -> Result<(), Failure> {
    let db = engine.db.get().await?;
    engine.metrics.servers.sizes(store::pulse::sizes(&db).await?);
    Ok(())
}

/// How far each region's workers are behind, over all lanes.
async fn lags(engine: &Engine) -> Result<(), Failure> {
    let regions = engine.metrics.regions.known();
    let now_ms = engine.clock.now_ms();
    let mut line = engine.link.short().await?;
    let mut all = std::collections::BTreeMap::<Region, (i64, f64)>::new();
    for keys in &engine.lanes {
        for (region, lag) in wire::group_lags(&mut line, keys, &regions).await? {
            let sum = all.entry(region).or_default();
            sum.0 += lag.pending as i64;
            sum.1 = sum.1.max(seconds_behind(&lag, now_ms));
        }
    }
    for (region, (pending, seconds)) in &all {
        engine.metrics.regions.behind(region, *pending, *seconds);
    }
    Ok(())
}

fn seconds_behind(lag: &GroupLag, now_ms: i64) -> f64 {
    lag.oldest_undelivered_ms.map_or(0.0, |oldest| (now_ms - oldest as i64).max(0) as f64 / 1000.0)
}
