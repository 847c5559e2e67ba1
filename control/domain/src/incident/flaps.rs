//! How often a monitor's status went to bad and back lately, and when one that flapped is calm. Pure: moments come in.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, HashMap, VecDeque},
    time::Duration,
};

use crate::keys::MonitorKey;

/// The last changes of one monitor between good and bad: unix seconds, the oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flaps(VecDeque<i64>);

impl Flaps {
    /// Notes a change at `now`; only those within `window` before it are kept.
    pub fn note(&mut self, now: i64, window: Duration) {
        self.0.push_back(now);
        self.forget(now, window);
    }

    /// Whether there were `changes` or more.
    pub fn are(&self, changes: usize) -> bool {
        self.0.len() >= changes
    }

    /// Forgets what lies further back than `window`. Says whether anything is left.
    pub fn forget(&mut self, now: i64, window: Duration) -> bool {
        let first = now - window.as_secs() as i64;
        while self.0.front().is_some_and(|change| *change < first) {
            self.0.pop_front();
        }
        !self.0.is_empty()
    }
}

/// All monitors that changed lately, and when to look whether they are calm. Moments are unix seconds.
#[derive(Debug)]
pub struct FlapDetector {
    changes: usize,
    window: Duration,
    flaps: HashMap<MonitorKey, Flaps>,
    looks: BinaryHeap<Reverse<(i64, MonitorKey)>>,
}

impl FlapDetector {
    /// So many changes within `window` are flapping.
    pub fn new(changes: usize, window: Duration) -> Self {
        Self { changes, window, flaps: HashMap::new(), looks: BinaryHeap::new() }
    }

    /// How long it has to be calm.
    pub fn window(&self) -> Duration {
        self.window
    }

    /// Notes a change between good and bad.
    pub fn note(&mut self, monitor: MonitorKey, at: i64) {
        self.flaps.entry(monitor).or_default().note(at, self.window);
        self.look_after(monitor, at);
    }

    /// Plans a look once nothing can have happened for a whole window: on every change, and whenever a monitor whose
    /// incident is held open is up again, from wherever.
    pub fn look_after(&mut self, monitor: MonitorKey, at: i64) {
        self.looks.push(Reverse((at + self.window.as_secs() as i64 + 1, monitor)));
    }

    /// Whether it changes so often that one incident is kept for all of it.
    pub fn flaps(&self, monitor: MonitorKey) -> bool {
        self.flaps.get(&monitor).is_some_and(|flaps| flaps.are(self.changes))
    }

    /// Whether a look is due.
    pub fn is_due(&self, now: i64) -> bool {
        self.looks.peek().is_some_and(|Reverse((due, _))| *due <= now)
    }

    /// The monitors looked at now that did not change for a whole window, and are up.
    pub fn calm(&mut self, now: i64, is_up: impl Fn(MonitorKey) -> bool) -> Vec<MonitorKey> {
        let mut calm = Vec::new();
        while self.is_due(now) {
            let Some(Reverse((_, monitor))) = self.looks.pop() else { break };
            let restless = self.flaps.get_mut(&monitor).is_some_and(|flaps| flaps.forget(now, self.window));
            if !restless {
                self.flaps.remove(&monitor);
                calm.extend(is_up(monitor).then_some(monitor));
            }
        }
        calm.sort_unstable();
        calm.dedup();
        calm
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const IT: MonitorKey = MonitorKey(7);

    #[test]
    fn what_changed_is_calm_after_a_window() {
        let mut detector = FlapDetector::new(2, Duration::from_secs(100));
        detector.note(IT, 10);
        assert!(!detector.flaps(IT));
        detector.note(IT, 50);
        assert!(detector.flaps(IT) && !detector.is_due(110) && detector.is_due(111));
        assert_eq!(detector.calm(111, |_| true), []);
        assert_eq!(detector.calm(151, |_| true), [IT]);
        assert!(!detector.flaps(IT) && !detector.is_due(i64::MAX));
    }

    #[test]
    fn what_is_up_again_from_not_known_is_looked_at_once_more() {
        let mut detector = FlapDetector::new(2, Duration::from_secs(100));
        detector.note(IT, 10);
        assert_eq!(detector.calm(111, |_| false), [], "nobody knows whether it is up");
        detector.look_after(IT, 500);
        assert_eq!(detector.calm(600, |_| true), []);
        assert_eq!(detector.calm(601, |_| true), [IT]);
    }

    #[test]
    fn only_what_lies_in_the_window_counts() {
        let (mut flaps, window) = (Flaps::default(), Duration::from_secs(100));
        for (now, three) in [(10, false), (50, false), (90, true), (140, true), (260, false)] {
            flaps.note(now, window);
            assert_eq!(flaps.are(3), three, "{now}");
        }
        assert!(!flaps.forget(1000, window));
    }
}
