//! One lane: its keys, its clock, what is held of it, and the three loops that serve it.
//!
//! ```text
//! taker     permits → XREADGROUP → dispatch            one line, blocking
//! keeper    TIME → renew leases → claim lapsed → dispatch   one line
//! reporter  outcomes, 100 ms or 512 → MULTI; fleet facts    one line
//! ```
//!
//! Lanes share the process's permits, hosts, pulse and checker, and nothing else: each may live on a Redis of its own.

use std::{
    sync::{Arc, atomic::AtomicBool},
    time::Instant,
};

use tokio::{
    sync::{OwnedSemaphorePermit, mpsc},
    task::JoinSet,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use wire::{Clock, Error, Keys, Line, Link, Streams};

use super::{
    Shared, connection,
    dispatch::Dispatch,
    health::{Health, Role},
    keeper,
    ledger::Ledger,
    reporter, taker,
};

/// What a lane's loops share.
pub(crate) struct Lane {
    pub(crate) shared: Arc<Shared>,
    pub(crate) link: Link,
    pub(crate) keys: Keys,
    pub(crate) clock: Clock,
    /// Whether it was said that this machine's clock is off.
    pub(crate) clock_off: AtomicBool,
    pub(crate) ledger: Ledger,
    pub(crate) health: Arc<Health>,
    /// The checks running now.
    pub(crate) checks: TaskTracker,
}

/// A lane's way to Redis, before anything was said.
pub(crate) struct Door {
    pub(crate) shared: Arc<Shared>,
    pub(crate) link: Link,
    pub(crate) keys: Keys,
    pub(crate) health: Arc<Health>,
}

/// Serves a lane until `stop`, and then until everything held of it is reported. An error is a loop that ended unasked.
pub(crate) async fn serve(door: Door, stop: CancellationToken) -> Result<(), String> {
    let Some(lane) = stop.run_until_cancelled(open(door)).await else { return Ok(()) };
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
async fn open(door: Door) -> Lane {
    let mut failures = 0;
    loop {
        match try_open(&door).await {
            Ok((streams, now_ms)) => return door.into_lane(streams, now_ms),
            Err(why) => {
                failures += 1;
                door.shared.metrics.redis_errors.inc();
                door.health.lost(Role::Joiner, &why.to_string());
                connection::pause(failures).await;
            }
        }
    }
}

async fn try_open(door: &Door) -> Result<(Streams, i64), Error> {
    let mut line = door.link.own().await?;
    let streams = wire::ensure_groups(&mut line, &door.keys, &door.shared.config.region_id).await?;
    Ok((streams, line.time_ms().await?))
}

impl Door {
    fn into_lane(self, streams: Streams, now_ms: i64) -> Lane {
        let Self { shared, link, keys, health } = self;
        health.works(Role::Joiner);
        health.joined();
        tracing::info!(stream = keys.jobs(), region = %shared.config.region_id, "joined the region's group");
        say_isolated(&keys, &streams);
        let ledger = Ledger::new(streams, shared.metrics.inflight.clone());
        let (clock, clock_off) = (Clock::new(now_ms), AtomicBool::default());
        let lane = Lane { shared, link, keys, clock, clock_off, ledger, health, checks: TaskTracker::new() };
        lane.note_clock();
        lane
    }
}

fn say_isolated(keys: &Keys, streams: &Streams) {
    if streams.isolated {
        let stream = keys.jobs();
        tracing::info!(
            stream,
            "no permission on the shared stream: isolated, so this region's own stream alone is read"
        );
    }
}

impl Lane {
    /// Creates what is absent of the groups, again. Whether the streams are others now: then nothing of the old is held.
    pub(crate) async fn join(&self, line: &mut Line) -> Result<bool, Error> {
        let streams = wire::ensure_groups(line, &self.keys, &self.shared.config.region_id).await?;
        let moved = self.ledger.move_to(streams);
        if moved {
            say_isolated(&self.keys, &self.ledger.streams());
        }
        Ok(moved)
    }

    /// Looks at the tick, and gives up what was held across a gap: it must be neither reported nor renewed.
    pub(crate) fn give_up_void(&self) {
        let Some(gap_end) = self.shared.pulse.gap_end(Instant::now()) else { return };
        let void = self.ledger.give_up_before(gap_end);
        if void > 0 {
            self.shared.metrics.void.inc_by(void as u64);
            tracing::warn!(jobs = void, "gave up jobs held while this worker did not run: their leases lapse");
        }
    }

    /// At least `least` permits, waiting for them, and then a share of those free: never all, so that the other lanes'
    /// reads and the claims find some while this lane waits in a blocking read. At most `most`.
    pub(crate) async fn permits(&self, least: usize, most: usize) -> Option<OwnedSemaphorePermit> {
        let all = &self.shared.permits;
        let mut permits = Arc::clone(all).acquire_many_owned(u32::try_from(least).ok()?).await.ok()?;
        let readers = usize::from(self.shared.config.stream.lanes) + 1;
        let share = (all.available_permits() / readers).min(most.saturating_sub(least));
        if let Ok(more) = Arc::clone(all).try_acquire_many_owned(share as u32) {
            permits.merge(more);
        }
        Some(permits)
    }
}
