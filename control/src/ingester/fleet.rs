//! How the regions are: whose workers are gone, and whose doubt what they see. Pure: facts and time come in.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use serde_json::{Value, json};
use wire::{Diagnosis, Facts, Region};

use crate::{keys::RegionKey, ledger::RegionRow};

/// Workers of a region that are known at most: of more, those that were silent longest make room, and nobody else is heard.
const WORKERS: usize = 256;
/// Workers an incident names at most.
const TOLD: usize = 16;
/// How long a region that wrote what nobody of ours writes is an incident for.
const ODD_MS: i64 = 300_000;
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
    /// Somebody with its rights on Redis writes what no probe of ours does. A sentence.
    Odd(String),
    /// These workers doubt what they see.
    Sick(Vec<(String, Diagnosis)>),
}

impl Trouble {
    /// For people.
    pub(super) fn facts(&self) -> Value {
        match self {
            Self::Gone => json!({"why": "no worker of the region was heard"}),
            Self::Odd(what) => json!({"why": what}),
            Self::Sick(workers) => {
                let names: Vec<_> =
                    workers.iter().take(TOLD).map(|(name, why)| json!({"worker": name, "diagnosis": why})).collect();
                json!({"why": "workers of the region doubt what they see", "workers": names})
            }
        }
    }
}

/// All workers that were heard.
#[derive(Debug)]
pub(super) struct Fleet {
    workers: HashMap<(RegionKey, String), Worker>,
    /// What regions did that no probe of ours does, and when it was noticed last.
    odd: HashMap<Region, (String, i64)>,
    since_ms: i64,
    patience_ms: i64,
}

impl Fleet {
    /// A fleet of which nothing was heard before `now_ms`. A region is gone after `patience` without a word.
    pub(super) fn new(now_ms: i64, patience: Duration) -> Self {
        Self {
            workers: HashMap::new(),
            odd: HashMap::new(),
            since_ms: now_ms,
            patience_ms: patience.as_millis() as i64,
        }
    }

    /// Takes in a worker that is stored.
    pub(super) fn restore(&mut self, region: RegionKey, worker: String, said_ms: i64) {
        self.workers.insert((region, worker), Worker { said_ms, diagnosis: None, doubts: 0 });
    }

    /// Takes in that a region did what no probe of ours does.
    pub(super) fn wonder(&mut self, region: &Region, what: String, now_ms: i64) {
        self.odd.insert(region.clone(), (what, now_ms));
    }

    /// Whether there is room for a worker, and whom to forget to make some. A region's Redis user may make up names, and each
    /// would be a row.
    pub(super) fn admit(&mut self, region: RegionKey, worker: &str, now_ms: i64) -> Result<Option<String>, Full> {
        let of_region = || self.workers.iter().filter(|((key, _), _)| *key == region);
        if self.workers.contains_key(&(region, worker.to_owned())) || of_region().count() < WORKERS {
            return Ok(None);
        }
        let silent = of_region().filter(|(_, worker)| now_ms - worker.said_ms >= self.patience_ms);
        let longest = silent.min_by_key(|(_, worker)| worker.said_ms).map(|((_, name), _)| name.clone());
        let longest = longest.ok_or(Full)?;
        self.workers.remove(&(region, longest.clone()));
        Ok(Some(longest))
    }

    /// Takes in what a worker said of itself.
    pub(super) fn hear(&mut self, region: RegionKey, facts: &Facts, said_ms: i64) {
        let doubts = self.workers.get(&(region, facts.worker.clone())).map_or(0, |known| known.doubts);
        let doubts = if facts.diagnosis.is_some() { doubts.saturating_add(1) } else { 0 };
        self.workers.insert((region, facts.worker.clone()), Worker { said_ms, diagnosis: facts.diagnosis, doubts });
    }

    /// What is wrong at `now_ms`, by region. Nobody is missed before there was time to speak.
    pub(super) fn trouble(&mut self, now_ms: i64, regions: &[RegionRow]) -> HashMap<RegionKey, Trouble> {
        self.workers.retain(|_, worker| now_ms - worker.said_ms < FORGET_MS);
        self.odd.retain(|_, (_, at_ms)| now_ms - *at_ms < ODD_MS);
        let is_there = |worker: &Worker| now_ms - worker.said_ms < self.patience_ms;
        let trouble = |row: &RegionRow| {
            let of_region = self.workers.iter().filter(|((region, _), _)| *region == row.key);
            let workers = || of_region.clone().filter(|(_, worker)| is_there(worker));
            let sick = |((_, name), worker): (&(RegionKey, String), &Worker)| {
                worker.diagnosis.filter(|_| worker.doubts >= DOUBTS).map(|why| (name.clone(), why))
            };
            let mut sick: Vec<_> = workers().filter_map(sick).collect();
            sick.sort_unstable();
            match workers().next() {
                None if now_ms - self.since_ms >= self.patience_ms => Some(Trouble::Gone),
                _ if self.odd.contains_key(&row.region) => {
                    self.odd.get(&row.region).map(|(what, _)| Trouble::Odd(what.clone()))
                }
                Some(_) if !sick.is_empty() => Some(Trouble::Sick(sick)),
                _ => None,
            }
        };
        let owing = regions.iter().filter(|row| row.owes(now_ms / 1000));
        owing.filter_map(|row| Some((row.key, trouble(row)?))).collect()
    }
}

/// There are as many workers as a region can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Full;

/// Workers that were not heard for so long are forgotten, as their rows are.
pub(super) const FORGET_MS: i64 = 3_600_000;

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
    fn a_region_has_room_for_so_many_workers_and_who_was_silent_makes_some() {
        let mut fleet = Fleet::new(0, Duration::from_secs(30));
        for n in 0..WORKERS {
            let name = n.to_string();
            assert_eq!(fleet.admit(EU, &name, 1_000), Ok(None));
            fleet.hear(EU, &facts(&name, None), 1_000 + n as i64);
        }
        assert_eq!(fleet.admit(EU, "7", 2_000), Ok(None), "it is known");
        assert_eq!(fleet.admit(EU, "new", 30_999), Err(Full));
        assert_eq!(fleet.admit(EU, "new", 31_000), Ok(Some("0".to_owned())));
        assert_eq!(fleet.admit(RegionKey(2), "new", 2_000), Ok(None), "another region has room of its own");
    }

    #[test]
    fn a_region_that_writes_what_no_probe_does_is_told_of_for_a_while() {
        let mut fleet = Fleet::new(0, Duration::from_secs(30));
        fleet.wonder(&regions()[0].region, "it floods".to_owned(), 1_000);
        fleet.hear(EU, &facts("a", None), 1_000);
        assert_eq!(trouble(&mut fleet, 2), Some(Trouble::Odd("it floods".to_owned())));
        fleet.hear(EU, &facts("a", None), 300_000);
        assert_eq!(trouble(&mut fleet, 301), None);
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
