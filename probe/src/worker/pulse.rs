//! Whether this process was running at all: a tick every 250 ms, and the end of the last gap between two of them.
//!
//! A process that was stopped (SIGSTOP, a frozen container, a starved machine) wakes up to deadlines that passed
//! while nobody looked. What it measured across such a gap says nothing about any site. `CLOCK_MONOTONIC` goes on
//! during a stop, so `Instant` sees the gap. This file does not know what a gap makes void.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

/// How often the pulse beats.
pub(crate) const BEAT: Duration = Duration::from_millis(250);

/// Longest time between two beats of a process that is well.
pub(crate) const LIVE: Duration = Duration::from_secs(5);

/// Microseconds are counted from `origin`, so that both moments fit an atomic.
#[derive(Debug)]
pub(crate) struct Pulse {
    origin: Instant,
    limit: Duration,
    last: AtomicU64,
    /// 0 before the first gap.
    gap_end: AtomicU64,
}

impl Pulse {
    /// A pulse that takes more than `limit` between two beats for a gap.
    pub(crate) fn new(limit: Duration, now: Instant) -> Self {
        Self { origin: now, limit, last: AtomicU64::new(0), gap_end: AtomicU64::new(0) }
    }

    /// The ticker's turn. Returns the length of the gap that ends here, if one does.
    pub(crate) fn beat(&self, now: Instant) -> Option<Duration> {
        let gap = self.notice(now);
        self.last.fetch_max(self.micros(now), Ordering::AcqRel);
        gap
    }

    /// The end of the latest gap. A gap that lasts until now ends now: whoever wakes first sees it, not only the
    /// ticker.
    pub(crate) fn gap_end(&self, now: Instant) -> Option<Instant> {
        self.notice(now);
        match self.gap_end.load(Ordering::Acquire) {
            0 => None,
            micros => Some(self.origin + Duration::from_micros(micros)),
        }
    }

    /// How long ago the last beat was.
    pub(crate) fn age(&self, now: Instant) -> Duration {
        Duration::from_micros(self.micros(now).saturating_sub(self.last.load(Ordering::Acquire)))
    }

    /// The first to notice a gap ends it, by beating in the ticker's place: one gap has one end.
    fn notice(&self, now: Instant) -> Option<Duration> {
        let (last, micros) = (self.last.load(Ordering::Acquire), self.micros(now));
        let gap = Duration::from_micros(micros.saturating_sub(last));
        if gap <= self.limit {
            return None;
        }
        self.gap_end.fetch_max(micros, Ordering::AcqRel);
        let first = self.last.compare_exchange(last, micros, Ordering::AcqRel, Ordering::Relaxed).is_ok();
        if first {
            tracing::warn!(gap_ms = gap.as_millis() as u64, "this worker did not run: checks it held are void");
        }
        first.then_some(gap)
    }

    fn micros(&self, now: Instant) -> u64 {
        now.saturating_duration_since(self.origin).as_micros() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Beats at each of `beats` (milliseconds), then looks at `look`: the end of the latest gap.
    fn gap_end(beats: &[u64], look: u64) -> Option<u64> {
        let origin = Instant::now();
        let at = |ms| origin + Duration::from_millis(ms);
        let pulse = Pulse::new(Duration::from_secs(2), origin);
        for beat in beats {
            pulse.beat(at(*beat));
        }
        pulse.gap_end(at(look)).map(|end| (end - origin).as_millis() as u64)
    }

    #[test]
    fn only_long_gaps_count_and_the_last_one_stays() {
        assert_eq!(gap_end(&[250, 500, 750], 900), None);
        assert_eq!(gap_end(&[250, 2_250], 2_300), None);
        assert_eq!(gap_end(&[250, 5_000, 5_250], 5_300), Some(5_000));
        assert_eq!(gap_end(&[3_000, 3_250, 9_000, 9_250], 9_300), Some(9_000));
    }

    #[test]
    fn whoever_looks_first_sees_the_gap() {
        assert_eq!(gap_end(&[250], 14_000), Some(14_000));
        let origin = Instant::now();
        let at = |ms| origin + Duration::from_millis(ms);
        let pulse = Pulse::new(Duration::from_secs(2), origin);
        assert_eq!(pulse.gap_end(at(14_000)), Some(at(14_000)));
        assert_eq!(pulse.beat(at(14_100)), None, "one gap has one end");
        assert_eq!(pulse.gap_end(at(14_200)), Some(at(14_000)));
        assert_eq!(pulse.age(at(14_600)), Duration::from_millis(500));
    }
}
