//! Outcomes of targets that are not saved: told to whoever waits for them, and kept by nobody.

use std::collections::HashMap;

use wire::Region;

use super::{Ingester, batch::Batch};

/// Answers of a region that are told in a second; more targets than that nobody tries out.
const TOLD: u32 = 16;
/// What a region saw that failed, at most, as the text it is told in.
const EVIDENCE: usize = 32 * 1024;

/// How many answers of each region were told in this second.
#[derive(Debug, Default)]
pub(super) struct TriedBudget {
    second: i64,
    told: HashMap<Region, u32>,
}

impl TriedBudget {
    /// Whether one more of a region's may be told in the second `now`.
    fn has_room(&mut self, region: &Region, now: i64) -> bool {
        if now != self.second {
            *self = Self { second: now, told: HashMap::new() };
        }
        let told = self.told.entry(region.clone()).or_default();
        *told += 1;
        *told <= TOLD
    }
}

impl Ingester<'_> {
    /// Tells whoever asked, on whatever replica. Who asked has long stopped waiting when one is lost.
    pub(super) async fn tell_tried(&mut self, batch: &Batch) {
        let now = self.engine.clock.now();
        let tried = batch.tried.iter().filter(|(_, tried)| self.tried.has_room(&tried.region, now));
        let answers: Vec<_> = tried.map(|(job, tried)| (*job, tried.clone().bounded(EVIDENCE))).collect();
        if !answers.is_empty() {
            channels::tried::tell(&self.engine.live, &answers).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_region_has_room_of_its_own_in_each_second() {
        let [eu, us]: [Region; 2] = ["eu-west", "us-east"].map(|name| name.parse().unwrap());
        let mut budget = TriedBudget::default();
        assert_eq!((0..40).filter(|_| budget.has_room(&eu, 7)).count(), TOLD as usize);
        assert!(budget.has_room(&us, 7) && budget.has_room(&eu, 8));
    }
}
