//! What is expected, as the ingester needs it: in memory, exact up to the frontier it was read at, since that part of
//! the schedule never changes. Pure: rows come in, an answer per outcome comes out.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;
use wire::Outcome;

use crate::{
    keys::{MonitorKey, RegionKey},
    metrics::Dropped,
};

/// A period of validity of a monitor's schedule: a row of `cadences`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cadence {
    /// Whose.
    pub monitor: MonitorKey,
    /// Seconds between slots.
    pub interval: i32,
    /// `slot % interval` of its slots.
    pub phase: i32,
    /// The chosen regions; absent means all.
    pub regions: Option<Vec<i16>>,
    /// First second of the period.
    pub from_slot: i64,
    /// Last second of the period.
    pub to_slot: i64,
}

impl Cadence {
    fn expects(&self, slot: i64, region: RegionKey) -> bool {
        (self.from_slot..=self.to_slot).contains(&slot)
            && slot.rem_euclid(self.interval.into()) == i64::from(self.phase)
            && self.regions.as_ref().is_none_or(|chosen| chosen.contains(&region.0))
    }
}

/// A registered region: a row of `regions`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegionRow {
    /// Its key.
    pub key: RegionKey,
    /// Its name.
    pub region: wire::Region,
    /// The first slot it owes.
    pub from_slot: i64,
    /// The last slot it owes.
    pub to_slot: i64,
    /// Whether it gets all its jobs through its own stream.
    pub isolated: bool,
}

impl RegionRow {
    /// Whether the region owes `slot`.
    pub fn owes(&self, slot: i64) -> bool {
        (self.from_slot..=self.to_slot).contains(&slot)
    }
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
    /// When it was reported: Redis milliseconds.
    pub heard_ms: i64,
}

impl Accepted {
    /// The key of its row.
    pub fn key(&self) -> ResultKey {
        (self.outcome.slot, self.monitor, self.region, self.outcome.attempt.into())
    }
}

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

    /// Learns which key a monitor's id stands for.
    pub fn know(&mut self, id: Uuid, key: MonitorKey) {
        self.keys.insert(id, key);
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
        self.unsettled = changed.iter().map(|cadence| cadence.monitor).collect();
        monitors.extend(&self.unsettled);
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

    /// Sorts an outcome that `region` reported at `heard_ms`: a row, or why not.
    pub fn accept(&self, region: &RegionRow, outcome: Outcome, heard_ms: i64) -> Result<Accepted, Dropped> {
        if outcome.slot <= self.closed {
            return Err(Dropped::TooLate);
        }
        let monitor = *self.keys.get(&outcome.monitor.0).ok_or(Dropped::Unexpected)?;
        let wanted = match outcome.attempt {
            0 => {
                outcome.slot <= self.frontier && region.owes(outcome.slot) && {
                    let cadences = self.cadences.get(&monitor).map_or(&[][..], Vec::as_slice);
                    cadences.iter().any(|cadence| cadence.expects(outcome.slot, region.key))
                }
            }
            _ => outcome.slot <= heard_ms.div_euclid(1000),
        };
        if !wanted {
            return Err(Dropped::Unexpected);
        }
        Ok(Accepted { monitor, region: region.key, outcome, heard_ms })
    }
}

#[cfg(test)]
mod tests {
    use wire::{MonitorId, Reason};

    use super::*;

    const ID: Uuid = Uuid::from_u128(7);
    const KEY: MonitorKey = MonitorKey(1);

    fn cadence(from_slot: i64, to_slot: i64, interval: i32, phase: i32) -> Cadence {
        Cadence { monitor: KEY, interval, phase, regions: None, from_slot, to_slot }
    }

    fn region() -> RegionRow {
        let region = "eu-west".parse().unwrap();
        RegionRow { key: RegionKey(1), region, from_slot: 100, to_slot: i64::MAX, isolated: false }
    }

