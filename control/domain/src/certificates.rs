//! When the certificates of monitors end, and which end soon. Pure: what was seen and what time it is come in.
//!
//! One region's word opens no incident: an end counts once so many regions see one that early as the monitor's quorum asks.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use crate::keys::{MonitorKey, RegionKey};

/// A certificate that nobody presented for so many intervals was replaced.
const INTERVALS: i64 = 3;

/// What a region was presented.
#[derive(Clone, Copy, Debug)]
struct Seen {
    region: RegionKey,
    not_after: i64,
    at_ms: i64,
}

#[derive(Clone, Debug, Default)]
struct Known {
    /// As stored: what counts.
    not_after: Option<i64>,
    /// When it was read in, where it was: who presents an earlier end than others may not have been heard since.
    restored_ms: Option<i64>,
    seen: Vec<Seen>,
}

/// A certificate that a region was presented.
#[derive(Clone, Copy, Debug)]
pub struct Presented {
    /// To whom.
    pub region: RegionKey,
    /// Its end, unix seconds.
    pub not_after: i64,
    /// When: Redis milliseconds.
    pub heard_ms: i64,
}

/// What is known of certificates.
#[derive(Debug, Default)]
pub struct Certificates {
    known: HashMap<MonitorKey, Known>,
    /// Incidents there are about them.
    pub open: HashMap<MonitorKey, Uuid>,
    touched: HashSet<MonitorKey>,
    unsaved: HashSet<MonitorKey>,
}

/// What has to be written.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Due {
    /// Ends that are not as stored.
    pub ends: Vec<(MonitorKey, i64)>,
    /// Monitors whose certificate ends soon, with its end.
    pub soon: Vec<(MonitorKey, i64)>,
    /// Incidents that are over, with the new end.
    pub over: Vec<(MonitorKey, Uuid, i64)>,
}

impl Certificates {
    /// Takes in an end as it is stored.
    pub fn stored(&mut self, monitor: MonitorKey, not_after: i64, now_ms: i64) {
        let known = Known { not_after: Some(not_after), restored_ms: Some(now_ms), seen: Vec::new() };
        self.known.insert(monitor, known);
        self.touched.insert(monitor);
    }

    /// Takes in that a monitor looks at something else now: what was presented there says nothing of it.
    pub fn retarget(&mut self, monitor: MonitorKey) {
        self.known.remove(&monitor);
    }

    /// Forgets a monitor that was deleted: its incidents are over.
    pub fn forget(&mut self, monitor: MonitorKey) {
        self.known.remove(&monitor);
        self.open.remove(&monitor);
    }

    /// Takes in the incidents there are about these monitors: who pauses one or makes it look elsewhere ends them.
    pub fn opened(&mut self, monitors: &[MonitorKey], open: Vec<(MonitorKey, Uuid)>) {
        for monitor in monitors {
            self.open.remove(monitor);
        }
        self.open.extend(open);
    }

    /// Takes in that an end could not be written: somebody was changing the monitor. The next turn finds it.
    pub fn lost(&mut self, monitor: MonitorKey) {
        self.unsaved.insert(monitor);
        self.touched.insert(monitor);
    }

    /// Takes in a certificate that was presented. Servers behind one name may present several: of a region's, the one that
    /// ends first counts, as long as it is seen; of the regions', the one that `quorum` of them see end that early.
    pub fn hear(&mut self, monitor: MonitorKey, presented: Presented, interval: i32, quorum: usize) {
        self.touched.insert(monitor);
        let known = self.known.entry(monitor).or_default();
        let patience_ms = INTERVALS * 1000 * i64::from(interval);
        known.see(presented, patience_ms);
        known.seen.retain(|seen| presented.heard_ms - seen.at_ms <= patience_ms);
        let mut ends: Vec<i64> = known.seen.iter().map(|seen| seen.not_after).collect();
        ends.sort_unstable();
        let Some(agreed) = ends.get(quorum.max(1) - 1).copied() else { return };
        let is_early = known.restored_ms.is_some_and(|at| presented.heard_ms - at <= patience_ms);
        let changes = known.not_after.is_none_or(|end| agreed < end || (agreed > end && !is_early));
        if changes {
            known.not_after = Some(agreed);
            self.unsaved.insert(monitor);
        }
    }

    /// What has to be written, of monitors touched since the last call: an end within `days` is soon.
    pub fn due(&mut self, now: i64, days: i64) -> Due {
        let mut due = Due::default();
        for monitor in std::mem::take(&mut self.unsaved) {
            due.ends.extend(self.end(monitor).map(|not_after| (monitor, not_after)));
        }
        for monitor in std::mem::take(&mut self.touched) {
            let Some(not_after) = self.end(monitor) else { continue };
            let soon = not_after - now < days * 86_400;
            match self.open.get(&monitor).copied() {
                None if soon => due.soon.push((monitor, not_after)),
                Some(id) if !soon => {
                    self.open.remove(&monitor);
                    due.over.push((monitor, id, not_after));
                }
                _ => {}
            }
        }
        due
    }

