//! When a monitor is due, and which regions owe its slots. SQL says the same of what is stored (`due`, `expected`, in the
//! migrations). Pure: rows and a second come in, an answer comes out.

use wire::Region;

use crate::{
    keys::{MonitorKey, RegionKey},
    time::{Seconds, Slot},
};

/// Intervals without a word after which a region is silent on a monitor.
pub const SILENT_AFTER: i32 = 2;

/// How long a region says nothing of a monitor that is checked every `interval` seconds until it is silent.
pub fn silence(interval: i32) -> Seconds {
    Seconds(i64::from(SILENT_AFTER) * i64::from(interval))
}

/// The second since which each region that owes a monitor's slots has a row: what is silent for longer is closed at `now`,
/// and says so. A slot is closed `close_after` its second.
pub fn heard_since(now: Slot, interval: i32, close_after: Seconds) -> Slot {
    now - silence(interval) - close_after
}

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
    /// Whether a row of `region` is expected at `slot`.
    pub fn expects(&self, region: &RegionRow, slot: i64) -> bool {
        self.is_due(slot) && owes(region, self.regions.as_deref(), slot)
    }

    fn is_due(&self, slot: i64) -> bool {
        (self.from_slot..=self.to_slot).contains(&slot)
            && slot.rem_euclid(self.interval.into()) == i64::from(self.phase)
    }
}

/// A registered region: a row of `regions`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegionRow {
    /// Its key.
    pub key: RegionKey,
    /// Its name.
    pub region: Region,
    /// The first slot it owes.
    pub from_slot: i64,
    /// The last slot it owes.
    pub to_slot: i64,
    /// Whether it gets all its jobs through its own stream.
    pub isolated: bool,
    /// What somebody with its rights on Redis did that no probe does, and when that was noticed last (unix seconds).
    pub odd: Option<(String, i64)>,
}

/// Whether a monitor is checked from a region. Who chose none is checked from all.
pub fn chooses(chosen: Option<&[i16]>, region: RegionKey) -> bool {
    chosen.is_none_or(|chosen| chosen.contains(&region.0))
}

/// The keys of the regions that people chose by their names; absent where they chose none, which means all.
pub fn chosen(names: &[Region], all: &[RegionRow]) -> Option<Vec<i16>> {
    let keys = all.iter().filter(|row| names.contains(&row.region)).map(|row| row.key.0);
    (!names.is_empty()).then(|| keys.collect())
}

/// The regions that owe a look, at `slot`, at a monitor that chose these.
pub fn owing<'r>(
    all: &'r [RegionRow],
    chosen: Option<&[i16]>,
    slot: i64,
) -> impl Iterator<Item = &'r RegionRow> + Clone {
    all.iter().filter(move |row| owes(row, chosen, slot))
}

fn owes(region: &RegionRow, chosen: Option<&[i16]>, slot: i64) -> bool {
    (region.from_slot..=region.to_slot).contains(&slot) && chooses(chosen, region.key)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `eu` owes the slots from 100 to 200, `us` those from 150 on, `cn` all.
    fn regions() -> Vec<RegionRow> {
        let row = |(key, name, from_slot, to_slot): (i16, &str, i64, i64)| {
            let region = name.parse().unwrap();
            RegionRow { key: RegionKey(key), region, from_slot, to_slot, isolated: false, odd: None }
        };
        [(1, "eu", 100, 200), (2, "us", 150, i64::MAX), (3, "cn", 0, i64::MAX)].map(row).into()
    }

    fn names(text: &str) -> Vec<Region> {
        text.split_whitespace().map(|name| name.parse().unwrap()).collect()
    }

    #[test]
    fn who_is_in_force_and_chosen_owes_a_slot() {
        for (slot, wanted, owe) in [
            (99, "", "cn"),
            (100, "", "eu cn"),
            (150, "", "eu us cn"),
            (200, "", "eu us cn"),
            (201, "", "us cn"),
            (150, "us", "us"),
            (149, "us", ""),
            (150, "cn eu", "eu cn"),
            (201, "cn eu", "cn"),
            (150, "gone", ""),
            (150, "gone us", "us"),
        ] {
            let (all, wanted) = (regions(), names(wanted));
            let found: Vec<_> = owing(&all, chosen(&wanted, &all).as_deref(), slot).map(|row| &row.region).collect();
            assert_eq!(found, names(owe).iter().collect::<Vec<_>>(), "slot {slot}, {wanted:?}");
        }
    }

    #[test]
    fn a_cadence_expects_its_slots_of_who_owes_them() {
        let cadence =
            |regions| Cadence { monitor: MonitorKey(1), interval: 10, phase: 3, regions, from_slot: 110, to_slot: 300 };
        let all = regions();
        for (slot, chosen, expected) in [
            (103, None, ""),
            (113, None, "eu cn"),
            (114, None, ""),
            (153, None, "eu us cn"),
            (153, Some(vec![2, 1]), "eu us"),
            (203, Some(vec![1]), ""),
            (293, None, "us cn"),
            (303, None, ""),
        ] {
            let cadence = cadence(chosen);
            let found: Vec<_> = all.iter().filter(|row| cadence.expects(row, slot)).map(|row| &row.region).collect();
            assert_eq!(found, names(expected).iter().collect::<Vec<_>>(), "slot {slot}, {:?}", cadence.regions);
        }
    }

    #[test]
    fn silence_is_two_intervals_and_shows_once_its_slots_are_closed() {
        assert_eq!(silence(30), Seconds(60));
        assert_eq!(heard_since(Slot(1_000), 30, Seconds(180)), Slot(760));
    }
}
