//! Ages by lane that go on growing while nobody measures them: what stands still must not look as fresh as it was when it
//! was last looked at.
//!
//! Who works on a lane measures closely; every replica sees the same from afar, in the row of the lane. What is measured
//! closely wins, for as long as the lane is ours.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::Instant,
};

use domain::keys::Lane;
use prometheus::GaugeVec;

/// One age for each lane.
#[derive(Debug)]
pub struct Ages {
    gauge: GaugeVec,
    measured: Mutex<Measured>,
}

/// What was measured of each lane, and when.
#[derive(Debug, Default)]
struct Measured {
    closely: BTreeMap<Lane, (Instant, f64)>,
    from_afar: BTreeMap<Lane, (Instant, f64)>,
}

impl Measured {
    /// The age of a lane at `now`; nothing where it was never measured.
    fn age(&self, lane: Lane, now: Instant) -> Option<f64> {
        let (then, seconds) = self.closely.get(&lane).or_else(|| self.from_afar.get(&lane))?;
        Some(seconds + now.saturating_duration_since(*then).as_secs_f64())
    }
}

impl Ages {
    pub(super) fn new(gauge: GaugeVec) -> Self {
        Self { gauge, measured: Mutex::default() }
    }

    /// The lane's series, at zero.
    pub(super) fn know(&self, lane: Lane) {
        self.gauge.with_label_values(&[lane.to_string()]).set(0.0);
    }

    /// What was measured just now by who works on the lane.
    pub fn set(&self, lane: Lane, seconds: f64) {
        self.lock().closely.insert(lane, (Instant::now(), seconds));
    }

    /// What the row of the lane said just now.
    pub(super) fn see(&self, lane: Lane, seconds: f64) {
        self.lock().from_afar.insert(lane, (Instant::now(), seconds));
    }

    /// The lane is ours: the age grows from what it is now, until it is measured.
    pub(super) fn take(&self, lane: Lane) {
        let mut measured = self.lock();
        let now = Instant::now();
        let age = measured.age(lane, now).unwrap_or(0.0);
        measured.closely.insert(lane, (now, age));
    }

    /// The lane is not ours, or no longer: what is seen from afar holds.
    pub(super) fn let_go(&self, lane: Lane) {
        self.lock().closely.remove(&lane);
    }

    /// Brings the series to `now`.
    pub(super) fn grow(&self, now: Instant) {
        let measured = self.lock();
        for lane in measured.closely.keys().chain(measured.from_afar.keys()) {
            if let Some(age) = measured.age(*lane, now) {
                self.gauge.with_label_values(&[lane.to_string()]).set(age);
            }
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Measured> {
        self.measured.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use prometheus::Opts;

    use super::*;

    const LANE: Lane = Lane(0);

    fn ages() -> Ages {
        let ages = Ages::new(GaugeVec::new(Opts::new("age", "age"), &["lane"]).unwrap());
        ages.know(LANE);
        ages
    }

    fn read(ages: &Ages, later: u64) -> f64 {
        ages.grow(Instant::now() + Duration::from_secs(later));
        ages.gauge.with_label_values(&["0"]).get()
    }

    #[test]
    fn an_age_grows_until_it_is_measured_again() {
        let ages = ages();
        assert!(read(&ages, 60) <= 0.0, "nobody measured it");
        ages.set(LANE, 2.0);
        assert!((2.0..3.0).contains(&read(&ages, 0)));
        assert!((62.0..63.0).contains(&read(&ages, 60)));
        ages.set(LANE, 0.0);
        assert!((0.0..1.0).contains(&read(&ages, 0)));
    }

    #[test]
    fn who_works_on_a_lane_knows_better_than_who_looks_from_afar() {
        let ages = ages();
        ages.see(LANE, 7.0);
        assert!((67.0..68.0).contains(&read(&ages, 60)), "a lane of somebody else, or nobody, ages as well");
        ages.set(LANE, 1.0);
        ages.see(LANE, 8.0);
        assert!((1.0..2.0).contains(&read(&ages, 0)));
        ages.let_go(LANE);
        assert!((8.0..9.0).contains(&read(&ages, 0)));
    }

    #[test]
    fn taking_a_lane_makes_nothing_of_it_younger() {
        let ages = ages();
        ages.see(LANE, 40.0);
        ages.take(LANE);
        ages.see(LANE, 0.0);
        assert!((100.0..101.0).contains(&read(&ages, 60)), "it was measured by nobody since");
    }
}
