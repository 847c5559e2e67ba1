//! Works on a lane whenever no other replica does: takes its lease, runs its pusher and its ingester, and lets both go
//! together when either cannot go on.

pub mod progress;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::{
    app::App,
    clocks, ingester,
    keys::Lane,
    pusher,
    store::{self, Session},
};

use progress::Progress;

/// How often a lane without owner is looked for.
const LOOK: Duration = Duration::from_secs(1);

/// Looks after `lane` until the token is cancelled.
pub async fn run(app: Arc<App>, lane: i16, token: CancellationToken) {
    let lane = Lane(lane);
    app.metrics.know_lane(lane);
    let Some(keys) = app.lanes.get(lane.0 as usize) else { return };
    let mut apart = false;
    while !token.is_cancelled() {
        let ended = take_turn(&app, lane, keys, &token).await;
        let was_apart = std::mem::replace(&mut apart, matches!(ended, Err(ingester::Failure::Clocks(_))));
        if let Err(why) = ended {
            if apart {
                app.health.set(&clocks_condition(lane), Err(why.to_string()));
            }
            // It is found again each second until somebody sets the clocks right.
            if !(apart && was_apart) {
                tracing::warn!(%lane, %why, "the lane is let go; whoever takes it next reads everything again");
            }
        }
        app.metrics.let_go(lane);
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
    app: &Arc<App>,
    lane: Lane,
    keys: &wire::Keys,
    token: &CancellationToken,
) -> Result<(), ingester::Failure> {
    let (asked, lease) = (Instant::now(), app.config.times.lane_lease);
    // A replica that cannot reach Redis leaves the lane to one that can.
    let now_ms = app.link.short().await?.time_ms().await?;
    app.clock.observe(now_ms);
    let (is_free, postgres_ms) = store::lanes::is_free(&app.work, lane).await?;
    // Looked at before the lane is read in, large as it may be.
    clocks::agree(now_ms, postgres_ms, asked.elapsed())?;
    app.health.clear(&clocks_condition(lane));
    if !is_free {
        return Ok(());
    }
    let Some(epoch) = store::lanes::take(&app.work, lane, &app.replica, lease).await? else { return Ok(()) };
    tracing::info!(%lane, epoch, "the lane is ours");
    app.metrics.take_lane(lane);
    // No row may come before its day.
    store::partitions::make_around(&app.work).await?;
    let session = Session::open(&app.config, &format!("upguard lane {lane}")).await?;
    let progress = Arc::new(Progress::default());
    let ingesting = ingester::run(app, lane, keys, epoch, session, (&progress, token));
    // On a task of its own, so that both have a core; it ends when this set is dropped.
    let mut pushing = JoinSet::new();
    pushing.spawn(pusher::run(Arc::clone(app), lane, keys.clone(), Arc::clone(&progress)));
    let ended = tokio::select! {
        ended = ingesting => ended,
        // It never ends unless it panics: then the lane is better off elsewhere.
        Some(_) = pushing.join_next() => Err(ingester::Failure::Alone),
    };
    pushing.shutdown().await;
    app.health.clear(&pusher::condition(lane));
    if ended.is_ok() {
        store::lanes::release(&app.work, lane, epoch).await?;
    }
    ended
}
