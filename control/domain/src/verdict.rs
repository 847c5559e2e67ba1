//! From what regions say to what a monitor is. Pure: evidence and time come in, a status with its explanation comes out.

mod judge;
mod region_state;
#[cfg(test)]
mod tests;

use std::{fmt, num::NonZeroU16};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error, MapAccess, Visitor, value::MapAccessDeserializer},
};

pub use judge::{Count, Explanation, Latest, RegionVote, Terms, explain, judge, main_reason};
pub use region_state::{Evidence, Heard, RegionState, Silence, Standing, Vote};

use crate::fields::values;

/// How outcomes of a monitor become its status: the monitor body's `confirm` and `quorum`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rules {
    /// When a region is believed.
    pub confirm: Confirm,
    /// How many regions it takes.
    pub quorum: Quorum,
}

/// How often a region has to say so until it is believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Confirm {
    /// Failing attempts in a row until a region finds it down; the recheck after the first is the second.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub failures: u8,
    /// Attempts in a row that do not fail until it finds it up again.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub recoveries: u8,
    /// Seconds between further rechecks while a region is in doubt; none where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<u16>, required = false))]
    pub recheck_every: Option<NonZeroU16>,
}

impl Default for Confirm {
    fn default() -> Self {
        Self { failures: 2, recoveries: 2, recheck_every: None }
    }
}

/// How many of the regions that can vote it takes: the monitor body's `quorum`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Quorum {
    /// One.
    Any,
    /// More than half.
    #[default]
    Majority,
    /// Every one.
    All,
    /// So many, or every one where fewer can vote.
    Count(NonZeroU16),
}

impl Quorum {
    /// How many of `voters` it takes.
    pub fn needed(self, voters: usize) -> usize {
        match self {
            Self::Any => 1,
            Self::Majority => voters / 2 + 1,
            Self::All => voters.max(1),
            Self::Count(count) => usize::from(count.get()).min(voters.max(1)),
        }
    }
}

/// `{"count": n}`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CountForm {
    #[serde(deserialize_with = "values::number::<1, 65_535, _, _>")]
    count: u16,
}

struct OfQuorum;

impl<'de> Visitor<'de> for OfQuorum {
    type Value = Quorum;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"any\", \"majority\", \"all\" or {\"count\": n}")
    }

    fn visit_str<E: Error>(self, word: &str) -> Result<Quorum, E> {
        match word {
            "any" => Ok(Quorum::Any),
            "majority" => Ok(Quorum::Majority),
            "all" => Ok(Quorum::All),
            _ => Err(E::custom(format!("must be \"any\", \"majority\", \"all\" or {{\"count\": n}}, not `{word}`"))),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Quorum, A::Error> {
        let CountForm { count } = CountForm::deserialize(MapAccessDeserializer::new(map))?;
        NonZeroU16::new(count).map(Quorum::Count).ok_or_else(|| A::Error::custom("must be 1 or more"))
    }
}

impl<'de> Deserialize<'de> for Quorum {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(OfQuorum)
    }
}

impl Serialize for Quorum {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Any => to.serialize_str("any"),
            Self::Majority => to.serialize_str("majority"),
            Self::All => to.serialize_str("all"),
            Self::Count(count) => CountForm { count: count.get() }.serialize(to),
        }
    }
}
