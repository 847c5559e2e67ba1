//! How moments look in answers: RFC 3339 in UTC with milliseconds. Slots stay unix seconds, since they are keys.

use chrono::{DateTime, SecondsFormat, Utc};

/// A moment.
pub(crate) fn moment(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// A moment in unix seconds; the end of all calendars where none reaches.
pub(crate) fn moment_s(seconds: i64) -> String {
    moment(DateTime::from_timestamp(seconds, 0).unwrap_or(DateTime::<Utc>::MAX_UTC))
}

/// A moment in unix milliseconds; absent where no calendar reaches.
pub(crate) fn moment_ms(ms: i64) -> Option<String> {
    DateTime::from_timestamp_millis(ms).map(moment)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_have_milliseconds_and_a_z() {
        assert_eq!(moment_ms(1_700_000_000_007).as_deref(), Some("2023-11-14T22:13:20.007Z"));
        assert_eq!(moment_s(1_700_000_000), "2023-11-14T22:13:20.000Z");
        assert_eq!(moment_ms(i64::MAX), None);
    }
}
