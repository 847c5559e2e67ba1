//! What a change of a monitor's status does to its availability incident. Pure.

use uuid::Uuid;

use super::{Level, What};
use crate::status::Status;

/// An availability incident that is not resolved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Open {
    /// Which.
    pub id: Uuid,
    /// How bad it is.
    pub level: Level,
    /// How bad it was.
    pub worst: Level,
    /// Whether it comes and goes: then it is over only once all has been calm for a while.
    pub flapping: bool,
}

/// Something that happens to an incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// A new one begins.
    Open(Level),
    /// It goes to another level; `What` says whether that is news.
    Level(Level, What),
    /// From here on it comes and goes.
    Flaps,
    /// It is over.
    Resolve,
}

impl Level {
    /// How bad an availability incident of this status is; none where the status calls for nobody.
    pub fn of(status: Status) -> Option<Self> {
        match status {
            Status::Degraded => Some(Self::Degraded),
            Status::Regional => Some(Self::Regional),
            Status::Down => Some(Self::Down),
            Status::Up | Status::Pending | Status::Paused | Status::Unknown => None,
        }
    }
}

/// What becomes of the open incident, if there is one, now that the status is `to`. `flaps`: it changed so often lately
/// that one incident is kept for all of it. Nobody resolves an incident by not looking: unknown changes nothing.
pub fn decide(open: Option<&Open>, to: Status, flaps: bool) -> Vec<Act> {
    let begins_to_flap = |open: &Open| (flaps && !open.flapping).then_some(Act::Flaps);
    match (open, Level::of(to)) {
        (None, Some(level)) if flaps => vec![Act::Open(level), Act::Flaps],
        (None, Some(level)) => vec![Act::Open(level)],
        (Some(open), None) if to == Status::Up => {
            if flaps || open.flapping {
                return begins_to_flap(open).into_iter().collect();
            }
            vec![Act::Resolve]
        }
        (_, None) => Vec::new(),
        // It answers again, if slowly: that is another matter.
        (Some(open), Some(Level::Degraded)) if open.level > Level::Degraded && !flaps && !open.flapping => {
            vec![Act::Resolve, Act::Open(Level::Degraded)]
        }
        (Some(open), Some(level)) => {
            let what = if level > open.worst { What::Escalated } else { What::Changed };
            let moved = (level != open.level).then_some(Act::Level(level, what));
            moved.into_iter().chain(begins_to_flap(open)).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Plays statuses, one letter each (`+` up, `~` degraded, `/` regional, `-` down, `.` unknown), and tells what became of it.
    fn plays(statuses: &str, flaps: bool) -> String {
        let mut open: Option<Open> = None;
        let mut told = Vec::new();
        for letter in statuses.chars() {
            let to = match letter {
                '+' => Status::Up,
                '~' => Status::Degraded,
                '/' => Status::Regional,
                '-' => Status::Down,
                _ => Status::Unknown,
            };
            for act in decide(open.as_ref(), to, flaps) {
                match act {
                    Act::Open(level) => {
                        told.push(format!("opened {level}"));
                        open = Some(Open { id: Uuid::nil(), level, worst: level, flapping: false });
                    }
                    Act::Level(level, what) => {
                        told.push(format!("{what} {level}"));
                        open = open.map(|open| Open { level, worst: open.worst.max(level), ..open });
                    }
                    Act::Flaps => {
                        told.push("flapping".to_owned());
                        open = open.map(|open| Open { flapping: true, ..open });
                    }
                    Act::Resolve => {
                        told.push("resolved".to_owned());
                        open = None;
                    }
                }
            }
        }
        told.join(", ")
    }

    #[test]
    fn a_bad_time_is_one_incident() {
        for (statuses, story) in [
            ("+++", ""),
            ("+-+", "opened down, resolved"),
            ("+/-/+", "opened regional, escalated down, changed regional, resolved"),
            ("-.+", "opened down, resolved"),
            ("-.-", "opened down"),
            ("-~+", "opened down, resolved, opened degraded, resolved"),
            ("~-+", "opened degraded, escalated down, resolved"),
            ("..", ""),
        ] {
            assert_eq!(plays(statuses, false), story, "{statuses}");
        }
    }

    #[test]
    fn what_flaps_stays_one_incident_until_it_is_calm() {
        assert_eq!(plays("-+-+", true), "opened down, flapping");
        assert_eq!(plays("-~/", true), "opened down, flapping, changed degraded, changed regional");
    }
}
