//! What one read of the results streams brought, sorted: rows to store, facts, and what is left out. Pure.

use std::collections::{BTreeSet, HashMap, HashSet};

use channels::tried::Tried;
use domain::{
    fleet::FORGET_MS,
    keys::RegionKey,
    ledger::{Accepted, Dropped, Ledger, ReadAt, ResultKey},
    schedule::RegionRow,
    status_tracker::StatusTracker,
};
use store::{outcomes::Stored, workers::Said};
use uuid::Uuid;
use wire::{ATTEMPT_REQUEST, MonitorId, Outcome, Payload, Positions, Region, ResultEntry};

/// Ids nobody knows that are looked up for a turn; the rest of them is of no monitor.
const LOOKED_UP: usize = 1_000;
/// Answers to those who try out a target that are kept of a region, in a turn.
const TRIED: usize = 16;
/// Rows of checks on request that a region gets in a turn: it is asked for fewer, and may make up as many as it likes.
const REQUESTED: usize = 2_000;
/// An entry's id may be this far from Redis' time: ahead, since the next master's clock may be behind; behind, since control
/// may have been away. What is older is closed anyway.
const AHEAD_MS: i64 = 60_000;
const BEHIND_MS: i64 = 86_400_000;

/// The sorted contents of one read.
#[derive(Debug, Default)]
pub(super) struct Batch {
    /// Rows to store, each key once.
    pub(super) accepted: Vec<Accepted>,
    /// What workers said of themselves, the latest of each, with the entry it came in.
    pub(super) facts: HashMap<(RegionKey, String), (Said, usize)>,
    /// Regions whose workers speak and that nobody registered.
    pub(super) unregistered: BTreeSet<Region>,
    /// Answers to those who try out a target that is not saved, by the job's id.
    pub(super) tried: Vec<(MonitorId, Tried)>,
    /// Keys that came twice in this read.
    pub(super) duplicates: u64,
    dropped: HashMap<Dropped, u64>,
    requested: HashMap<RegionKey, usize>,
    /// All entries, in the order they were read.
    pub(super) entries: Vec<ResultEntry>,
    /// Of these, the ones to be put where people can look at them, and why.
    pub(super) dead: Vec<(usize, String)>,
    /// Regions with an entry under an id far ahead: their streams begin anew.
    pub(super) ahead: BTreeSet<Region>,
    /// The last entry of each region.
    pub(super) positions: Positions,
}

/// The ids in these entries that have to be looked up first.
pub(super) fn new_ids(entries: &[ResultEntry], ledger: &Ledger) -> Vec<Uuid> {
    let new = outcomes(entries).filter(|outcome| ledger.is_new(outcome)).map(|outcome| outcome.monitor.0);
    let ids: HashSet<Uuid> = new.take(LOOKED_UP).collect();
    ids.into_iter().collect()
}

/// Whether anybody was asked to look at a monitor that `tracker` holds for paused: then it is not, or was not until now.
pub(super) fn wakes(entries: &[ResultEntry], ledger: &Ledger, tracker: &StatusTracker) -> bool {
    let mut asked = outcomes(entries).filter(|outcome| outcome.attempt == ATTEMPT_REQUEST);
    asked.any(|outcome| ledger.key_of(outcome.monitor.0).is_some_and(|key| tracker.is_paused(key)))
}

fn outcomes(entries: &[ResultEntry]) -> impl Iterator<Item = &Outcome> {
    let outcomes = entries.iter().filter_map(|entry| match &entry.payload {
        Ok(Payload::Outcomes(batch)) => Some(&batch.outcomes),
        _ => None,
    });
    outcomes.flatten()
}

/// What a batch is sorted by.
#[derive(Clone, Copy)]
pub(super) struct Terms<'a> {
    pub(super) ledger: &'a Ledger,
    pub(super) tracker: &'a StatusTracker,
    pub(super) regions: &'a [RegionRow],
    /// Redis milliseconds.
    pub(super) now_ms: i64,
}

impl Batch {
    /// Sorts `entries`.
    pub(super) fn sort(mut entries: Vec<ResultEntry>, terms: Terms<'_>) -> Self {
        let mut batch = Self::default();
        let mut seen = HashSet::new();
        for (place, entry) in entries.iter_mut().enumerate() {
            batch.positions.insert(entry.region.clone(), entry.id);
            let id_ms = i64::try_from(entry.id.ms).unwrap_or(i64::MAX);
            if id_ms > terms.now_ms.saturating_add(AHEAD_MS) {
                batch.ahead.insert(entry.region.clone());
                batch.drop(Dropped::EntryId, 1);
            } else if id_ms < terms.now_ms - BEHIND_MS {
                batch.drop(Dropped::EntryId, 1);
            } else {
                let read = ReadAt { now_ms: terms.now_ms, heard_ms: id_ms.min(terms.now_ms) };
                batch.read(place, entry, read, terms, &mut seen);
            }
        }
        // In the order of their key: half the work for the index, and fuller pages.
        batch.accepted.sort_unstable_by_key(Accepted::key);
        batch.entries = entries;
        batch
    }

