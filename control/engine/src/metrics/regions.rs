//! What is known of each region. A region that is gone takes its series along: it would stay what it was for ever, and call
//! people for a place nobody runs any more.

use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
};

use prometheus::{Error, GaugeVec, IntGaugeVec, Registry};
use store::workers::Workers;
use wire::Region;

use super::{gauges, int_gauges};

/// How a worker that was heard is.
const STATES: [&str; 2] = ["well", "suspect"];

/// The series of all regions.
#[derive(Debug)]
pub struct Regions {
    stream_lag: GaugeVec,
    stream_pending: IntGaugeVec,
    workers: IntGaugeVec,
    known: Mutex<BTreeSet<Region>>,
}

impl Regions {
    pub(super) fn new(r: &Registry) -> Result<Self, Error> {
        Ok(Self {
            stream_lag: gauges(r, "upguard_stream_lag_seconds", "Age of the oldest job nobody took.", &["region"])?,
            stream_pending: int_gauges(r, "upguard_stream_pending", "Jobs taken and not yet reported.", &["region"])?,
            workers: int_gauges(r, "upguard_region_workers", "Workers heard lately.", &["region", "state"])?,
            known: Mutex::default(),
        })
    }

    /// The registered regions: new ones start at zero, and those that are no longer among them are forgotten.
    pub fn know(&self, regions: &[Region]) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let now: BTreeSet<Region> = regions.iter().cloned().collect();
        for gone in known.difference(&now) {
            let _ = self.stream_lag.remove_label_values(&[gone.as_str()]);
            let _ = self.stream_pending.remove_label_values(&[gone.as_str()]);
            for state in STATES {
                let _ = self.workers.remove_label_values(&[gone.as_str(), state]);
            }
        }
        for new in now.difference(&known) {
            self.behind(new, 0, 0.0);
            self.workers(new, Workers::default());
        }
        *known = now;
    }

    /// The registered regions, as they were told last.
    pub fn known(&self) -> Vec<Region> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    /// How far a region's workers are behind: jobs they hold, and seconds the oldest one waits that nobody took.
    pub fn behind(&self, region: &Region, pending: i64, seconds: f64) {
        self.stream_pending.with_label_values(&[region.as_str()]).set(pending);
        self.stream_lag.with_label_values(&[region.as_str()]).set(seconds);
    }

    /// Who works there.
    pub fn workers(&self, region: &Region, workers: Workers) {
        for (state, count) in STATES.into_iter().zip([workers.well, workers.suspect]) {
            self.workers.with_label_values(&[region.as_str(), state]).set(count);
        }
    }
}

#[cfg(test)]
mod tests {
    use prometheus::TextEncoder;

    use super::*;

    #[test]
    fn a_region_starts_at_zero_and_leaves_nothing_behind() {
        let registry = Registry::new();
        let regions = Regions::new(&registry).unwrap();
        let text = || TextEncoder::new().encode_to_string(&registry.gather()).unwrap();
        let (eu, us): (Region, Region) = ("eu-west".parse().unwrap(), "us-east".parse().unwrap());
        regions.know(&[eu.clone(), us.clone()]);
        for line in [
            "upguard_stream_lag_seconds{region=\"eu-west\"} 0",
            "upguard_stream_pending{region=\"us-east\"} 0",
            "upguard_region_workers{region=\"us-east\",state=\"suspect\"} 0",
        ] {
            assert!(text().contains(line), "{line} is not in\n{}", text());
        }
        regions.workers(&eu, Workers { well: 2, suspect: 1 });
        regions.behind(&eu, 7, 1.5);
        regions.know(&[eu]);
        assert!(text().contains("upguard_region_workers{region=\"eu-west\",state=\"well\"} 2"), "{}", text());
        assert!(text().contains("upguard_stream_lag_seconds{region=\"eu-west\"} 1.5"), "{}", text());
        assert!(!text().contains("us-east"), "{}", text());
    }
}
