//! What people see of a monitor.

use std::{fmt, str::FromStr};

use serde::Serialize;

/// What people see of a monitor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Regions find it up.
    Up,
    /// A quorum finds it slow, or its certificate about to end.
    Degraded,
    /// Some find it down, too few for a quorum.
    Regional,
    /// A quorum finds it down.
    Down,
    /// Nothing was heard since it was created or resumed.
    Pending,
    /// Switched off by a person.
    Paused,
    /// Nobody who counts has looked.
    Unknown,
}

impl Status {
    /// Every value, in declared order.
    pub const ALL: [Self; 7] =
        [Self::Up, Self::Degraded, Self::Regional, Self::Down, Self::Pending, Self::Paused, Self::Unknown];

    /// Whether it claims that somebody looked lately.
    pub fn claims(self) -> bool {
        match self {
            Self::Up | Self::Degraded | Self::Regional | Self::Down => true,
            Self::Pending | Self::Paused | Self::Unknown => false,
        }
    }

    /// The word, the same in SQL and API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Degraded => "degraded",
            Self::Regional => "regional",
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
        Self::ALL
            .into_iter()
            .find(|status| status.as_str() == s)
            .ok_or_else(|| format!("`{s}` is none of {}", Self::ALL.map(Self::as_str).join(", ")))
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_round_trip() {
        for status in Status::ALL {
            assert_eq!(status.as_str().parse(), Ok(status));
        }
    }
}
