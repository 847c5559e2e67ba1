//! The names of a lane's keys. All hash to one cluster slot, since `{K}:x` hashes as `K` does.

use crate::ids::Region;

/// The keys of one lane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keys {
    base: String,
}

/// Why a text is no stream key.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum KeyError {
    /// A brace would move the keys of a lane to different cluster slots.
    #[error("stream.key `{0}` has a brace: `{{` and `}}` are refused")]
    Brace(String),
    /// Nothing to hash.
    #[error("stream.key is empty: leave it out for `betteruptime:website`")]
    Empty,
}

impl Keys {
    /// The keys of `lane` under `stream_key`; lane 0 is the key itself.
    pub fn new(stream_key: &str, lane: u16) -> Result<Self, KeyError> {
        if stream_key.is_empty() {
            return Err(KeyError::Empty);
        }
        if stream_key.contains(['{', '}']) {
            return Err(KeyError::Brace(stream_key.to_owned()));
        }
        let base = if lane == 0 { stream_key.to_owned() } else { format!("{stream_key}.{lane}") };
        Ok(Self { base })
    }

    /// Jobs meant for every region.
    pub fn jobs(&self) -> &str {
        &self.base
    }

    /// Jobs for one region alone.
    pub fn region_jobs(&self, region: &Region) -> String {
        format!("{{{}}}:{region}", self.base)
    }

    /// What one region's workers answer. Control takes the region from this key; no payload names one.
    pub fn results(&self, region: &Region) -> String {
        format!("{{{}}}:{region}:results", self.base)
    }

    /// The pusher's cursor.
    pub fn watermark(&self) -> String {
        format!("{{{}}}:_watermark", self.base)
    }

    /// Result entries nobody could read.
    pub fn dead(&self) -> String {
        format!("{{{}}}:_dead", self.base)
    }

    /// What people look at live. All lanes use that of lane 0.
    pub fn live(&self) -> String {
        format!("{{{}}}:_live", self.base)
    }

    /// A budget that replicas share; `of` is a hash. All lanes use those of lane 0.
    pub fn budget(&self, kind: &str, of: &str) -> String {
        format!("{{{}}}:_budget:{kind}:{of}", self.base)
    }

    /// Set while anybody looks at beats live.
    pub fn watched(&self) -> String {
        format!("{{{}}}:_watched", self.base)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_public_surface() {
        let eu = "eu-west".parse().unwrap();
        let zero = Keys::new("betteruptime:website", 0).unwrap();
        assert_eq!(zero.jobs(), "betteruptime:website");
        assert_eq!(zero.region_jobs(&eu), "{betteruptime:website}:eu-west");
        assert_eq!(zero.results(&eu), "{betteruptime:website}:eu-west:results");
        assert_eq!(zero.watermark(), "{betteruptime:website}:_watermark");
        assert_eq!(zero.dead(), "{betteruptime:website}:_dead");
        assert_eq!(zero.live(), "{betteruptime:website}:_live");
        assert_eq!(zero.watched(), "{betteruptime:website}:_watched");
        assert_eq!(zero.budget("host", "0a1b"), "{betteruptime:website}:_budget:host:0a1b");
        let two = Keys::new("betteruptime:website", 2).unwrap();
        assert_eq!(two.jobs(), "betteruptime:website.2");
        assert_eq!(two.region_jobs(&eu), "{betteruptime:website.2}:eu-west");
    }

    #[test]
    fn braces_are_refused() {
        assert!(matches!(Keys::new("a{b", 0), Err(KeyError::Brace(_))));
        assert_eq!(Keys::new("", 0), Err(KeyError::Empty));
    }
}
