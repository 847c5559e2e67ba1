//! What a monitor's status is, from what its regions last said. Pure: evidence and time come in, a status comes out.
//!
//! Silence is never up: a region that was missed, or has said nothing for two intervals, does not count, and where
//! none is left the status is unknown.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;
use wire::Verdict;

use crate::keys::RegionKey;

/// What people see of a monitor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Most regions find it up.
    Up,
    /// Most find it slow, or its certificate about to end.
    Degraded,
    /// Most find it down.
    Down,
    /// Nothing was heard since it was created or resumed.
    Pending,
    /// Switched off by a person.
    Paused,
    /// Nobody who counts has looked.
    Unknown,
}

impl Status {
    const ALL: [Self; 6] = [Self::Up, Self::Degraded, Self::Down, Self::Pending, Self::Paused, Self::Unknown];

    /// The word, the same in SQL and API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Degraded => "degraded",
            Self::Down => "down",
            Self::Pending => "pending",
            Self::Paused => "paused",
            Self::Unknown => "unknown",
        }
    }
}

impl FromStr for Status {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|status| status.as_str() == s).ok_or_else(|| format!("`{s}` is no status"))
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The last a region said of a monitor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// Who said it.
    pub region: RegionKey,
    /// Which slot it spoke of.
    pub slot: i64,
    /// Which attempt at it.
    pub attempt: i16,
    /// What it said.
    pub verdict: Verdict,
    /// When it was heard: Redis milliseconds.
    pub heard_ms: i64,
}

impl Evidence {
    /// Whether this speaks of a later moment than `other`. Replays and reordering are ordinary.
    pub fn is_newer_than(&self, other: &Self) -> bool {
        (self.slot, self.attempt) > (other.slot, other.attempt)
    }

    /// From when on the region counts as silent.
    pub fn silent_from_ms(&self, interval: i32) -> i64 {
        self.heard_ms + 2_000 * i64::from(interval)
    }

    fn votes(&self, now_ms: i64, interval: i32) -> bool {
        self.verdict != Verdict::Missed && now_ms < self.silent_from_ms(interval)
    }
}

/// Takes in one piece of evidence. Says whether it changed anything.
pub fn observe(latest: &mut Vec<Evidence>, new: Evidence) -> bool {
    match latest.iter_mut().find(|known| known.region == new.region) {
        Some(known) if new.is_newer_than(known) => *known = new,
        Some(_) => return false,
        None => latest.push(new),
    }
    true
}

/// The majority of the regions that count, ties to the worse; pending where nobody ever spoke.
pub fn status_of(latest: &[Evidence], now_ms: i64, interval: i32) -> Status {
    if latest.is_empty() {
        return Status::Pending;
    }
    let votes = |verdict| latest.iter().filter(|each| each.votes(now_ms, interval) && each.verdict == verdict).count();
    // `max_by_key` keeps the last of equals, so the worst comes last.
    [(Verdict::Up, Status::Up), (Verdict::Degraded, Status::Degraded), (Verdict::Down, Status::Down)]
        .map(|(verdict, status)| (votes(verdict), status))
        .into_iter()
        .filter(|(votes, _)| *votes > 0)
        .max_by_key(|(votes, _)| *votes)
        .map_or(Status::Unknown, |(_, status)| status)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Regions' verdicts, one letter each: `+` up, `~` degraded, `-` down, `m` missed, `.` said up long ago.
    fn plays(votes: &str) -> &'static str {
        let evidence = |(i, vote)| Evidence {
            region: RegionKey(i as i16),
            slot: 100,
            attempt: 0,
            verdict: match vote {
                '~' => Verdict::Degraded,
                '-' => Verdict::Down,
                'm' => Verdict::Missed,
                _ => Verdict::Up,
            },
            heard_ms: if vote == '.' { 0 } else { 110_000 },
        };
        let latest: Vec<_> = votes.chars().enumerate().map(evidence).collect();
        status_of(&latest, 125_000, 10).as_str()
    }

    #[test]
    fn majority_and_ties_to_the_worse() {
        for (votes, status) in [
            ("", "pending"),
            ("+", "up"),
            ("-", "down"),
            ("+-", "down"),
            ("++-", "up"),
            ("+~", "degraded"),
            ("~-", "down"),
            ("+~-", "down"),
            ("++~-", "up"),
        ] {
            assert_eq!(plays(votes), status, "{votes}");
        }
    }

    #[test]
    fn silence_and_missed_do_not_count() {
        for (votes, status) in [(".", "unknown"), ("m", "unknown"), ("m.", "unknown"), ("-.", "down"), ("+m", "up")] {
            assert_eq!(plays(votes), status, "{votes}");
        }
    }

    #[test]
    fn older_evidence_changes_nothing() {
        let at = |slot, attempt, verdict| Evidence { region: RegionKey(1), slot, attempt, verdict, heard_ms: 0 };
        let mut latest = vec![at(100, 0, Verdict::Up)];
        assert!(!observe(&mut latest, at(90, 255, Verdict::Down)));
        assert!(!observe(&mut latest, at(100, 0, Verdict::Down)));
        assert_eq!(latest, [at(100, 0, Verdict::Up)]);
        assert!(observe(&mut latest, at(100, 1, Verdict::Down)));
        assert!(observe(&mut latest, Evidence { region: RegionKey(2), ..at(50, 0, Verdict::Up) }));
        assert_eq!(latest.len(), 2);
    }

    #[test]
    fn words_round_trip() {
        for status in Status::ALL {
            assert_eq!(status.as_str().parse(), Ok(status));
        }
    }
}
