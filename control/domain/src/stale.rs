//! What "not checked" means when the lane itself stands still. A status claims that somebody looked lately; nobody can claim
//! that of a monitor that may not have been looked at for two intervals, whether its lane is silent or knows that nobody looked
//! when it was due (`monitor_status.looked_at`). Pure: seconds come in, what is shown comes out.
//!
//! SQL filters and sorts by the same rule (`is_unchecked`, in the migrations), and a test of `store::lanes` compares the two.

use crate::{keys::Lane, monitor::INTERVALS, schedule::silence, status::Status};

/// No monitor counts as unchecked before so many seconds: a lane that another replica takes over is silent for nearly as long.
pub const LEAST_S: i64 = 10;
/// A lane nothing was stored of for longer than this stands still: more than any takeover takes.
pub const STALLED_S: f64 = 15.0;
/// A lane that stands still for longer than this calls the operators.
pub const CALLS_S: f64 = 30.0;

/// How old what a lane has done is, in seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LaneAges {
    /// Which lane.
    pub lane: Lane,
    /// Up to which second everything that regions reported is stored, unix seconds.
    pub heard: i64,
    /// Since then.
    pub silent: f64,
    /// Since the last second that is closed.
    pub unclosed: f64,
    /// Since the last second whose slots were fixed to be pushed.
    pub unpushed: f64,
    /// Since a replica was last seen holding it.
    pub unheld: f64,
}

/// How long a monitor that is checked every so many seconds keeps its status without news of its lane. The last look at it
/// may have been a whole interval before those.
fn patience(interval: i32) -> i64 {
    silence(interval).0.max(LEAST_S) - i64::from(interval)
}

/// A status as people see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown<R> {
    /// What they see.
    pub status: Status,
    /// Since when, unix seconds.
    pub since: i64,
    /// Why it is not plainly up.
    pub reason: Option<R>,
    /// The last second that was checked; absent while the status is fresh.
    pub unchecked_since: Option<i64>,
}

/// What is shown at `now` of a stored status, its second and its reason. `known`: up to when it is
/// known, by SQL's `known_up_to`.
pub fn shown<R>((status, since, reason): (Status, i64, Option<R>), known: i64, interval: i32, now: i64) -> Shown<R> {
    if is_unchecked(status, known, interval, now) {
        return Shown { status: Status::Unknown, since: known, reason: None, unchecked_since: Some(known) };
    }
    Shown { status, since, reason, unchecked_since: None }
}

/// Whether a stored status is too old to be shown. Who is paused is not expected to be checked, and `unknown` claims nothing.
pub fn is_unchecked(status: Status, known: i64, interval: i32, now: i64) -> bool {
    (status.claims() || status == Status::Pending) && now - known >= patience(interval)
}

/// The longest interval whose monitors are unchecked once their lane is silent for so many seconds; 0 for none.
pub fn unchecked_up_to(silent: f64) -> i32 {
    let unchecked = |interval: &i32| silent >= patience(*interval) as f64;
    INTERVALS.into_iter().filter(unchecked).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Status, interval, seconds since the last news, and whether the status is too old.
    const CASES: [(Status, i32, i64, bool); 16] = [
        (Status::Up, 5, 4, false),
        (Status::Up, 5, 5, true),
        (Status::Up, 10, 9, false),
        (Status::Up, 10, 10, true),
        (Status::Degraded, 60, 59, false),
        (Status::Degraded, 60, 60, true),
        (Status::Regional, 60, 60, true),
        (Status::Down, 60, 60, true),
        (Status::Down, 3600, 3599, false),
        (Status::Down, 86_400, 86_400, true),
        (Status::Pending, 60, 59, false),
        (Status::Pending, 60, 60, true),
        (Status::Paused, 5, 1_000_000, false),
        (Status::Unknown, 5, 1_000_000, false),
        (Status::Up, 5, 0, false),
        (Status::Up, 5, -3_600, false),
    ];

    #[test]
    fn the_status_of_a_monitor_nobody_may_have_looked_at_for_two_intervals_is_not_shown() {
        for (status, interval, silent, too_old) in CASES {
            assert_eq!(is_unchecked(status, 1_000, interval, 1_000 + silent), too_old, "{status} {interval} {silent}");
        }
    }

    #[test]
    fn what_is_too_old_is_unknown_since_the_last_news() {
        let fresh = shown((Status::Down, 700, Some("dns")), 1_000, 60, 1_059);
        assert_eq!(fresh, Shown { status: Status::Down, since: 700, reason: Some("dns"), unchecked_since: None });
        let old = shown((Status::Down, 700, Some("dns")), 1_000, 60, 1_121);
        assert_eq!(old, Shown { status: Status::Unknown, since: 1_000, reason: None, unchecked_since: Some(1_000) });
    }

    #[test]
    fn longer_silence_concerns_longer_intervals() {
        let cases = [(0.0, 0), (4.9, 0), (5.0, 5), (9.9, 5), (10.0, 10), (21.0, 20), (61.0, 60), (200_000.0, 86_400)];
        for (silent, longest) in cases {
            assert_eq!(unchecked_up_to(silent), longest, "after {silent} s");
        }
    }
}