    fn ledger() -> Ledger {
        let mut ledger = Ledger::new(100);
        ledger.know(ID, KEY);
        ledger.refresh(200, vec![cadence(50, i64::MAX, 10, 3)]);
        ledger
    }

    /// What becomes of an outcome of a slot and attempt that is reported at second 205.
    fn sorts(ledger: &Ledger, slot: i64, attempt: u8) -> Result<(), Dropped> {
        let outcome = Outcome::missed(MonitorId(ID), slot, attempt, Reason::Late, slot.saturating_mul(1000));
        ledger.accept(&region(), outcome, 205_000).map(|_| ())
    }

    #[test]
    fn the_window_and_the_cadence_decide() {
        let ledger = ledger();
        for (slot, attempt, becomes) in [
            (103, 0, Ok(())),
            (193, 0, Ok(())),
            (93, 0, Err(Dropped::TooLate)),
            (93, 255, Err(Dropped::TooLate)),
            (203, 0, Err(Dropped::Unexpected)),
            (104, 0, Err(Dropped::Unexpected)),
            (104, 255, Ok(())),
            (205, 255, Ok(())),
            (206, 255, Err(Dropped::Unexpected)),
            (i64::MAX, 0, Err(Dropped::Unexpected)),
            (i64::MIN, 0, Err(Dropped::TooLate)),
        ] {
            assert_eq!(sorts(&ledger, slot, attempt), becomes, "slot {slot} attempt {attempt}");
        }
    }

    #[test]
    fn an_edit_ends_one_period_and_opens_another() {
        let mut ledger = ledger();
        let changed = ledger.refresh(250, vec![cadence(50, 220, 10, 3), cadence(221, i64::MAX, 5, 1)]);
        assert_eq!(changed, HashSet::from([KEY]));
        assert_eq!(sorts(&ledger, 213, 0), Ok(()));
        assert_eq!(sorts(&ledger, 223, 0), Err(Dropped::Unexpected));
        assert_eq!(sorts(&ledger, 231, 0), Ok(()));
        assert!((ledger.rate(3) - 0.6).abs() < 1e-9, "{}", ledger.rate(3));
        assert_eq!(ledger.interval_at(KEY, 230), Some(5));
    }

    #[test]
    fn a_row_beyond_the_frontier_that_was_replaced_is_forgotten() {
        let mut ledger = ledger();
        ledger.refresh(210, vec![cadence(50, 220, 10, 3), cadence(221, i64::MAX, 5, 1)]);
        // Edited again before the frontier came to 221: paused. The row from 221 is gone from the database.
        ledger.refresh(300, vec![cadence(50, 220, 10, 3)]);
        assert_eq!(sorts(&ledger, 226, 0), Err(Dropped::Unexpected));
        assert_eq!(ledger.interval_at(KEY, 300), None);
    }

    #[test]
    fn a_monitor_that_was_created_and_taken_back_in_one_second_leaves_nothing() {
        let mut ledger = Ledger::new(100);
        ledger.know(ID, KEY);
        ledger.refresh(200, vec![cadence(201, i64::MAX, 10, 3)]);
        assert_eq!(ledger.interval_at(KEY, 205), Some(10));
        assert_eq!(ledger.refresh(210, vec![]), HashSet::from([KEY]));
        assert_eq!(ledger.interval_at(KEY, 215), None);
    }

    #[test]
    fn chosen_regions_and_unknown_monitors() {
        let mut ledger = ledger();
        ledger.refresh(200, vec![Cadence { regions: Some(vec![2]), ..cadence(50, i64::MAX, 10, 3) }]);
        assert_eq!(sorts(&ledger, 103, 0), Err(Dropped::Unexpected));
        let stranger = Outcome::missed(MonitorId(Uuid::nil()), 103, 255, Reason::Late, 0);
        assert_eq!(ledger.accept(&region(), stranger, 205_000), Err(Dropped::Unexpected));
    }
}
