//! Uptime and coverage. Pure: counts come in, ratios come out. "Not checked" is never "up": what was missed lowers
//! coverage and stays out of uptime.

use serde::{Serialize, Serializer, ser::SerializeStruct};

/// Counts over the closed, scheduled slots of a period.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Up and degraded.
    pub good: i64,
    /// Up, degraded and down: those somebody looked at.
    pub total: i64,
    /// All there should be.
    pub expected: i64,
}

impl Counts {
    /// Good of those looked at, in percent; none where nobody looked.
    pub fn uptime_percent(self) -> Option<f64> {
        percent(self.good, self.total)
    }

    /// Looked at of those expected, in percent; none where nothing was expected.
    pub fn coverage_percent(self) -> Option<f64> {
        percent(self.total, self.expected)
    }
}

/// To three places, rounded down: 99.9996 must not read as 100.
fn percent(part: i64, whole: i64) -> Option<f64> {
    (whole > 0).then(|| (i128::from(part) * 100_000 / i128::from(whole)) as f64 / 1_000.0)
}

impl Serialize for Counts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Counts", 5)?;
        fields.serialize_field("good", &self.good)?;
        fields.serialize_field("total", &self.total)?;
        fields.serialize_field("expected", &self.expected)?;
        fields.serialize_field("uptime_percent", &self.uptime_percent())?;
        fields.serialize_field("coverage_percent", &self.coverage_percent())?;
        fields.end()
    }
}

/// The three periods every monitor shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Uptime {
    /// The last 24 hours.
    #[serde(rename = "24h")]
    pub day: Counts,
    /// The last 7 days.
    #[serde(rename = "7d")]
    pub week: Counts,
    /// The last 30 days.
    #[serde(rename = "30d")]
    pub month: Counts,
}

/// The first second of each period that ends at `now`, unix seconds. Summaries are hourly, so a period begins with the
/// hour it begins in.
pub fn period_starts(now: i64) -> [i64; 3] {
    [1, 7, 30].map(|days| {
        let start = now - days * 86_400;
        start - start.rem_euclid(3_600)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missed_lowers_coverage_and_not_uptime() {
        let counts = Counts { good: 90, total: 95, expected: 100 };
        assert_eq!((counts.uptime_percent(), counts.coverage_percent()), (Some(94.736), Some(95.0)));
        assert_eq!((Counts::default().uptime_percent(), Counts::default().coverage_percent()), (None, None));
        let missed = Counts { good: 0, total: 0, expected: 5 };
        assert_eq!((missed.uptime_percent(), missed.coverage_percent()), (None, Some(0.0)));
    }

    #[test]
    fn one_bad_slot_in_a_million_shows() {
        let counts = Counts { good: 999_999, total: 1_000_000, expected: 1_000_000 };
        assert_eq!(counts.uptime_percent(), Some(99.999));
    }

    #[test]
    fn periods_begin_with_an_hour() {
        let now = 1_700_000_000;
        for (start, days) in period_starts(now).into_iter().zip([1, 7, 30]) {
            assert_eq!(start % 3_600, 0);
            assert!((days * 86_400..days * 86_400 + 3_600).contains(&(now - start)));
        }
    }
}
