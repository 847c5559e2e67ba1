//! What is expected, as the ingester needs it: in memory, exact up to the frontier it was read at, since that part of
//! the schedule never changes. Pure: rows come in, an answer per outcome comes out.

#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};

use uuid::Uuid;
use wire::{ATTEMPT_REQUEST, Outcome};

use crate::{
    keys::{MonitorKey, RegionKey},
    schedule::{Cadence, RegionRow, chooses},
};

/// A monitor as its jobs have it: some columns of `monitors`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Its public id.
    pub id: Uuid,
    /// Its key.
    pub key: MonitorKey,
    /// How often its target changed.
    pub rev: u32,
    /// The chosen regions; absent means all.
    pub regions: Option<Vec<i16>>,
}

/// Of a monitor what is not usual: most targets are never changed, and most are checked from everywhere.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Aim {
    rev: u32,
    regions: Option<Box<[i16]>>,
}

/// An outcome that gets a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// Whose.
    pub monitor: MonitorKey,
    /// From where.
    pub region: RegionKey,
    /// What.
    pub outcome: Outcome,
    /// When it was reported: Redis milliseconds, and never later than it was read.
    pub heard_ms: i64,
    /// Which of the entries that were read held it.
    pub entry: usize,
}

/// Revisions that rows can tell apart, as in SQL's `is_of_target`: a row's attempt has 16 bits.
const REVISIONS: u32 = 32_512;

impl Accepted {
    /// The key of its row.
    pub fn key(&self) -> ResultKey {
        (self.outcome.slot, self.monitor, self.region, self.row_attempt())
    }

    /// Its attempt as rows have it: checks on request of different targets in one second are different attempts.
    pub fn row_attempt(&self) -> i16 {
        let rev = if self.outcome.attempt == ATTEMPT_REQUEST { self.outcome.rev.unwrap_or(0) % REVISIONS } else { 0 };
        i16::from(self.outcome.attempt) + rev as i16
    }
}

/// Why an outcome was not stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dropped {
    /// Its slot is closed.
    TooLate,
    /// No cadence and region expect it.
    Unexpected,
    /// It could not be read.
    Unparsed,
    /// It is of a target that somebody tries out, and was told to them.
    Tried,
    /// Its entry's id is a day old, or ahead of Redis' time.
    EntryId,
    /// Its region writes more than can be read, or has more workers than a region can have.
    Flooded,
    /// PostgreSQL refuses it.
    Refused,
}

wire::words!(Dropped {
    TooLate = "too_late",
    Unexpected = "unexpected",
    Unparsed = "unparsed",
    Tried = "tried",
    EntryId = "entry_id",
    Flooded = "flooded",
    Refused = "refused",
});

/// When a batch was read, and how little what it says is believed: Redis milliseconds.
#[derive(Clone, Copy, Debug)]
pub struct ReadAt {
    /// Redis' own time.
    pub now_ms: i64,
    /// When the entry says it was written; never later than now.
    pub heard_ms: i64,
}

/// No check begins longer before its slot, or after now: clocks are this far apart at most.
const CLOCKS_APART_MS: i64 = 60_000;

/// `(slot, monitor, region, attempt)`.
pub type ResultKey = (i64, MonitorKey, RegionKey, i16);

/// What a lane expects.
#[derive(Debug, Default)]
pub struct Ledger {
    /// Every slot up to here has its row.
    pub closed: i64,
    /// Slots up to here are fixed, and the cadences below are exact for them.
    pub frontier: i64,
    keys: HashMap<Uuid, MonitorKey>,
    aims: HashMap<MonitorKey, Aim>,
    cadences: HashMap<MonitorKey, Vec<Cadence>>,
    /// Monitors with a period that opened beyond the frontier when it was read: it can still be taken back.
    unsettled: HashSet<MonitorKey>,
    load: Load,
}

/// Slots a second: of monitors that all regions check, and slots times regions of the others.
#[derive(Debug, Default)]
struct Load {
    everywhere: f64,
    chosen: f64,
}

impl Load {
    /// Counts a monitor's last period in (`1.0`) or out (`-1.0`).
    fn count(&mut self, periods: Option<&Vec<Cadence>>, sign: f64) {
        let Some(cadence) = periods.and_then(|periods| periods.last()) else { return };
        let slots = sign / f64::from(cadence.interval);
        match &cadence.regions {
            None => self.everywhere += slots,
            Some(chosen) => self.chosen += slots * chosen.len() as f64,
        }
    }
}

impl Ledger {
    /// A ledger that knows nothing but what is finished.
    pub fn new(closed: i64) -> Self {
        Self { closed, ..Self::default() }
    }

    /// Learns which key a monitor's id stands for, and what its jobs look at. Tells whether that is another target than was
    /// known.
    pub fn know(&mut self, known: Known) -> bool {
        let Known { id, key, rev, regions } = known;
        let before = self.rev(key);
        self.keys.insert(id, key);
        let aim = Aim { rev, regions: regions.map(Vec::into_boxed_slice) };
        if aim == Aim::default() {
            self.aims.remove(&key);
        } else {
            self.aims.insert(key, aim);
        }
        before != rev
    }

    /// How often the target of a monitor changed.
    pub fn rev(&self, monitor: MonitorKey) -> u32 {
        self.aims.get(&monitor).map_or(0, |aim| aim.rev)
    }

