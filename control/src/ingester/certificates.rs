//! When the certificates of monitors end, and which end soon. Pure: what was seen and what time it is come in.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use crate::keys::MonitorKey;

/// A certificate that nobody presented for so many intervals was replaced.
const INTERVALS: i64 = 3;

#[derive(Clone, Copy, Debug)]
struct Known {
    not_after: i64,
    seen_ms: i64,
}

/// What is known of certificates.
#[derive(Debug, Default)]
pub(super) struct Certificates {
    known: HashMap<MonitorKey, Known>,
    /// Incidents there are about them.
    pub(super) open: HashMap<MonitorKey, Uuid>,
    touched: HashSet<MonitorKey>,
    unkept: HashSet<MonitorKey>,
}

/// What has to be written.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Due {
    /// Ends that are not as stored.
    pub(super) ends: Vec<(MonitorKey, i64)>,
    /// Monitors whose certificate ends soon, with its end.
    pub(super) soon: Vec<(MonitorKey, i64)>,
    /// Incidents that are over, with the new end.
    pub(super) over: Vec<(MonitorKey, Uuid, i64)>,
}

impl Certificates {
    /// Takes in an end as it is stored.
    pub(super) fn stored(&mut self, monitor: MonitorKey, not_after: i64, now_ms: i64) {
        self.known.insert(monitor, Known { not_after, seen_ms: now_ms });
        self.touched.insert(monitor);
    }

    /// Takes in the end of a certificate that was presented. Servers behind one name may present several: the one that
    /// ends first counts, as long as it is seen.
    pub(super) fn hear(&mut self, monitor: MonitorKey, not_after: i64, heard_ms: i64, interval: i32) {
        self.touched.insert(monitor);
        let known = self.known.entry(monitor).or_insert(Known { not_after: i64::MAX, seen_ms: heard_ms });
        let replaced = heard_ms - known.seen_ms > INTERVALS * 1000 * i64::from(interval);
        if not_after < known.not_after || (not_after > known.not_after && replaced) {
            known.not_after = not_after;
            self.unkept.insert(monitor);
        }
        if not_after == known.not_after {
            known.seen_ms = heard_ms;
        }
    }

    /// What has to be written, of monitors touched since the last call: an end within `days` is soon.
    pub(super) fn due(&mut self, now: i64, days: i64) -> Due {
        let mut due = Due::default();
        for monitor in self.unkept.drain() {
            due.ends.extend(self.known.get(&monitor).map(|known| (monitor, known.not_after)));
        }
        for monitor in self.touched.drain() {
            let Some(known) = self.known.get(&monitor) else { continue };
            let soon = known.not_after - now < days * 86_400;
            match self.open.get(&monitor).copied() {
                None if soon => due.soon.push((monitor, known.not_after)),
                Some(id) if !soon => {
                    self.open.remove(&monitor);
                    due.over.push((monitor, id, known.not_after));
                }
                _ => {}
            }
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: MonitorKey = MonitorKey(1);
    const DAY: i64 = 86_400;

    #[test]
    fn an_end_that_comes_near_is_told_once_and_a_new_certificate_ends_it() {
        let mut all = Certificates::default();
        all.hear(KEY, 20 * DAY, 0, 60);
        let due = all.due(0, 14);
        assert_eq!((due.ends.len(), due.soon.len()), (1, 0));
        all.hear(KEY, 20 * DAY, 7 * DAY * 1000, 60);
        let due = all.due(7 * DAY, 14);
        assert_eq!((due.ends.len(), &due.soon[..]), (0, &[(KEY, 20 * DAY)][..]));
        let id = Uuid::from_u128(1);
        all.open.insert(KEY, id);
        all.hear(KEY, 20 * DAY, 8 * DAY * 1000, 60);
        assert_eq!(all.due(8 * DAY, 14), Due::default());
        all.hear(KEY, 90 * DAY, 9 * DAY * 1000, 60);
        let due = all.due(9 * DAY, 14);
        assert_eq!((&due.ends[..], &due.over[..]), (&[(KEY, 90 * DAY)][..], &[(KEY, id, 90 * DAY)][..]));
    }

    #[test]
    fn of_two_certificates_the_one_that_ends_first_counts() {
        let mut all = Certificates::default();
        for (n, end) in [40, 30, 40, 30, 40].into_iter().enumerate() {
            all.hear(KEY, end * DAY, n as i64 * 60_000, 60);
        }
        assert_eq!(all.due(0, 14).ends, [(KEY, 30 * DAY)]);
        for n in 5..10 {
            all.hear(KEY, 40 * DAY, n * 60_000, 60);
        }
        assert_eq!(all.due(0, 14).ends, [(KEY, 40 * DAY)]);
    }
}
