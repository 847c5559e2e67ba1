//! What one read of the results streams brought, sorted: rows to store, facts, and what is left out. Pure.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;
use wire::{ATTEMPT_REQUEST, Facts, MonitorId, Outcome, Payload, Positions, Region, ResultEntry};

use crate::{
    keys::RegionKey,
    ledger::{Accepted, Ledger, RegionRow},
    metrics::Dropped,
    tried::Tried,
};

/// The sorted contents of one read.
#[derive(Debug, Default)]
pub(super) struct Batch {
    /// Rows to store, each key once.
    pub(super) accepted: Vec<Accepted>,
    /// What workers said of themselves, the latest of each.
    pub(super) facts: HashMap<(RegionKey, String), (Facts, i64)>,
    /// Regions whose workers speak and that nobody registered.
    pub(super) strangers: HashSet<Region>,
    /// Answers to those who try out a target that is not saved, by the job's id.
    pub(super) tried: Vec<(MonitorId, Tried)>,
    /// Keys that came twice in this read.
    pub(super) duplicates: u64,
    too_late: u64,
    unexpected: u64,
    unparsed: u64,
    /// Entries nobody can read.
    pub(super) dead: Vec<ResultEntry>,
    /// The last entry of each region.
    pub(super) positions: Positions,
}

/// The ids in these entries that the ledger has not seen.
pub(super) fn unknown_ids(entries: &[ResultEntry], ledger: &Ledger) -> Vec<Uuid> {
    let outcomes = entries.iter().filter_map(|entry| match &entry.payload {
        Ok(Payload::Outcomes(batch)) => Some(&batch.outcomes),
        _ => None,
    });
    let ids: HashSet<Uuid> = outcomes.flatten().map(|outcome| outcome.monitor.0).collect();
    ids.into_iter().filter(|id| !ledger.knows(*id)).collect()
}

/// When the oldest result that was not read yet can have been reported, in Redis milliseconds: `now_ms`, taken before
/// the read, where it emptied every stream; else the end of the shortest read that was cut at `count`.
pub(super) fn heard_up_to(entries: &[ResultEntry], count: usize, now_ms: i64) -> i64 {
    let mut read: HashMap<&Region, (usize, u64)> = HashMap::new();
    for entry in entries {
        let (entries, last) = read.entry(&entry.region).or_default();
        *entries += 1;
        *last = entry.id.ms;
    }
    let cut = read.values().filter(|(entries, _)| *entries >= count).map(|(_, last)| *last as i64);
    cut.min().map_or(now_ms, |last| last.min(now_ms))
}

/// Asked for by somebody, of what is no monitor.
fn is_tried(outcome: &Outcome, ledger: &Ledger) -> bool {
    outcome.attempt == ATTEMPT_REQUEST && !ledger.knows(outcome.monitor.0)
}

impl Batch {
    /// Sorts `entries`.
    pub(super) fn sort(entries: Vec<ResultEntry>, ledger: &Ledger, regions: &[RegionRow]) -> Self {
        let mut batch = Self::default();
        let mut seen = HashSet::new();
        for mut entry in entries {
            batch.positions.insert(entry.region.clone(), entry.id);
            let heard_ms = entry.id.ms as i64;
            let region = regions.iter().find(|row| row.region == entry.region);
            match std::mem::replace(&mut entry.payload, Err(wire::Unparsed::Empty)) {
                Ok(Payload::Outcomes(outcomes)) => {
                    batch.unparsed += outcomes.skipped as u64;
                    for outcome in outcomes.outcomes {
                        if is_tried(&outcome, ledger) {
                            batch.tried.push((outcome.monitor, Tried::new(entry.region.clone(), outcome)));
                            continue;
                        }
                        let sorted = region.ok_or(Dropped::Unexpected);
                        batch.take(sorted.and_then(|region| ledger.accept(region, outcome, heard_ms)), &mut seen);
                    }
                }
                Ok(Payload::Facts(facts)) => match region {
                    Some(region) => {
                        batch.facts.insert((region.key, facts.worker.clone()), (facts, heard_ms));
                    }
                    None => {
                        batch.strangers.insert(entry.region);
                    }
                },
                Err(why) => {
                    entry.payload = Err(why);
                    batch.unparsed += 1;
                    batch.dead.push(entry);
                }
            }
        }
        // In the order of their key: half the work for the index, and fuller pages.
        batch.accepted.sort_unstable_by_key(Accepted::key);
        batch
    }

    fn take(&mut self, sorted: Result<Accepted, Dropped>, seen: &mut HashSet<crate::ledger::ResultKey>) {
        match sorted {
            Ok(accepted) if seen.insert(accepted.key()) => self.accepted.push(accepted),
            Ok(_) => self.duplicates += 1,
            Err(Dropped::TooLate) => self.too_late += 1,
            Err(Dropped::Unexpected | Dropped::Tried) => self.unexpected += 1,
            Err(Dropped::Unparsed) => self.unparsed += 1,
        }
    }

    /// What is left out, and why.
    pub(super) fn dropped(&self) -> [(Dropped, u64); 4] {
        [
            (Dropped::TooLate, self.too_late),
            (Dropped::Unexpected, self.unexpected),
            (Dropped::Unparsed, self.unparsed),
            (Dropped::Tried, self.tried.len() as u64),
        ]
    }
}
