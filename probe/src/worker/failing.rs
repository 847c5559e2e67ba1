//! Which monitors fail now, as far as this worker saw: the evidence of a failure is told once, not with every check of
//! an outage. Bounded: in a mass outage what has no room here has no evidence, and Redis is not flooded.

use std::{
    collections::HashMap,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use wire::MonitorId;

/// Monitors remembered at most.
const MOST: usize = 4_096;

/// A failure this long after the first is told again.
const MEMORY: Duration = Duration::from_mins(10);

/// The monitors whose failure was told, and when.
#[derive(Debug, Default)]
pub(crate) struct Failing {
    told: Mutex<HashMap<MonitorId, Instant>>,
    /// How many these are: a check that is up looks no further than this while nothing fails.
    count: AtomicUsize,
}

impl Failing {
    /// Whether a failure of `monitor` at `now` is the first of its run. It is told from then on.
    pub(crate) fn is_news(&self, monitor: MonitorId, now: Instant) -> bool {
        let mut told = self.told();
        let old = |since: &Instant| now.saturating_duration_since(*since) >= MEMORY;
        match told.get(&monitor) {
            Some(since) if !old(since) => return false,
            None if told.len() >= MOST => {
                told.retain(|_, since| !old(since));
                if told.len() >= MOST {
                    return false;
                }
            }
            _ => {}
        }
        told.insert(monitor, now);
        self.count.store(told.len(), Ordering::Relaxed);
        true
    }

    /// `monitor` does not fail any more.
    pub(crate) fn forget(&self, monitor: MonitorId) {
        if self.count.load(Ordering::Relaxed) == 0 {
            return;
        }
        let mut told = self.told();
        told.remove(&monitor);
        self.count.store(told.len(), Ordering::Relaxed);
    }

    fn told(&self) -> MutexGuard<'_, HashMap<MonitorId, Instant>> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn monitor(number: usize) -> MonitorId {
        MonitorId(Uuid::from_u128(number as u128))
    }

    #[test]
    fn news_is_the_first_failure_of_a_run() {
        let (failing, now) = (Failing::default(), Instant::now());
        assert!(failing.is_news(monitor(1), now));
        assert!(!failing.is_news(monitor(1), now + Duration::from_mins(9)));
        assert!(failing.is_news(monitor(2), now));
        failing.forget(monitor(1));
        assert!(failing.is_news(monitor(1), now), "it was well in between");
        assert!(failing.is_news(monitor(2), now + MEMORY), "a long outage is told again");
    }

    #[test]
    fn memory_is_bounded_and_room_comes_back() {
        let (failing, now) = (Failing::default(), Instant::now());
        assert!((0..MOST).all(|number| failing.is_news(monitor(number), now)));
        assert!(!failing.is_news(monitor(MOST), now), "no room");
        failing.forget(monitor(7));
        assert!(failing.is_news(monitor(MOST), now));
        assert!(!failing.is_news(monitor(MOST + 1), now));
        assert!(failing.is_news(monitor(MOST + 1), now + MEMORY));
        assert_eq!(failing.told().len(), 1, "what is old went");
    }
}
