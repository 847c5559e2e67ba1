//! Serves one lane by three loops.
//!
//! ```text
//! taker     permits → XREADGROUP → dispatch            one line, blocking
//! keeper    TIME → renew leases → claim lapsed → dispatch   one line
//! reporter  outcomes, 100 ms or 512 → MULTI; fleet facts    one line
//! ```

use std::sync::Arc;

use tokio::{sync::mpsc, task::JoinSet};
use tokio_util::sync::CancellationToken;
use wire::{Error, Streams};

use super::{
    connection,
    dispatch::Dispatch,
    health::Role,
    keeper,
    lane::{Lane, LaneSettings},
    reporter, taker,
};

/// Serves a lane until `stop`, and then until everything held of it is reported. An error is a loop that ended unasked.
pub(crate) async fn serve(settings: LaneSettings, stop: CancellationToken) -> Result<(), String> {
    let Some(lane) = stop.run_until_cancelled(open(settings)).await else { return Ok(()) };
    let lane = Arc::new(lane);
    let (queue, finished) = mpsc::channel(lane.shared.config.concurrency);
    let dispatch = Dispatch::new(&lane, queue);
    let mut loops = JoinSet::new();
    loops.spawn(named("taker", taker::take_jobs(Arc::clone(&lane), dispatch.clone(), stop.clone())));
    loops.spawn(named("keeper", keeper::keep_leases(Arc::clone(&lane), dispatch, stop.clone())));
    loops.spawn(named("reporter", reporter::report_outcomes(Arc::clone(&lane), finished)));
    while let Some(ended) = loops.join_next().await {
        match ended {
            Err(why) => return Err(format!("a loop of a lane crashed: {why}")),
            Ok(name) if !stop.is_cancelled() => return Err(format!("the {name} ended unasked")),
            // Its queue has ended, so taker and checks have too: nothing is held any more that could be reported.
            Ok("reporter") => break,
            Ok(_) => {}
        }
    }
    Ok(())
}

async fn named(name: &'static str, of_lane: impl Future<Output = ()>) -> &'static str {
    of_lane.await;
    name
}

/// Joins the lane's groups, as often as it takes.
async fn open(settings: LaneSettings) -> Lane {
    let mut failures = 0;
    loop {
        match try_open(&settings).await {
            Ok((streams, now_ms)) => return settings.into_lane(streams, now_ms),
            Err(why) => {
                failures += 1;
                settings.shared.metrics.redis_errors.inc();
                settings.health.lost(Role::Joiner, &why.to_string());
                connection::pause(failures).await;
            }
        }
    }
}

async fn try_open(settings: &LaneSettings) -> Result<(Streams, i64), Error> {
    let mut line = settings.link.own().await?;
    let streams = wire::ensure_groups(&mut line, &settings.keys, &settings.shared.config.region_id).await?;
    Ok((streams, line.time_ms().await?))
}
