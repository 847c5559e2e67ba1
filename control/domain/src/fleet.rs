//! How the regions are: whose workers are gone, and whose doubt what they see. Pure: facts and time come in.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use serde_json::{Value, json};
use wire::{Diagnosis, Facts};

use crate::{
    keys::RegionKey,
    schedule::{RegionRow, owing},
};

/// Workers of a region that are known at most: of more, those that were silent longest make room, and nobody else is heard.
const WORKERS: usize = 256;
/// Workers an incident names at most.
const TOLD: usize = 16;
/// How long a region that wrote what nobody of ours writes is an incident for: seconds.
const ODD_FOR: i64 = 300;
/// A worker that doubts itself this many times in a row is sick; once may be a hiccup.
const DOUBTS: u8 = 2;

#[derive(Clone, Copy, Debug)]
struct Worker {
    said_ms: i64,
    diagnosis: Option<Diagnosis>,
    doubts: u8,
}

/// What is wrong with a region.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trouble {
    /// Nobody works there.
    pub gone: bool,
    /// Somebody with its rights on Redis writes what no probe of ours does. A sentence.
    pub odd: Option<String>,
    /// These workers doubt what they see.
    pub sick: Vec<(String, Diagnosis)>,
}

/// The regions with which something is wrong.
pub type Troubles = HashMap<RegionKey, Trouble>;

impl Trouble {
    fn is_none(&self) -> bool {
        *self == Self::default()
    }

    /// For people.
    pub fn facts(&self) -> Value {
        let gone = self.gone.then_some("no worker of the region was heard");
        let sick = (!self.sick.is_empty()).then_some("workers of the region doubt what they see");
        let why: Vec<_> = [gone, self.odd.as_deref(), sick].into_iter().flatten().collect();
        let mut facts = json!({"why": why.join("; ")});
        if sick.is_some() {
            let told = self.sick.iter().take(TOLD);
            facts["workers"] = told.map(|(name, why)| json!({"worker": name, "diagnosis": why})).collect();
        }
        facts
    }
}

/// All workers that were heard.
#[derive(Debug)]
pub struct Fleet {
    workers: HashMap<(RegionKey, String), Worker>,
    since_ms: i64,
    patience_ms: i64,
}

impl Fleet {
    /// A fleet of which nothing was heard before `now_ms`. A region is gone after `patience` without a word.
    pub fn new(now_ms: i64, patience: Duration) -> Self {
        Self { workers: HashMap::new(), since_ms: now_ms, patience_ms: patience.as_millis() as i64 }
    }

    /// Takes in a worker that is stored.
    pub fn restore(&mut self, region: RegionKey, worker: String, said_ms: i64) {
        self.workers.insert((region, worker), Worker { said_ms, diagnosis: None, doubts: 0 });
    }