    /// Whether an outcome is about the target its monitor has now. One of a bare job is: that named the target itself.
    pub fn is_of_target(&self, accepted: &Accepted) -> bool {
        accepted.outcome.rev.is_none_or(|rev| rev == self.rev(accepted.monitor))
    }

    fn chooses(&self, monitor: MonitorKey, region: RegionKey) -> bool {
        chooses(self.aims.get(&monitor).and_then(|aim| aim.regions.as_deref()), region)
    }

    /// Whether an outcome's monitor, or the target it is about, is not known here.
    pub fn is_new(&self, outcome: &Outcome) -> bool {
        let key = self.keys.get(&outcome.monitor.0);
        key.is_none_or(|key| outcome.rev.is_some_and(|rev| rev > self.rev(*key)))
    }

    /// Which key an id stands for, if it was seen before.
    pub fn key_of(&self, id: Uuid) -> Option<MonitorKey> {
        self.keys.get(&id).copied()
    }

    /// Whether the id was seen before.
    pub fn knows(&self, id: Uuid) -> bool {
        self.keys.contains_key(&id)
    }

    /// Takes in every cadence that may have changed since the last frontier, and moves on to `frontier`.
    /// Rows beyond the old frontier may have been replaced or taken back, so they are forgotten first.
    /// Returns the monitors concerned.
    pub fn refresh(&mut self, frontier: i64, changed: Vec<Cadence>) -> HashSet<MonitorKey> {
        let mut monitors = std::mem::take(&mut self.unsettled);
        monitors.extend(changed.iter().map(|cadence| cadence.monitor));
        // What begins at or before the frontier is there for good.
        let beyond = changed.iter().filter(|cadence| cadence.from_slot > frontier);
        self.unsettled = beyond.map(|cadence| cadence.monitor).collect();
        for key in &monitors {
            self.load.count(self.cadences.get(key), -1.0);
            if let Some(known) = self.cadences.get_mut(key) {
                known.retain(|cadence| cadence.from_slot <= self.frontier && cadence.to_slot > self.closed);
            }
        }
        for cadence in changed {
            let known = self.cadences.entry(cadence.monitor).or_default();
            match known.iter_mut().find(|each| each.from_slot == cadence.from_slot) {
                Some(same) => *same = cadence,
                None => known.push(cadence),
            }
        }
        for key in &monitors {
            self.load.count(self.cadences.get(key), 1.0);
        }
        self.frontier = frontier;
        monitors
    }

    /// Whether a period was read that can still be taken back.
    pub fn is_unsettled(&self) -> bool {
        !self.unsettled.is_empty()
    }

    /// The schedule of a monitor at `now`; nothing where it is paused or deleted.
    pub fn cadence_at(&self, monitor: MonitorKey, now: i64) -> Option<&Cadence> {
        let live = |cadence: &&Cadence| cadence.from_slot <= now.max(self.frontier + 1) && now <= cadence.to_slot;
        self.cadences.get(&monitor)?.iter().rev().find(live)
    }

    /// The interval of a monitor that is scheduled at `now`; nothing where it is paused or deleted.
    pub fn interval_at(&self, monitor: MonitorKey, now: i64) -> Option<i32> {
        self.cadence_at(monitor, now).map(|cadence| cadence.interval)
    }

    /// Slots times regions a second, about: what closing a second costs in rows.
    pub fn rate(&self, regions: usize) -> f64 {
        self.load.everywhere * regions as f64 + self.load.chosen
    }

    /// Sorts an outcome of `region`, in the entry of that number: a row, or why not. `is_asked` tells whether somebody asked
    /// for a recheck of that slot.
    pub fn accept(
        &self,
        region: &RegionRow,
        outcome: Outcome,
        entry: usize,
        read: ReadAt,
        is_asked: impl Fn(MonitorKey, i64, u8) -> bool,
    ) -> Result<Accepted, Dropped> {
        if outcome.slot <= self.closed {
            return Err(Dropped::TooLate);
        }
        let monitor = *self.keys.get(&outcome.monitor.0).ok_or(Dropped::Unexpected)?;
        let (slot, attempt) = (outcome.slot, outcome.attempt);
        let wanted = match attempt {
            0 => slot <= self.frontier && self.expects(monitor, slot, region),
            ATTEMPT_REQUEST => {
                let is_known = outcome.rev.is_none_or(|rev| rev <= self.rev(monitor));
                is_known && slot <= read.now_ms.div_euclid(1000) && self.chooses(monitor, region.key)
            }
            _ => self.chooses(monitor, region.key) && is_asked(monitor, slot, attempt),
        };
        if !wanted || !began(&outcome, read.now_ms) {
            return Err(Dropped::Unexpected);
        }
        Ok(Accepted { monitor, region: region.key, outcome, heard_ms: read.heard_ms, entry })
    }

    fn expects(&self, monitor: MonitorKey, slot: i64, region: &RegionRow) -> bool {
        let cadences = self.cadences.get(&monitor).map_or(&[][..], Vec::as_slice);
        cadences.iter().any(|cadence| cadence.expects(region, slot))
    }
}

/// Whether a check can have begun when it says.
fn began(outcome: &Outcome, now_ms: i64) -> bool {
    let slot_ms = outcome.slot.saturating_mul(1000);
    (slot_ms.saturating_sub(CLOCKS_APART_MS)..=now_ms.saturating_add(CLOCKS_APART_MS)).contains(&outcome.started_ms)
}
