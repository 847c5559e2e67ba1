//! Seconds and milliseconds, moments and spans: where they meet they are types, so that none is taken for another.

use std::{
    fmt,
    ops::{Add, Sub},
    time::Duration,
};

/// A second at which something may be due: unix seconds by Redis' clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Slot(pub i64);

/// A moment: unix milliseconds by Redis' clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Millis(pub i64);

/// A span of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seconds(pub i64);

impl Slot {
    /// Its first moment.
    pub fn start(self) -> Millis {
        Millis(self.0.saturating_mul(1_000))
    }

    /// The second behind it.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }

    /// The second before it.
    #[must_use]
    pub fn before(self) -> Self {
        Self(self.0 - 1)
    }
}

impl Millis {
    /// The second it lies in.
    pub fn slot(self) -> Slot {
        Slot(self.0.div_euclid(1_000))
    }
}

impl From<Duration> for Seconds {
    /// Whole ones.
    fn from(span: Duration) -> Self {
        Self(i64::try_from(span.as_secs()).unwrap_or(i64::MAX))
    }
}

impl Add<Seconds> for Slot {
    type Output = Self;
    fn add(self, span: Seconds) -> Self {
        Self(self.0 + span.0)
    }
}

impl Sub<Seconds> for Slot {
    type Output = Self;
    fn sub(self, span: Seconds) -> Self {
        Self(self.0 - span.0)
    }
}

impl Sub for Slot {
    type Output = Seconds;
    fn sub(self, earlier: Self) -> Seconds {
        Seconds(self.0 - earlier.0)
    }
}

impl Add<Seconds> for Millis {
    type Output = Self;
    fn add(self, span: Seconds) -> Self {
        Self(self.0 + span.0 * 1_000)
    }
}

impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_lies_in_its_second() {
        for (ms, second) in [(0, 0), (999, 0), (1_000, 1), (-1, -1)] {
            assert_eq!(Millis(ms).slot(), Slot(second), "{ms}");
        }
        assert_eq!(Slot(7).start().slot(), Slot(7));
        assert_eq!(Slot(7).start() + Seconds(2), Millis(9_000));
        assert_eq!((Slot(7).next(), Slot(7).before()), (Slot(8), Slot(6)));
    }

    #[test]
    fn a_span_lies_between_two_seconds() {
        let span = Slot(160) - Slot(100);
        assert_eq!((span, Slot(100) + span, Slot(160) - span), (Seconds(60), Slot(160), Slot(100)));
        assert_eq!(Seconds::from(Duration::from_millis(1_999)), Seconds(1));
    }
}
