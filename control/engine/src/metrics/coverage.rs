//! The share of the slots that were checked, which falls while nobody can measure it.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use prometheus::Gauge;

/// How long a measurement holds: some rounds of whoever measures.
const HOLDS: Duration = Duration::from_secs(90);
/// After so long without one more, nothing of what is measured can have been checked.
const GONE: Duration = Duration::from_mins(1);

/// The gauge and the last measurement.
#[derive(Debug)]
pub struct Coverage {
    gauge: Gauge,
    measured: Mutex<Option<(Instant, f64)>>,
}

impl Coverage {
    pub(super) fn new(gauge: Gauge) -> Self {
        // Nothing is expected yet, so nothing was missed.
        gauge.set(1.0);
        Self { gauge, measured: Mutex::default() }
    }

    /// What was measured just now, 0 to 1.
    pub fn set(&self, ratio: f64) {
        *self.measured.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), ratio));
    }

    /// Brings the series to `now`.
    pub(super) fn shrink(&self, now: Instant) {
        let Some((then, ratio)) = *self.measured.lock().unwrap_or_else(PoisonError::into_inner) else { return };
        let overdue = now.saturating_duration_since(then).saturating_sub(HOLDS);
        let left = 1.0 - overdue.as_secs_f64() / GONE.as_secs_f64();
        self.gauge.set(ratio * left.max(0.0));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_measures_is_not_covered_for_long() {
        let coverage = Coverage::new(Gauge::new("coverage", "coverage").unwrap());
        let read = |later: u64| {
            coverage.shrink(Instant::now() + Duration::from_secs(later));
            coverage.gauge.get()
        };
        assert!((0.99..=1.0).contains(&read(1_000)), "nothing was ever expected");
        coverage.set(0.8);
        for (later, ratio) in [(0, 0.8), (89, 0.8), (120, 0.4), (150, 0.0), (1_000, 0.0)] {
            assert!((read(later) - ratio).abs() < 0.02, "{} after {later} s", read(later));
        }
    }
}
