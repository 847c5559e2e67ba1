//! Works on a lane whenever no other replica does: takes its lease, runs its pusher and its ingester, and lets both go
//! together when either cannot go on.

pub mod progress;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use domain::{clocks, keys::Lane, time::Slot};
use store::Session;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::{Engine, ingester, pusher};

use progress::Progress;

/// How often a lane without owner is looked for.
const LOOK: Duration = Duration::from_secs(1);

/// Looks after `lane` until the token is cancelled.
pub async fn run(engine: Arc<Engine>, lane: i16, token: CancellationToken) {
    let lane = Lane(lane);
    engine.metrics.know_lane(lane);
    let Some(keys) = engine.lanes.get(lane.0 as usize) else { return };
    let mut apart = false;
    while !token.is_cancelled() {
        let ended = take_turn(&engine, lane, keys, &token).await;
        let was_apart = std::mem::replace(&mut apart, matches!(ended, Err(ingester::Failure::Clocks(_))));
        if let Err(why) = ended {
            if apart {
                engine.health.set(&clocks_condition(lane), Err(why.to_string()));
            }
            // It is found again each second until somebody sets the clocks right.
            if !(apart && was_apart) {
                tracing::warn!(%lane, %why, "the lane is let go; whoever takes it next reads everything again");
            }
        }
        engine.metrics.let_go(lane);
        tokio::select! {
            () = token.cancelled() => {}
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

/// What `/readyz` calls it when the servers' clocks differ, so that nobody works on a lane.
fn clocks_condition(lane: Lane) -> String {
    format!("lane {lane} clocks")
}

/// Takes the lane if nobody holds it, and works on it for as long as it can.
async fn take_turn(
    engine: &Arc<Engine>,
    lane: Lane,
    keys: &wire::Keys,
    token: &CancellationToken,
) -> Result<(), ingester::Failure> {
    let (asked, lease) = (Instant::now(), engine.config.times.lane_lease);
    // A replica that cannot reach Redis leaves the lane to one that can.
    let now_ms = engine.link.short().await?.time_ms().await?;
    engine.clock.observe(now_ms);
    let (is_free, postgres_ms) = store::lanes::is_free(&engine.work, lane).await?;
    // Looked at before the lane is read in, large as it may be.
    clocks::agree(now_ms, postgres_ms, asked.elapsed())?;
    engine.health.clear(&clocks_condition(lane));
    if !is_free {
        return Ok(());
    }
    let Some(epoch) = store::lanes::take(&engine.work, lane, &engine.replica, lease).await? else { return Ok(()) };
    tracing::info!(%lane, epoch, "the lane is ours");
    engine.metrics.take_lane(lane);
    // No row may come before its day.
    store::partitions::make_around(&engine.work).await?;
    let session = Session::open(&engine.config, &format!("upguard lane {lane}")).await?;
    let position = store::lanes::position(&session, lane).await?;
    // Before the pusher begins: where owner after owner can store nothing, results pile up all the same.
    let progress = Arc::new(Progress::default());
    progress.heard(Slot(position.heard).start());
    let ingesting = ingester::run(engine, lane, keys, (epoch, position), session, (&progress, token));
    // On a task of its own, so that both have a core; it ends when this set is dropped.
    let mut pushing = JoinSet::new();
    pushing.spawn(pusher::run(Arc::clone(engine), lane, keys.clone(), Arc::clone(&progress)));
    let ended = tokio::select! {
        ended = ingesting => ended,
        // It never ends unless it panics: then the lane is better off elsewhere.
        Some(_) = pushing.join_next() => Err(ingester::Failure::Alone),
    };
    pushing.shutdown().await;
    engine.health.clear(&pusher::condition(lane));
    if ended.is_ok() {
        store::lanes::release(&engine.work, lane, epoch).await?;
    }
    ended
}