    fn end(&self, monitor: MonitorKey) -> Option<i64> {
        self.known.get(&monitor)?.not_after
    }
}

impl Known {
    fn see(&mut self, presented: Presented, patience_ms: i64) {
        let Presented { region, not_after, heard_ms } = presented;
        let Some(seen) = self.seen.iter_mut().find(|seen| seen.region == region) else {
            self.seen.push(Seen { region, not_after, at_ms: heard_ms });
            return;
        };
        let replaced = heard_ms - seen.at_ms > patience_ms;
        if not_after <= seen.not_after || replaced {
            *seen = Seen { region, not_after, at_ms: heard_ms };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: MonitorKey = MonitorKey(1);
    const DAY: i64 = 86_400;

    fn hear(all: &mut Certificates, region: i16, end_days: i64, at_ms: i64, quorum: usize) {
        let presented = Presented { region: RegionKey(region), not_after: end_days * DAY, heard_ms: at_ms };
        all.hear(KEY, presented, 60, quorum);
    }

    #[test]
    fn an_end_that_comes_near_is_told_once_and_a_new_certificate_ends_it() {
        let mut all = Certificates::default();
        hear(&mut all, 1, 20, 0, 1);
        let due = all.due(0, 14);
        assert_eq!((due.ends.len(), due.soon.len()), (1, 0));
        hear(&mut all, 1, 20, 7 * DAY * 1000, 1);
        let due = all.due(7 * DAY, 14);
        assert_eq!((due.ends.len(), &due.soon[..]), (0, &[(KEY, 20 * DAY)][..]));
        let id = Uuid::from_u128(1);
        all.open.insert(KEY, id);
        hear(&mut all, 1, 20, 8 * DAY * 1000, 1);
        assert_eq!(all.due(8 * DAY, 14), Due::default());
        hear(&mut all, 1, 90, 9 * DAY * 1000, 1);
        let due = all.due(9 * DAY, 14);
        assert_eq!((&due.ends[..], &due.over[..]), (&[(KEY, 90 * DAY)][..], &[(KEY, id, 90 * DAY)][..]));
    }

    #[test]
    fn of_two_certificates_the_one_that_ends_first_counts() {
        let mut all = Certificates::default();
        for (n, end) in [40, 30, 40, 30, 40].into_iter().enumerate() {
            hear(&mut all, 1, end, n as i64 * 60_000, 1);
        }
        assert_eq!(all.due(0, 14).ends, [(KEY, 30 * DAY)]);
        for n in 5..10 {
            hear(&mut all, 1, 40, n * 60_000, 1);
        }
        assert_eq!(all.due(0, 14).ends, [(KEY, 40 * DAY)]);
    }

    #[test]
    fn another_targets_certificate_counts_at_once() {
        let mut all = Certificates::default();
        hear(&mut all, 1, 3, 0, 1);
        all.retarget(KEY);
        hear(&mut all, 1, 90, 1_000, 1);
        assert_eq!(all.end(KEY), Some(90 * DAY));
    }

    #[test]
    fn an_earlier_end_that_was_stored_counts_until_it_was_not_seen_for_long() {
        let mut all = Certificates::default();
        all.stored(KEY, 30 * DAY, 0);
        for (at, end) in [(60, 30), (180, 30), (181, 40)] {
            hear(&mut all, 1, 40, at * 1000, 1);
            assert_eq!(all.end(KEY), Some(end * DAY), "at {at} s");
        }
    }

    /// What is stored after each `(region, days)` that is heard a second apart, where it takes `quorum` regions.
    fn ends(quorum: usize, heard: &[(i16, i64)]) -> Vec<Option<i64>> {
        let mut all = Certificates::default();
        let step = |(n, (region, days)): (usize, &(i16, i64))| {
            hear(&mut all, *region, *days, n as i64 * 1000, quorum);
            all.end(KEY).map(|end| end / DAY)
        };
        heard.iter().enumerate().map(step).collect()
    }

    #[test]
    fn one_regions_word_is_not_enough_where_it_takes_two() {
        assert_eq!(ends(1, &[(1, 40), (2, 3)]), [Some(40), Some(3)]);
        assert_eq!(ends(2, &[(1, 3), (2, 40), (3, 40)]), [None, Some(40), Some(40)]);
        assert_eq!(ends(2, &[(1, 3), (2, 3), (3, 40)]), [None, Some(3), Some(3)]);
        assert_eq!(ends(2, &[(2, 40), (3, 40), (1, 1), (1, 0)]), [None, Some(40), Some(40), Some(40)]);
    }
}