    fn read(
        &mut self,
        place: usize,
        entry: &mut ResultEntry,
        read: ReadAt,
        terms: Terms<'_>,
        seen: &mut HashSet<ResultKey>,
    ) {
        let region = terms.regions.iter().find(|row| row.region == entry.region);
        match &mut entry.payload {
            Ok(Payload::Outcomes(outcomes)) => {
                self.drop(Dropped::Unparsed, outcomes.skipped as u64);
                for outcome in std::mem::take(&mut outcomes.outcomes) {
                    self.hear(place, &entry.region, region, outcome, read, terms, seen);
                }
            }
            // Who was silent for so long is forgotten already.
            Ok(Payload::Facts(_)) if read.now_ms - read.heard_ms >= FORGET_MS => self.drop(Dropped::EntryId, 1),
            Ok(Payload::Facts(facts)) => match region {
                Some(region) => {
                    let said = Said { region: region.key, facts: facts.clone(), said_ms: read.heard_ms };
                    self.facts.insert((region.key, said.facts.worker.clone()), (said, place));
                }
                None => {
                    self.unregistered.insert(entry.region.clone());
                }
            },
            Err(why) => {
                self.dead.push((place, why.to_string()));
                self.drop(Dropped::Unparsed, 1);
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "what was said, by whom, and what it is judged by")]
    fn hear(
        &mut self,
        place: usize,
        name: &Region,
        region: Option<&RegionRow>,
        outcome: Outcome,
        read: ReadAt,
        terms: Terms<'_>,
        seen: &mut HashSet<ResultKey>,
    ) {
        // Asked for by somebody, of what is no monitor.
        if outcome.attempt == ATTEMPT_REQUEST && !terms.ledger.knows(outcome.monitor.0) {
            if self.tried.iter().filter(|(_, tried)| tried.region == *name).count() < TRIED {
                self.tried.push((outcome.monitor, Tried::new(name.clone(), outcome)));
            }
            return self.drop(Dropped::Tried, 1);
        }
        let is_asked = |monitor, slot, attempt| terms.tracker.is_asked(monitor, slot, attempt);
        let accept = |region| terms.ledger.accept(region, outcome, place, read, is_asked);
        match region.ok_or(Dropped::Unexpected).and_then(accept) {
            Ok(accepted) if accepted.outcome.attempt == ATTEMPT_REQUEST && self.is_enough(accepted.region) => {
                self.drop(Dropped::Flooded, 1);
            }
            Ok(accepted) if seen.insert(accepted.key()) => self.accepted.push(accepted),
            Ok(_) => self.duplicates += 1,
            Err(why) => self.drop(why, 1),
        }
    }

    /// Counts one more check on request of a region; tells whether it had as many as it gets.
    fn is_enough(&mut self, region: RegionKey) -> bool {
        let requested = self.requested.entry(region).or_default();
        *requested += 1;
        *requested > REQUESTED
    }

    fn drop(&mut self, why: Dropped, count: u64) {
        *self.dropped.entry(why).or_default() += count;
    }

    /// Leaves out what the entry of this number holds: PostgreSQL refuses it.
    pub(super) fn refuse(&mut self, place: usize, why: String) {
        let before = self.accepted.len();
        self.accepted.retain(|accepted| accepted.entry != place);
        self.facts.retain(|_, (_, entry)| *entry != place);
        self.drop(Dropped::Refused, (before - self.accepted.len()).max(1) as u64);
        self.dead.push((place, why));
    }

    /// Leaves out what this worker said: its region has as many as it can have.
    pub(super) fn refuse_worker(&mut self, worker: &(RegionKey, String)) {
        self.facts.remove(worker);
        self.drop(Dropped::Flooded, 1);
    }

    /// The rows that are new. Those that were stored before are repeats.
    pub(super) fn take_new(&mut self, stored: &Stored) -> Vec<Accepted> {
        let sorted = std::mem::take(&mut self.accepted);
        let before = sorted.len();
        let new: Vec<_> = sorted.into_iter().filter(|accepted| stored.is_new(&accepted.key())).collect();
        self.duplicates += (before - new.len()) as u64;
        new
    }

    /// What is left out, and why.
    pub(super) fn dropped(&self) -> impl Iterator<Item = (Dropped, u64)> {
        self.dropped.iter().map(|(why, count)| (*why, *count))
    }
}
