//! One lane as its loops share it: its keys, its clock, what is held of it.
//!
//! Lanes share the process's permits, hosts, pulse and checker, and nothing else: each may live on a Redis of its own.

use std::{
    sync::{Arc, atomic::AtomicBool},
    time::Instant,
};

use tokio::sync::OwnedSemaphorePermit;
use tokio_util::task::TaskTracker;
use wire::{Clock, Error, Keys, Line, Link, Streams};

use super::{
    health::{Health, Role},
    ledger::Ledger,
    shared::Shared,
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
pub(crate) struct LaneSettings {
    pub(crate) shared: Arc<Shared>,
    pub(crate) link: Link,
    pub(crate) keys: Keys,
    pub(crate) health: Arc<Health>,
}

impl LaneSettings {
    pub(crate) fn into_lane(self, streams: Streams, now_ms: i64) -> Lane {
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
