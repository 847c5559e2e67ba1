//! Whether anything was called up that nobody had looked at: what each replica answered, beside what was stored by then.
//! Deciding is pure; who asks is apart.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

mod sampler;

pub use self::sampler::{Sampled, Sampler, TAG};

/// A monitor may be called up for two intervals after somebody looked, and for this long at least, milliseconds.
const AT_LEAST_MS: i64 = 10_000;
/// How long an ingester and an answer may take until silence shows, milliseconds: a turn each.
const TURN_MS: i64 = 2_000;
/// How many sentences are kept.
const SAMPLES: usize = 20;

/// A replica called a monitor up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Which replica, and in which answer.
    pub by: String,
    /// The monitor.
    pub monitor: String,
    /// Its interval, seconds.
    pub interval: i64,
    /// Just before it was asked, unix milliseconds.
    pub asked_ms: i64,
    /// Just after it had answered, unix milliseconds.
    pub answered_ms: i64,
    /// When a look whose result was stored by then began, unix milliseconds: the newest. `None` where PostgreSQL could not
    /// be asked; then it is judged by what was stored later.
    pub stored: Option<Stored>,
}

/// What PostgreSQL said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stored {
    /// The newest look at the monitor, unix milliseconds.
    Look(i64),
    /// It had none of the last minutes.
    Nothing,
}

/// When each monitor was looked at, by its id, unix milliseconds: all that is stored in the end.
pub type Looks = BTreeMap<String, BTreeSet<i64>>;

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Seconds in which some answer was wrong.
    pub seconds: usize,
    /// Of those, in which one was wrong even if the look before last counts: who only knows how long a lane has stood still
    /// does not know how long before that a monitor was looked at, at most one interval.
    pub seconds_beyond_doubt: usize,
    /// Answers that were judged.
    pub judged: usize,
    /// Answers that were wrong.
    pub wrong: usize,
    /// By interval, the oldest look at something called up, milliseconds.
    pub oldest_ms: BTreeMap<i64, i64>,
    /// What was wrong, in sentences.
    pub samples: Vec<String>,
}

/// Lays what was shown beside what was looked at.
pub fn judge(shown: &[Shown], looks: &Looks) -> Found {
    let (mut found, mut seconds, mut beyond_doubt) = (Found::default(), BTreeSet::new(), BTreeSet::new());
    for each in shown {
        found.judged += 1;
        let look = each.newest_look(looks);
        let age = look.map(|look| (each.asked_ms - look).max(0));
        if let Some(age) = age {
            let oldest = found.oldest_ms.entry(each.interval).or_default();
            *oldest = age.max(*oldest);
        }
        if age.is_some_and(|age| age <= each.allowed_ms()) {
            continue;
        }
        found.wrong += 1;
        seconds.insert(each.asked_ms / 1000);
        if age.is_none_or(|age| age > each.allowed_ms() + 1_000 * each.interval) {
            beyond_doubt.insert(each.asked_ms / 1000);
        }
        if found.samples.len() < SAMPLES {
            found.samples.push(each.sentence(age));
        }
    }
    (found.seconds, found.seconds_beyond_doubt) = (seconds.len(), beyond_doubt.len());
    found
}

impl Shown {
    fn newest_look(&self, looks: &Looks) -> Option<i64> {
        match self.stored {
            Some(Stored::Look(look)) => Some(look),
            Some(Stored::Nothing) => None,
            None => looks.get(&self.monitor)?.range(..=self.answered_ms).next_back().copied(),
        }
    }

    fn allowed_ms(&self) -> i64 {
        AT_LEAST_MS.max(2_000 * self.interval) + TURN_MS
    }

    fn sentence(&self, age: Option<i64>) -> String {
        let Self { by, monitor, interval, asked_ms, .. } = self;
        let last = age.map_or("long ago, or never".to_owned(), |age| format!("{:.1} s ago", age as f64 / 1000.0));
        format!("at {asked_ms} {by} calls {monitor} up, each {interval} s; the last stored look at it was {last}")
    }
}

impl Found {
    /// For a report.
    pub fn json(&self) -> Value {
        let oldest = self.oldest_ms.iter().map(|(interval, ms)| (interval.to_string(), (*ms as f64 / 1000.0).into()));
        let oldest: serde_json::Map<_, _> = oldest.collect();
        json!({
            "seconds": self.seconds, "seconds_beyond_doubt": self.seconds_beyond_doubt, "answers": self.judged, "wrong": self.wrong,
            "oldest_look_seconds_by_interval": oldest, "samples": self.samples,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Asked at second 100 about a monitor at so many seconds; looked at so many seconds before, by what was stored then.
    fn shown(interval: i64, stored: Option<Stored>) -> Shown {
        let (by, monitor) = ("control-0".to_owned(), "m".to_owned());
        Shown { by, monitor, interval, asked_ms: 100_000, answered_ms: 100_300, stored }
    }

    #[test]
    fn two_intervals_are_allowed_and_ten_seconds_at_least() {
        for (interval, look, wrong) in [
            (5, Some(Stored::Look(99_000)), 0),
            (5, Some(Stored::Look(88_000)), 0),
            (5, Some(Stored::Look(87_999)), 1),
            (10, Some(Stored::Look(78_000)), 0),
            (10, Some(Stored::Look(77_999)), 1),
            (60, Some(Stored::Look(-22_000)), 0),
            (60, Some(Stored::Nothing), 1),
            (5, None, 1),
        ] {
            let found = judge(&[shown(interval, look)], &Looks::new());
            assert_eq!((found.wrong, found.seconds, found.samples.len()), (wrong, wrong, wrong), "{interval} {look:?}");
            assert_eq!(found.judged, 1);
        }
    }

    #[test]
    fn where_postgres_was_away_what_was_stored_since_tells_when_somebody_looked() {
        let looks = |at: &[i64]| Looks::from([("m".to_owned(), at.iter().copied().collect())]);
        for (at, wrong) in [
            (&[95_000][..], 0),
            (&[80_000, 99_000, 104_000], 0),
            // A look after the answer excuses nothing.
            (&[80_000, 101_000], 1),
            (&[], 1),
        ] {
            assert_eq!(judge(&[shown(5, None)], &looks(at)).wrong, wrong, "{at:?}");
        }
        // What was looked at and not stored is no excuse where PostgreSQL was there to say so.
        assert_eq!(judge(&[shown(5, Some(Stored::Look(80_000)))], &looks(&[99_000])).wrong, 1);
    }

    #[test]
    fn a_second_counts_once_however_many_answers_were_wrong() {
        let at = |asked_ms, look| Shown { asked_ms, answered_ms: asked_ms + 1, ..shown(5, Some(Stored::Look(look))) };
        let found = judge(&[at(100_000, 0), at(100_900, 0), at(101_000, 0), at(102_000, 95_000)], &Looks::new());
        assert_eq!((found.seconds, found.seconds_beyond_doubt, found.wrong, found.judged), (2, 2, 3, 4));
        assert_eq!(found.oldest_ms, BTreeMap::from([(5, 101_000)]));
        let found = judge(&[at(100_000, 84_000), at(101_000, 83_900), at(102_000, 84_900)], &Looks::new());
        assert_eq!((found.seconds, found.seconds_beyond_doubt), (3, 2));
    }
}
