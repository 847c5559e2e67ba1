//! How the regions are: whose workers are gone, and whose doubt what they see. Pure: facts and time come in.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use serde_json::{Value, json};
use wire::{Diagnosis, Facts};

use crate::{keys::RegionKey, ledger::RegionRow};

/// A worker that doubts itself this many times in a row is sick; once may be a hiccup.
const DOUBTS: u8 = 2;

#[derive(Clone, Copy, Debug)]
struct Worker {
    said_ms: i64,
    diagnosis: Option<Diagnosis>,
    doubts: u8,
}

/// What is wrong with a region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// Nobody works there.
    Gone,
    /// These workers doubt what they see.
    Sick(Vec<(String, Diagnosis)>),
}

impl Trouble {
    /// For people.
    pub(super) fn facts(&self) -> Value {
        match self {
            Self::Gone => json!({"why": "no worker of the region was heard"}),
            Self::Sick(workers) => {
                let names: Vec<_> =
                    workers.iter().map(|(name, why)| json!({"worker": name, "diagnosis": why})).collect();
                json!({"why": "workers of the region doubt what they see", "workers": names})
            }
        }
    }
}

/// All workers that were heard.
#[derive(Debug)]
pub(super) struct Fleet {
    workers: HashMap<(RegionKey, String), Worker>,
    since_ms: i64,
    patience_ms: i64,
}

impl Fleet {
    /// A fleet of which nothing was heard before `now_ms`. A region is gone after `patience` without a word.
    pub(super) fn new(now_ms: i64, patience: Duration) -> Self {
        Self { workers: HashMap::new(), since_ms: now_ms, patience_ms: patience.as_millis() as i64 }
    }

    /// Takes in what a worker said of itself.
    pub(super) fn hear(&mut self, region: RegionKey, facts: &Facts, said_ms: i64) {
        let doubts = self.workers.get(&(region, facts.worker.clone())).map_or(0, |known| known.doubts);
        let doubts = if facts.diagnosis.is_some() { doubts.saturating_add(1) } else { 0 };
        self.workers.insert((region, facts.worker.clone()), Worker { said_ms, diagnosis: facts.diagnosis, doubts });
    }

    /// What is wrong at `now_ms`, by region. Nobody is missed before there was time to speak.
    pub(super) fn trouble(&mut self, now_ms: i64, regions: &[RegionRow]) -> HashMap<RegionKey, Trouble> {
        self.workers.retain(|_, worker| now_ms - worker.said_ms < self.patience_ms);
        let trouble = |row: &RegionRow| {
            let workers = || self.workers.iter().filter(|((region, _), _)| *region == row.key);
            let sick = |((_, name), worker): (&(RegionKey, String), &Worker)| {
                worker.diagnosis.filter(|_| worker.doubts >= DOUBTS).map(|why| (name.clone(), why))
            };
            let mut sick: Vec<_> = workers().filter_map(sick).collect();
            sick.sort_unstable();
            match workers().next() {
                None if now_ms - self.since_ms >= self.patience_ms => Some(Trouble::Gone),
                Some(_) if !sick.is_empty() => Some(Trouble::Sick(sick)),
                _ => None,
            }
        };
        let owing = regions.iter().filter(|row| row.owes(now_ms / 1000));
        owing.filter_map(|row| Some((row.key, trouble(row)?))).collect()
    }
}

/// The regions nobody works in.
pub(super) fn gone(trouble: &HashMap<RegionKey, Trouble>) -> HashSet<RegionKey> {
    trouble.iter().filter(|(_, what)| **what == Trouble::Gone).map(|(region, _)| *region).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const EU: RegionKey = RegionKey(1);

    fn regions() -> Vec<RegionRow> {
        let region = "eu-west".parse().unwrap();
        vec![RegionRow { key: EU, region, from_slot: 0, to_slot: i64::MAX, isolated: false }]
    }

    fn facts(worker: &str, diagnosis: Option<Diagnosis>) -> Facts {
        Facts { worker: worker.to_owned(), diagnosis, ..Facts::default() }
    }

    fn trouble(fleet: &mut Fleet, now: i64) -> Option<Trouble> {
        fleet.trouble(now * 1000, &regions()).remove(&EU)
    }

    #[test]
    fn a_region_is_gone_once_nobody_spoke_for_so_long() {
        let mut fleet = Fleet::new(0, Duration::from_secs(30));
        assert_eq!(trouble(&mut fleet, 29), None);
        assert_eq!(trouble(&mut fleet, 30), Some(Trouble::Gone));
        fleet.hear(EU, &facts("a", None), 31_000);
        assert_eq!(trouble(&mut fleet, 60), None);
        assert_eq!(trouble(&mut fleet, 61), Some(Trouble::Gone));
    }

    #[test]
    fn a_worker_is_sick_when_it_doubts_itself_twice_in_a_row() {
        let mut fleet = Fleet::new(0, Duration::from_secs(30));
        fleet.hear(EU, &facts("a", Some(Diagnosis::Network)), 1_000);
        fleet.hear(EU, &facts("b", None), 1_000);
        assert_eq!(trouble(&mut fleet, 2), None);
        fleet.hear(EU, &facts("a", Some(Diagnosis::Network)), 6_000);
        let sick = Trouble::Sick(vec![("a".to_owned(), Diagnosis::Network)]);
        assert_eq!(trouble(&mut fleet, 7), Some(sick));
        fleet.hear(EU, &facts("a", None), 11_000);
        assert_eq!(trouble(&mut fleet, 12), None);
    }
}