    /// Whether there is room for a worker, and whom to forget to make some. A region's Redis user may make up names, and each
    /// would be a row.
    pub fn admit(&mut self, region: RegionKey, worker: &str, now_ms: i64) -> Result<Option<String>, Full> {
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
    pub fn hear(&mut self, region: RegionKey, facts: &Facts, said_ms: i64) {
        let doubts = self.workers.get(&(region, facts.worker.clone())).map_or(0, |known| known.doubts);
        let doubts = if facts.diagnosis.is_some() { doubts.saturating_add(1) } else { 0 };
        self.workers.insert((region, facts.worker.clone()), Worker { said_ms, diagnosis: facts.diagnosis, doubts });
    }

    /// What is wrong at `now_ms`, by region. Nobody is missed before there was time to speak.
    pub fn trouble(&mut self, now_ms: i64, regions: &[RegionRow]) -> Troubles {
        self.workers.retain(|_, worker| now_ms - worker.said_ms < FORGET_MS);
        let all = owing(regions, None, now_ms / 1000).map(|row| (row.key, self.trouble_of(row, now_ms)));
        all.filter(|(_, trouble)| !trouble.is_none()).collect()
    }

    fn trouble_of(&self, row: &RegionRow, now_ms: i64) -> Trouble {
        let is_there = |(key, _): &(RegionKey, String), worker: &Worker| {
            *key == row.key && now_ms - worker.said_ms < self.patience_ms
        };
        let mut there = self.workers.iter().filter(|(name, worker)| is_there(name, worker)).peekable();
        let gone = there.peek().is_none() && now_ms - self.since_ms >= self.patience_ms;
        let sick = there.filter(|(_, worker)| worker.doubts >= DOUBTS);
        let mut sick: Vec<_> = sick.filter_map(|((_, name), worker)| Some((name.clone(), worker.diagnosis?))).collect();
        sick.sort_unstable();
        Trouble { gone, odd: oddity(row, now_ms / 1000).map(str::to_owned), sick }
    }
}

/// What a region did of late that no probe does.
pub fn oddity(row: &RegionRow, now: i64) -> Option<&str> {
    row.odd.as_ref().filter(|(_, at)| now - at < ODD_FOR).map(|(what, _)| what.as_str())
}

/// There are as many workers as a region can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full;

/// Workers that were not heard for so long are forgotten, as their rows are.
pub const FORGET_MS: i64 = 3_600_000;

/// The regions nobody works in.
pub fn gone(troubles: &Troubles) -> HashSet<RegionKey> {
    troubles.iter().filter(|(_, what)| what.gone).map(|(region, _)| *region).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const EU: RegionKey = RegionKey(1);

    fn regions() -> Vec<RegionRow> {
        let region = "eu-west".parse().unwrap();
        vec![RegionRow { key: EU, region, from_slot: 0, to_slot: i64::MAX, isolated: false, odd: None }]
    }

    fn facts(worker: &str, diagnosis: Option<Diagnosis>) -> Facts {
        Facts { worker: worker.to_owned(), diagnosis, ..Facts::default() }
    }

    fn gone() -> Trouble {
        Trouble { gone: true, ..Trouble::default() }
    }

    fn trouble(fleet: &mut Fleet, now: i64) -> Option<Trouble> {
        fleet.trouble(now * 1000, &regions()).remove(&EU)
    }

    #[test]
    fn a_region_is_gone_once_nobody_spoke_for_so_long() {
        let mut fleet = Fleet::new(0, Duration::from_secs(30));
        assert_eq!(trouble(&mut fleet, 29), None);
        assert_eq!(trouble(&mut fleet, 30), Some(gone()));
        fleet.hear(EU, &facts("a", None), 31_000);
        assert_eq!(trouble(&mut fleet, 60), None);
        assert_eq!(trouble(&mut fleet, 61), Some(gone()));
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
        let mut regions = regions();
        regions[0].odd = Some(("it floods".to_owned(), 1));
        let why = |fleet: &mut Fleet, now: i64| {
            fleet.trouble(now * 1000, &regions).remove(&EU).map(|what| what.facts()["why"].as_str().unwrap().to_owned())
        };
        fleet.hear(EU, &facts("a", None), 1_000);
        assert_eq!(why(&mut fleet, 2).as_deref(), Some("it floods"));
        assert_eq!(why(&mut fleet, 31).as_deref(), Some("no worker of the region was heard; it floods"));
        fleet.hear(EU, &facts("a", None), 300_000);
        assert_eq!(why(&mut fleet, 300).as_deref(), Some("it floods"));
        assert_eq!(why(&mut fleet, 301), None);
    }

    #[test]
    fn a_worker_is_sick_when_it_doubts_itself_twice_in_a_row() {
        let mut fleet = Fleet::new(0, Duration::from_secs(30));
        fleet.hear(EU, &facts("a", Some(Diagnosis::Network)), 1_000);
        fleet.hear(EU, &facts("b", None), 1_000);
        assert_eq!(trouble(&mut fleet, 2), None);
        fleet.hear(EU, &facts("a", Some(Diagnosis::Network)), 6_000);
        let sick = Trouble { sick: vec![("a".to_owned(), Diagnosis::Network)], ..Trouble::default() };
        assert_eq!(trouble(&mut fleet, 7), Some(sick));
        fleet.hear(EU, &facts("a", None), 11_000);
        assert_eq!(trouble(&mut fleet, 12), None);
    }
}
