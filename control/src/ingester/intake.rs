//! How much is read of which region in a turn, what is not read at all, and up to when each was heard. Pure: what waits on the
//! streams and what time it is come in.
//!
//! A region is heard up to the moment at which all that waited on its stream has been read since. No entry's id has a part in
//! it: its writer chooses that.

use std::collections::BTreeMap;

use wire::{Backlog, ENTRY_MAX, Region};

/// Bytes read in a turn, over all regions, and entries of each: what they make has to be stored well within the lease.
const BYTES: u64 = 6 * 1024 * 1024;
const ENTRIES_EACH: u64 = 4_096;
/// More unread entries than this, or more bytes, no region's probes write in the minute in which control may not read: it is
/// 160 workers that report as often as they can.
const FLOOD_ENTRIES: u64 = 100_000;
const FLOOD_BYTES: u64 = 256 * 1024 * 1024;
/// An entry takes Redis this much beside its fields at most, about.
const ENTRY_OVERHEAD: u64 = 16 * 1024;

/// What to do with what waits on a region's stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Intake {
    /// There is nothing.
    Nothing,
    /// So many entries are read.
    Read(usize),
    /// It is thrown away unread: this many entries.
    Flooded(u64),
}

/// What to do with `backlog`, where `regions` have something to say.
pub(super) fn intake(backlog: Backlog, regions: usize) -> Intake {
    let Backlog { entries, bytes } = backlog;
    if entries == 0 {
        return Intake::Nothing;
    }
    let each = bytes / entries;
    if entries > FLOOD_ENTRIES || bytes > FLOOD_BYTES || each > ENTRY_MAX as u64 + ENTRY_OVERHEAD {
        return Intake::Flooded(entries);
    }
    let room = BYTES / regions.max(1) as u64;
    Intake::Read((room / each.max(1)).clamp(8, ENTRIES_EACH) as usize)
}

/// What waited on a region's stream at some moment, and how much of that is still unread.
#[derive(Clone, Copy, Debug)]
struct Mark {
    at_ms: i64,
    left: u64,
}

#[derive(Clone, Copy, Debug)]
struct Heard {
    up_to_ms: i64,
    mark: Option<Mark>,
}

/// Up to when each region was heard.
#[derive(Debug)]
pub(super) struct Hearing {
    /// Up to when the lane's last owner heard all of them, and we since.
    up_to_ms: i64,
    regions: BTreeMap<Region, Heard>,
}

impl Hearing {
    /// Where the last owner of the lane left off.
    pub(super) fn new(up_to_ms: i64) -> Self {
        Self { up_to_ms, regions: BTreeMap::new() }
    }

    /// Takes in what waited on a region's stream at `now_ms`.
    pub(super) fn waits(&mut self, region: &Region, entries: u64, now_ms: i64) {
        let up_to_ms = self.up_to_ms;
        let heard = self.regions.entry(region.clone()).or_insert(Heard { up_to_ms, mark: None });
        if entries == 0 {
            *heard = Heard { up_to_ms: now_ms, mark: None };
        } else if let Some(mark) = &mut heard.mark {
            // There is no more left of it than there is at all: the stream may be another one by now.
            mark.left = mark.left.min(entries);
        } else {
            heard.mark = Some(Mark { at_ms: now_ms, left: entries });
        }
    }

    /// Takes in that so many more of a region's entries were read, or dropped.
    pub(super) fn read(&mut self, region: &Region, entries: u64) {
        let Some(heard) = self.regions.get_mut(region) else { return };
        if let Some(mark) = &mut heard.mark {
            mark.left = mark.left.saturating_sub(entries);
            if mark.left == 0 {
                *heard = Heard { up_to_ms: mark.at_ms, mark: None };
            }
        }
    }

