//! Ages by lane that go on growing while nobody measures them: what stands still must not look as fresh as it was when it
//! was last looked at.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::Instant,
};

use prometheus::GaugeVec;

use crate::keys::Lane;

/// One age for each lane.
#[derive(Debug)]
pub struct Ages {
    gauge: GaugeVec,
    /// What was measured of the lanes this replica works on, and when.
    measured: Mutex<BTreeMap<Lane, (Instant, f64)>>,
}

impl Ages {
    pub(super) fn new(gauge: GaugeVec) -> Self {
        Self { gauge, measured: Mutex::default() }
    }

    /// The lane's series, at zero.
    pub(super) fn know(&self, lane: Lane) {
        self.gauge.with_label_values(&[lane.to_string()]).set(0.0);
    }

    /// What was measured just now.
    pub fn set(&self, lane: Lane, seconds: f64) {
        self.measured.lock().unwrap_or_else(PoisonError::into_inner).insert(lane, (Instant::now(), seconds));
    }

    /// The lane is somebody else's now, who measures it.
    pub(super) fn let_go(&self, lane: Lane) {
        self.measured.lock().unwrap_or_else(PoisonError::into_inner).remove(&lane);
        self.know(lane);
    }

    /// Brings the series to `now`.
    pub(super) fn grow(&self, now: Instant) {
        for (lane, (then, seconds)) in self.measured.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            let age = seconds + now.saturating_duration_since(*then).as_secs_f64();
            self.gauge.with_label_values(&[lane.to_string()]).set(age);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use prometheus::Opts;

    use super::*;

    #[test]
    fn an_age_grows_until_it_is_measured_again_or_let_go() {
        let ages = Ages::new(GaugeVec::new(Opts::new("age", "age"), &["lane"]).unwrap());
        let lane = Lane(0);
        let read = |later: u64| {
            ages.grow(Instant::now() + Duration::from_secs(later));
            ages.gauge.with_label_values(&["0"]).get()
        };
        ages.know(lane);
        assert!(read(60) <= 0.0, "nobody measured it here");
        ages.set(lane, 2.0);
        assert!((2.0..3.0).contains(&read(0)));
        assert!((62.0..63.0).contains(&read(60)));
        ages.set(lane, 0.0);
        assert!((0.0..1.0).contains(&read(0)));
        ages.let_go(lane);
        assert!(read(60) <= 0.0);
    }
}
