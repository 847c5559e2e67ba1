//! What becomes of a message after a try. Pure: it does not know what was said, nor to whom.

use std::time::Duration;

use store::outbox::Fate;

/// However long a receiver asks to be left alone, it is asked again after this.
const LONGEST_PAUSE: Duration = Duration::from_hours(1);

/// How tries follow each other: `alerting.*`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// After the first try that failed; then twice as long each time.
    pub(super) first: Duration,
    /// No wait is longer, unless the receiver asks for it.
    pub(super) most: Duration,
    /// A try that fails this long after the first one was the last.
    pub(super) give_up: Duration,
}

/// How a try ended.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Ending {
    /// The message was taken.
    pub(super) ok: bool,
    /// It never will be.
    pub(super) permanent: bool,
    /// The receiver asks to be left alone for this long.
    pub(super) retry_after: Option<Duration>,
}

impl Patience {
    /// What becomes of a message whose try number `attempt` (from 1) ended so, `age` after its first try began.
    /// `chance` is from 0 to 1: what failed together is not tried together again.
    pub(super) fn fate(&self, ending: Ending, attempt: u32, age: Duration, chance: f64) -> Fate {
        if ending.ok {
            Fate::Sent
        } else if ending.permanent || age >= self.give_up {
            Fate::Dead
        } else {
            Fate::Again(self.wait(ending.retry_after, attempt, chance))
        }
    }

    /// Up to a fifth longer than asked for, never shorter; of our own accord also up to a fifth shorter.
    fn wait(&self, asked: Option<Duration>, attempt: u32, chance: f64) -> Duration {
        if let Some(asked) = asked {
            return asked.clamp(Duration::from_secs(1), LONGEST_PAUSE).mul_f64(1.0 + 0.2 * chance);
        }
        let doubled = self.first.saturating_mul(2_u32.saturating_pow(attempt.saturating_sub(1)));
        doubled.min(self.most).mul_f64(0.8 + 0.4 * chance)
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "whole numbers")]
mod tests {
    use super::*;

    const USUAL: Patience =
        Patience { first: Duration::from_secs(5), most: Duration::from_mins(15), give_up: Duration::from_hours(24) };
    const FAILED: Ending = Ending { ok: false, permanent: false, retry_after: None };
    const HOUR: u64 = 3_600;

    fn seconds(fate: Fate) -> f64 {
        match fate {
            Fate::Again(wait) => wait.as_secs_f64(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn waits_double_up_to_a_quarter_of_an_hour() {
        for (attempt, wait) in
            [(1, 5.0), (2, 10.0), (3, 20.0), (7, 320.0), (8, 640.0), (9, 900.0), (40, 900.0), (u32::MAX, 900.0)]
        {
            assert_eq!(seconds(USUAL.fate(FAILED, attempt, Duration::ZERO, 0.5)), wait, "after try {attempt}");
        }
    }

    #[test]
    fn waits_differ_by_a_fifth() {
        assert_eq!(seconds(USUAL.fate(FAILED, 1, Duration::ZERO, 0.0)), 4.0);
        assert_eq!(seconds(USUAL.fate(FAILED, 1, Duration::ZERO, 1.0)), 6.0);
    }

    #[test]
    fn who_asks_for_a_pause_has_it_but_not_for_ever() {
        for (asked, least, most) in [(30, 30.0, 36.0), (0, 1.0, 1.2), (HOUR, 3600.0, 4320.0), (1 << 40, 3600.0, 4320.0)]
        {
            let busy = Ending { retry_after: Some(Duration::from_secs(asked)), ..FAILED };
            assert_eq!(seconds(USUAL.fate(busy, 9, Duration::ZERO, 0.0)), least, "{asked}");
            assert_eq!(seconds(USUAL.fate(busy, 9, Duration::ZERO, 1.0)), most, "{asked}");
        }
    }

    #[test]
    fn a_day_after_its_first_try_it_is_given_up() {
        let age = Duration::from_secs;
        let never = Ending { permanent: true, ..FAILED };
        let taken = Ending { ok: true, ..FAILED };
        assert!(matches!(USUAL.fate(FAILED, 90, age(24 * HOUR - 1), 0.5), Fate::Again(_)));
        assert_eq!(USUAL.fate(FAILED, 90, age(24 * HOUR), 0.5), Fate::Dead);
        assert_eq!(USUAL.fate(never, 1, age(0), 0.5), Fate::Dead);
        assert_eq!(USUAL.fate(taken, 90, age(25 * HOUR), 0.5), Fate::Sent);
    }
}
