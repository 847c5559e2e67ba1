//! How much an organisation has of what it may have. Pure: it judges a change by what was before and what is after it.
//!
//! Only growth is refused: whoever has more than a limit that was lowered may still rename, pause and delete.

use crate::fields::Problem;

/// What an organisation may have; 0 is no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Monitors, paused ones included.
    pub monitors: u32,
    /// Scheduled checks a minute.
    pub checks_per_minute: u32,
}

/// What an organisation has.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Use {
    /// Monitors, paused ones included.
    pub monitors: i64,
    /// Scheduled checks a minute: 60 / interval of each monitor that is not paused, times its regions.
    pub checks_per_minute: f64,
}

/// Whether anything is limited.
pub fn is_limited(limits: Limits) -> bool {
    limits.monitors > 0 || limits.checks_per_minute > 0
}

/// What is wrong with a change; `pointer` is the field that asked for more checks.
pub fn judge(limits: Limits, before: Use, after: Use, pointer: &str) -> Vec<Problem> {
    let monitors =
        (limits.monitors > 0 && after.monitors > i64::from(limits.monitors) && after.monitors > before.monitors)
            .then(|| Problem { pointer: String::new(), detail: too_many(limits, before) });
    // Sums of thirds: a hair more is none.
    let (limit, hair) = (f64::from(limits.checks_per_minute), 1e-6);
    let is_more = after.checks_per_minute > before.checks_per_minute + hair;
    let checks = (limit > 0.0 && after.checks_per_minute > limit + hair && is_more)
        .then(|| Problem { pointer: pointer.to_owned(), detail: too_often(limits, before, after) });
    monitors.into_iter().chain(checks).collect()
}

fn too_many(limits: Limits, before: Use) -> String {
    format!(
        "your organisation may have {} monitors and has {}: delete some, or ask whoever runs this installation for more \
         (quota.monitors)",
        limits.monitors, before.monitors
    )
}

fn too_often(limits: Limits, before: Use, after: Use) -> String {
    format!(
        "your organisation may have {} scheduled checks a minute, has {:.1} and would have {:.1}: choose a longer \
         interval or fewer regions, pause others, or ask whoever runs this installation for more \
         (quota.checks_per_minute)",
        limits.checks_per_minute, before.checks_per_minute, after.checks_per_minute
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(monitors: u32, checks_per_minute: u32) -> Limits {
        Limits { monitors, checks_per_minute }
    }

    fn refused(limits: Limits, before: (i64, f64), after: (i64, f64)) -> Vec<String> {
        let (before, after) = (
            Use { monitors: before.0, checks_per_minute: before.1 },
            Use { monitors: after.0, checks_per_minute: after.1 },
        );
        judge(limits, before, after, "/interval").into_iter().map(|problem| problem.pointer).collect()
    }

    #[test]
    fn only_growth_beyond_a_limit_is_refused() {
        assert!(refused(limits(0, 0), (9, 9.0), (10, 10.0)).is_empty());
        assert!(refused(limits(10, 10), (9, 9.0), (10, 10.0)).is_empty());
        assert_eq!(refused(limits(10, 0), (10, 1.0), (11, 2.0)), [""]);
        assert_eq!(refused(limits(0, 10), (3, 10.0), (3, 10.1)), ["/interval"]);
        assert_eq!(refused(limits(1, 1), (1, 1.0), (2, 2.0)), ["", "/interval"]);
        // Lowered meanwhile: what is there stays, and may shrink.
        assert!(refused(limits(5, 5), (9, 9.0), (9, 8.0)).is_empty());
        assert!(refused(limits(5, 5), (9, 9.0), (9, 9.0)).is_empty());
    }
}
