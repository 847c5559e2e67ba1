//! How much is read of which region in a turn, what is not read at all, and up to when each was heard. Pure: what waits on the
//! streams and what time it is come in.
//!
//! A region is heard up to the moment at which all that waited on its stream has been read since. No entry's id has a part in
//! it: its writer chooses that.

use std::{collections::BTreeMap, time::Instant};

use wire::{Backlog, ENTRY_MAX, Region};

/// Bytes read in a turn, over all regions, and entries of each: what they make has to be stored well within the lease.
const BYTES: u64 = 6 * MIB;
const ENTRIES_EACH: u64 = 4_096;
/// More unread entries than this, or more bytes, no region's probes write in the minute in which control may not read: it is
/// 160 workers that report as often as they can.
const AWAY: Flood = Flood { entries: 100_000, bytes: 256 * MIB };
/// The same while control reads all the time: a quarter of that minute. What is unread holds up when every region's slots are
/// closed, so it must not be more than can be read in a moment.
const PRESENT: Flood = Flood { entries: 25_000, bytes: 64 * MIB };
const MIB: u64 = 1024 * 1024;
/// Between two looks there is no more than this, or control was away.
const LOOKS_APART_MS: i64 = 5_000;
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

/// What a look at the streams found.
pub(super) struct Look {
    /// Redis milliseconds.
    pub(super) now_ms: i64,
    /// When it was asked for them.
    pub(super) asked: Instant,
    /// Whose entries are read, and how many of them.
    pub(super) wanted: Vec<(Region, usize)>,
}

/// More than this is a flood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Flood {
    entries: u64,
    bytes: u64,
}

/// What to do with `backlog`, where `regions` have something to say.
pub(super) fn intake(backlog: Backlog, regions: usize, flood: Flood) -> Intake {
    let Backlog { entries, bytes } = backlog;
    if entries == 0 {
        return Intake::Nothing;
    }
    let each = bytes / entries;
    if entries > flood.entries || bytes > flood.bytes || each > ENTRY_MAX as u64 + ENTRY_OVERHEAD {
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
    /// Whether it may still have so much to say because nobody read.
    was_alone: bool,
}

/// Up to when each region was heard.
#[derive(Debug)]
pub(super) struct Hearing {
    /// Up to when the lane's last owner heard all of them, and we since.
    up_to_ms: i64,
    looked_ms: Option<i64>,
    regions: BTreeMap<Region, Heard>,
}

impl Hearing {
    /// Where the last owner of the lane left off.
    pub(super) fn new(up_to_ms: i64) -> Self {
        Self { up_to_ms, looked_ms: None, regions: BTreeMap::new() }
    }

    /// Takes in that the streams were looked at. After a while without, all regions may have more to say than usual.
    pub(super) fn looks(&mut self, now_ms: i64) {
        if self.looked_ms.is_some_and(|looked| now_ms - looked > LOOKS_APART_MS) {
            self.regions.values_mut().for_each(|heard| heard.was_alone = true);
        }
        self.looked_ms = Some(now_ms);
    }

    /// How much a region's probes cannot have written.
    pub(super) fn flood(&self, region: &Region) -> Flood {
        if self.regions.get(region).is_none_or(|heard| heard.was_alone) { AWAY } else { PRESENT }
    }

    /// Takes in what waited on a region's stream at `now_ms`.
    pub(super) fn waits(&mut self, region: &Region, entries: u64, now_ms: i64) {
        let up_to_ms = self.up_to_ms;
        let heard = self.regions.entry(region.clone()).or_insert(Heard { up_to_ms, mark: None, was_alone: true });
        if entries == 0 {
            *heard = Heard { up_to_ms: now_ms, mark: None, was_alone: false };
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
                *heard = Heard { up_to_ms: mark.at_ms, mark: None, was_alone: false };
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
        let mib = MIB;
        for (entries, bytes, regions, becomes) in [
            (0, 0, 2, Intake::Nothing),
            (1, 700, 2, Intake::Read(4_096)),
            (100, 100 * 48 * 1024, 2, Intake::Read(64)),
            (100, 100 * 48 * 1024, 300, Intake::Read(8)),
            (64, 64 * mib, 2, Intake::Read(8)),
            (100_000, 100 * mib, 2, Intake::Read(3_001)),
            (100_001, 100 * mib, 2, Intake::Flooded(100_001)),
            (300, 257 * mib, 2, Intake::Flooded(300)),
            (300, 256 * mib, 2, Intake::Read(8)),
            (1, 8 * mib, 2, Intake::Flooded(1)),
            (3, 4 * mib, 2, Intake::Flooded(3)),
        ] {
            assert_eq!(intake(backlog(entries, bytes), regions, AWAY), becomes, "{entries} entries of {bytes} bytes");
        }
    }

    #[test]
    fn less_is_a_flood_while_somebody_reads() {
        for (entries, mib, becomes) in [
            (25_000, 1, Intake::Read(4_096)),
            (25_001, 1, Intake::Flooded(25_001)),
            (100, 64, Intake::Read(8)),
            (100, 65, Intake::Flooded(100)),
        ] {
            assert_eq!(intake(backlog(entries, mib * MIB), 2, PRESENT), becomes, "{entries} entries, {mib} MiB");
        }
    }

    /// One region: whether as much as of a minute is believed of it, after `l`ooks and what `plays` knows, by seconds.
    fn is_believed(steps: &[(char, u64, i64)]) -> bool {
        let eu: Region = "eu-west".parse().unwrap();
        let mut hearing = Hearing::new(0);
        for (what, entries, second) in steps {
            match what {
                'l' => hearing.looks(second * 1000),
                'w' => hearing.waits(&eu, *entries, second * 1000),
                _ => hearing.read(&eu, *entries),
            }
        }
        hearing.flood(&eu) == AWAY
    }

    #[test]
    fn what_waited_while_nobody_read_is_no_flood() {
        assert!(is_believed(&[('l', 0, 100)]));
        let begun = [('l', 0, 100), ('w', 90_000, 100), ('r', 4_096, 100), ('l', 0, 101), ('w', 85_904, 101)];
        assert!(is_believed(&begun), "until it is read");
        let read = [&begun[..], &[('r', 85_904, 101), ('l', 0, 102)]].concat();
        assert!(!is_believed(&read));
        assert!(!is_believed(&[&read[..], &[('w', 30_000, 102), ('l', 0, 107)]].concat()));
        let away = [&read[..], &[('w', 30_000, 102), ('l', 0, 108)]].concat();
        assert!(is_believed(&away), "nobody looked for 6 s");
        assert!(!is_believed(&[('l', 0, 100), ('w', 0, 100)]));
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
