//! Whether Redis' clock and PostgreSQL's tell the same second. Slots and lateness go by the one, leases by the other; while they
//! differ, nobody pushes, stores or closes anything. Pure.

use std::time::Duration;

/// The most two clocks may differ before slots and leases stop meaning the same.
const APART_MS: i64 = 5_000;

/// They do not; so many milliseconds Redis' is ahead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "Redis' clock and PostgreSQL's differ by {:.1} s, Redis' is {}: nothing is pushed, stored or closed until the clocks of \
     both servers are set right",
    .0.abs() as f64 / 1000.0, if *.0 > 0 { "ahead" } else { "behind" }
)]
pub struct Apart(i64);

/// Whether both mean the same. Redis was asked first and PostgreSQL answered within `took`, so its time may be later by as much.
pub fn agree(redis_ms: i64, postgres_ms: i64, took: Duration) -> Result<(), Apart> {
    let took = i64::try_from(took.as_millis()).unwrap_or(i64::MAX);
    let ahead = redis_ms.saturating_sub(postgres_ms);
    let apart = if ahead > 0 { ahead } else { ahead.saturating_add(took).min(0) };
    if apart.abs() > APART_MS { Err(Apart(apart)) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_that_are_seconds_apart_do_not_agree_and_slow_answers_are_no_difference() {
        for (redis_ms, postgres_ms, took, apart) in [
            (10_000, 10_000, 0, None),
            (15_000, 10_000, 0, None),
            (15_001, 10_000, 0, Some(5_001)),
            (15_001, 10_000, 60_000, Some(5_001)),
            (10_000, 15_000, 0, None),
            (10_000, 15_001, 0, Some(-5_001)),
            (10_000, 15_001, 1, None),
            (10_000, 40_000, 30_000, None),
            (10_000, 40_000, 20_000, Some(-10_000)),
            (i64::MAX, i64::MIN, u64::MAX, Some(i64::MAX)),
        ] {
            let found = agree(redis_ms, postgres_ms, Duration::from_millis(took));
            assert_eq!(found, apart.map_or(Ok(()), |ms| Err(Apart(ms))), "{redis_ms} and {postgres_ms} in {took} ms");
        }
    }

    #[test]
    fn it_says_what_to_set_right() {
        let said = |ms| Apart(ms).to_string();
        assert!(said(100_040).starts_with("Redis' clock and PostgreSQL's differ by 100.0 s, Redis' is ahead: "));
        assert!(said(-6_100).starts_with("Redis' clock and PostgreSQL's differ by 6.1 s, Redis' is behind: "));
        assert!(said(1).ends_with("until the clocks of both servers are set right"), "{}", said(1));
    }
}
