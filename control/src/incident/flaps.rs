//! How often a monitor's status went to bad and back lately. Pure: moments come in.

use std::{collections::VecDeque, time::Duration};

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

#[cfg(test)]
mod tests {
    use super::*;

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
