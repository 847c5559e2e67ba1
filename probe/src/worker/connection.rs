//! A line to Redis that is dialled again until it is back.

use std::{sync::Arc, time::Duration};

use wire::{Error, Line};

use super::{health::Role, lane::Lane};

/// The first pause after a failure; each further one doubles it.
const FIRST_PAUSE: Duration = Duration::from_millis(50);

/// No pause is longer. Shorter than a renewal round (3 s): after an outage every worker has renewed its leases before
/// any other, one round later, begins to claim.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// How long joining again may take.
const REJOIN: Duration = Duration::from_secs(5);

/// One loop's connection.
pub(crate) struct Connection {
    lane: Arc<Lane>,
    role: Role,
    line: Option<Line>,
    failures: u32,
}

impl Connection {
    /// Not dialled yet.
    pub(crate) fn new(lane: &Arc<Lane>, role: Role) -> Self {
        Self { lane: Arc::clone(lane), role, line: None, failures: 0 }
    }

    /// Whether there is a line that has not failed.
    pub(crate) fn is_open(&self) -> bool {
        self.line.is_some()
    }

    /// The line, dialled if need be.
    pub(crate) async fn line(&mut self) -> Result<&mut Line, Error> {
        let line = match self.line.take() {
            Some(line) => line,
            None if self.role == Role::Taker => self.lane.link.blocking().await?,
            None => self.lane.link.own().await?,
        };
        Ok(self.line.insert(line))
    }

    /// The last command was answered.
    pub(crate) fn works(&mut self) {
        self.failures = 0;
        self.lane.health.works(self.role);
    }

    /// Makes the next try worth its while: creates a lost group again, or hangs up and waits a little.
    pub(crate) async fn recover(&mut self, why: &Error) {
        self.failures += 1;
        // A group that is gone again right after it was made is no case for a hot loop.
        if self.failures == 1 && self.rejoin(why).await {
            self.lane.shared.metrics.redis_errors.inc();
            return;
        }
        self.hang_up(&why.to_string());
        pause(self.failures).await;
    }

    /// Gives up the line; the next one is dialled.
    pub(crate) fn hang_up(&mut self, why: &str) {
        self.line = None;
        self.lane.shared.metrics.redis_errors.inc();
        self.lane.health.lost(self.role, why);
    }

    /// Whether `why` says that the groups are gone or the region is isolated now, and joining again helped.
    async fn rejoin(&mut self, why: &Error) -> bool {
        let may_help = why.is_group_gone() || (why.is_no_permission() && self.role == Role::Taker);
        let Some(line) = self.line.as_mut().filter(|_| may_help) else { return false };
        // The taker's line has no response timeout of its own.
        match tokio::time::timeout(REJOIN, self.lane.join(line)).await {
            Ok(Ok(moved)) => {
                tracing::warn!(%why, "the group was gone, or the rights to it: joined again");
                moved || why.is_group_gone()
            }
            _ => false,
        }
    }
}

/// Waits before the next try, the longer the more `failures` in a row. Jitter keeps a region's workers from knocking all
/// at once.
pub(crate) async fn pause(failures: u32) {
    tokio::time::sleep(pause_after(failures).mul_f64(rand::random_range(0.5..1.0))).await;
}

fn pause_after(failures: u32) -> Duration {
    FIRST_PAUSE.saturating_mul(1 << failures.saturating_sub(1).min(10)).min(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_bound() {
        let pauses: Vec<_> = (1..=8).map(|failures| pause_after(failures).as_millis()).collect();
        assert_eq!(pauses, [50, 100, 200, 400, 800, 1_600, 2_000, 2_000]);
        assert_eq!(pause_after(u32::MAX), Duration::from_secs(2));
    }
}