    /// Up to when all of `regions` were heard; with none, up to `now_ms`. It goes back only where Redis' time does.
    pub(super) fn up_to_ms(&mut self, regions: &[Region], now_ms: i64) -> i64 {
        self.regions.retain(|known, _| regions.contains(known));
        let oldest = regions.iter().filter_map(|region| self.regions.get(region)).map(|heard| heard.up_to_ms).min();
        // Nobody was heard later than now, whatever a server's clock said before.
        self.up_to_ms = self.up_to_ms.max(oldest.unwrap_or(now_ms)).min(now_ms);
        self.up_to_ms
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn backlog(entries: u64, bytes: u64) -> Backlog {
        Backlog { entries, bytes }
    }

    #[test]
    fn as_much_is_read_as_fits_and_a_flood_is_not() {
        let mib = 1024 * 1024;
        for (entries, bytes, regions, becomes) in [
            (0, 0, 2, Intake::Nothing),
            (1, 700, 2, Intake::Read(4_096)),
            (100, 100 * 48 * 1024, 2, Intake::Read(64)),
            (100, 100 * 48 * 1024, 300, Intake::Read(8)),
            (64, 64 * mib, 2, Intake::Read(8)),
            (100_000, 100 * mib, 2, Intake::Read(3_001)),
            (100_001, 100 * mib, 2, Intake::Flooded(100_001)),
            (300, 257 * mib, 2, Intake::Flooded(300)),
            (1, 8 * mib, 2, Intake::Flooded(1)),
            (3, 4 * mib, 2, Intake::Flooded(3)),
        ] {
            assert_eq!(intake(backlog(entries, bytes), regions), becomes, "{entries} entries of {bytes} bytes");
        }
    }

    /// One region: `w` what waits at a second, `r` how many are read. Answers up to when it is heard after each step.
    fn plays(steps: &[(char, u64, i64)]) -> Vec<i64> {
        let eu: Region = "eu-west".parse().unwrap();
        let mut hearing = Hearing::new(1);
        let step = |(what, entries, now): &(char, u64, i64)| {
            match what {
                'w' => hearing.waits(&eu, *entries, *now),
                _ => hearing.read(&eu, *entries),
            }
            hearing.up_to_ms(std::slice::from_ref(&eu), *now)
        };
        steps.iter().map(step).collect()
    }

    #[test]
    fn heard_is_the_last_moment_of_which_nothing_is_unread() {
        assert_eq!(plays(&[('w', 0, 10), ('w', 3, 20), ('r', 3, 20), ('w', 0, 30)]), [10, 10, 20, 30]);
        assert_eq!(plays(&[('w', 9, 10), ('r', 5, 10), ('w', 80, 20), ('r', 4, 20)]), [1, 1, 1, 10]);
        assert_eq!(plays(&[('w', 9, 10), ('r', 9, 10), ('w', 1, 20), ('r', 0, 20), ('w', 0, 30)]), [1, 10, 10, 10, 30]);
        assert_eq!(plays(&[('r', 5, 10)]), [10], "nothing is known to wait");
        let shrunk = [('w', 95_000, 10), ('r', 4_096, 10), ('w', 3, 20), ('r', 3, 20), ('w', 0, 30)];
        assert_eq!(plays(&shrunk), [1, 1, 1, 10, 30], "what is gone is not waited for");
        assert_eq!(plays(&[('w', 0, 3_600), ('w', 0, 20)]), [3_600, 20], "a clock that was ahead is not believed");
    }

    #[test]
    fn the_region_heard_least_counts_and_one_that_went_away_does_not() {
        let [eu, us]: [Region; 2] = ["eu-west", "us-east"].map(|name| name.parse().unwrap());
        let mut hearing = Hearing::new(0);
        hearing.waits(&eu, 0, 50);
        hearing.waits(&us, 7, 50);
        assert_eq!(hearing.up_to_ms(&[eu.clone(), us.clone()], 50), 0);
        assert_eq!(hearing.up_to_ms(std::slice::from_ref(&eu), 50), 50);
        assert_eq!(hearing.up_to_ms(&[], 60), 60);
        hearing.waits(&us, 7, 70);
        assert_eq!(hearing.up_to_ms(&[eu, us], 70), 60, "what was heard stays heard");
    }
}
