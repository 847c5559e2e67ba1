//! Ids as types, so that two of them cannot be swapped.

use std::{fmt, str::FromStr, sync::Arc};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A monitor's public id, the `id` of its jobs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MonitorId(pub Uuid);

impl fmt::Display for MonitorId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for MonitorId {
    type Err = uuid::Error;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        Uuid::parse_str(s).map(Self)
    }
}

/// A place probes run in: its name is its consumer group's name. `[a-z0-9][a-z0-9-]{0,62}`, and not `control`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Region(Arc<str>);

/// Why a text names no region.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum RegionError {
    /// Not `[a-z0-9][a-z0-9-]{0,62}`.
    #[error("`{0}` names no region: use 1 to 63 of a-z, 0-9 and -, starting with a letter or digit")]
    Pattern(String),
    /// Heartbeats are written by control itself under this name.
    #[error("`control` is reserved for heartbeats: choose another region name")]
    Reserved,
}

impl Region {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Region {
    type Err = RegionError;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let word = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
        let fits = (1..=63).contains(&s.len()) && s.bytes().enumerate().all(|(i, b)| word(b) || (i > 0 && b == b'-'));
        match s {
            "control" => Err(RegionError::Reserved),
            _ if fits => Ok(Self(s.into())),
            _ => Err(RegionError::Pattern(s.to_owned())),
        }
    }
}

impl TryFrom<String> for Region {
    type Error = RegionError;
    fn try_from(s: String) -> Result<Self, Self::Error> {
        s.parse()
    }
}

impl From<Region> for String {
    fn from(region: Region) -> Self {
        region.0.as_ref().to_owned()
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A stream entry's id: Redis milliseconds and a sequence number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EntryId {
    /// Redis `TIME` of the `XADD`, in milliseconds.
    pub ms: u64,
    /// Counts entries of one millisecond.
    pub seq: u64,
}

impl EntryId {
    /// The smallest id after this one; the last possible id has none and stays.
    #[must_use]
    pub fn next(self) -> Self {
        match (self.seq.checked_add(1), self.ms.checked_add(1)) {
            (Some(seq), _) => Self { ms: self.ms, seq },
            (None, Some(ms)) => Self { ms, seq: 0 },
            (None, None) => self,
        }
    }
}

impl fmt::Display for EntryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.ms, self.seq)
    }
}

impl FromStr for EntryId {
    type Err = std::num::ParseIntError;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let (ms, seq) = s.split_once('-').unwrap_or((s, "0"));
        Ok(Self { ms: ms.parse()?, seq: seq.parse()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn region_names() {
        for good in ["eu-west", "a", "0", "7e57d004-2b97-0e7a-b45f-5387367791cd", &"a".repeat(63)] {
            assert_eq!(good.parse::<Region>().unwrap().as_str(), good);
        }
        for bad in ["", "-a", "_dead", "EU", "a b", "a:results", "é", &"a".repeat(64)] {
            assert!(matches!(bad.parse::<Region>(), Err(RegionError::Pattern(_))), "{bad}");
        }
        assert_eq!("control".parse::<Region>(), Err(RegionError::Reserved));
    }

    #[test]
    fn entry_ids_order_by_time_then_sequence() {
        let id: EntryId = "1700000000000-7".parse().unwrap();
        assert_eq!(id.to_string(), "1700000000000-7");
        assert!(id < id.next() && id.next() < EntryId { ms: id.ms + 1, seq: 0 });
        assert!("x-1".parse::<EntryId>().is_err());
        let last = EntryId { ms: u64::MAX, seq: u64::MAX };
        assert_eq!(EntryId { ms: 7, seq: u64::MAX }.next(), EntryId { ms: 8, seq: 0 });
        assert_eq!(last.next(), last);
    }
}
