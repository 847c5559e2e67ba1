//! The wall clock's one reader here. All servers of a run share this machine's clock, so its times can be laid beside
//! slots.

use std::time::{SystemTime, UNIX_EPOCH};

/// Unix seconds now.
pub fn unix_now() -> i64 {
    unix_ms() / 1000
}

/// Unix milliseconds now.
#[expect(clippy::disallowed_methods, reason = "whoever uses it observes the system from outside")]
pub fn unix_ms() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as i64)
}
