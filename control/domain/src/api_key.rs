//! API keys: what somebody writes to get one, what a key may do, and how its text is made and recognised. Pure: time comes
//! in. Whether a key is still good is asked of the store each time.

use std::{fmt, str::FromStr};

use chrono::{DateTime, Utc};
use rand::distr::{Alphanumeric, SampleString};
use serde::{Deserialize, Deserializer, Serialize, de::Error};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::fields::{self, Problem, values};

/// What every key begins with; no access token does.
pub const MARK: &str = "ug_";
/// Random characters: 62 to the power of 40 are 238 bits.
const RANDOM: usize = 40;
/// Characters that follow from the others: what was cut or mistyped is known without asking the store.
const CHECK: usize = 6;
/// Characters of a key that people are shown.
const SHOWN: usize = MARK.len() + 6;
const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Something a key may do. Nothing includes what needs a person: accounts, members, keys, and whatever needs an admin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Look at whatever a viewer sees.
    Read,
    /// Look, and change what an editor may.
    Write,
    /// Fetch the series of all monitors for Prometheus, and nothing else.
    Metrics,
}

wire::words!(Scope { Read = "read", Write = "write", Metrics = "metrics" });

/// What people do with a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Act {
    /// It was made.
    Made,
    /// It was revoked.
    Revoked,
}

wire::words!(Act { Made = "made", Revoked = "revoked" });

/// The text of a key. Only its hash is stored.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyText(String);

impl KeyText {
    /// A new one.
    pub fn random() -> Self {
        let random = Alphanumeric.sample_string(&mut rand::rng(), RANDOM);
        Self(format!("{MARK}{random}{}", check(&random)))
    }

    /// As a client presents it; nothing where it cannot be one of ours.
    pub fn presented(text: &str) -> Option<Self> {
        let (random, given) = text.strip_prefix(MARK)?.split_at_checked(RANDOM)?;
        (check(random) == given).then(|| Self(text.to_owned()))
    }

    /// The text, for whoever asked for it.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Its beginning, by which people know it.
    pub fn prefix(&self) -> &str {
        &self.0[..SHOWN]
    }

    /// What is stored: SHA-256. The key is random, so nothing slower is needed.
    pub fn hash(&self) -> Vec<u8> {
        Sha256::digest(self.0.as_bytes()).to_vec()
    }
}

impl fmt::Debug for KeyText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyText(hidden)")
    }
}

/// Six digits to base 62 out of the hash's first 32 bits.
fn check(random: &str) -> String {
    let hash = Sha256::digest([MARK.as_bytes(), random.as_bytes()].concat());
    let mut rest = hash.iter().take(4).fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
    let digit = || {
        let digit = DIGITS[(rest % 62) as usize];
        rest /= 62;
        char::from(digit)
    };
    std::iter::repeat_with(digit).take(CHECK).collect()
}

/// A new key.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = ApiKeyBody))]
#[serde(deny_unknown_fields)]
pub struct NewKey {
    /// What people call it.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 100, example = "Prometheus"))]
    #[serde(deserialize_with = "values::title::<100, _>")]
    pub name: String,
    /// What it may do: at least one thing.
    #[cfg_attr(feature = "openapi", schema(min_items = 1, max_items = 3))]
    #[serde(deserialize_with = "scopes")]
    pub scopes: Vec<Scope>,
    /// Until when it is good; for ever where it is left out.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime, required = false))]
    #[serde(default, deserialize_with = "values::some_text_as::<Moment, _, _>")]
    pub expires_at: Option<DateTime<Utc>>,
}

impl fields::Body for NewKey {
    const REQUIRED: &'static [&'static str] = &["name", "scopes"];
}

impl NewKey {
    /// Reads the body of a new key; every bad field is in the error. `now`: unix seconds.
    pub fn parse(body: &Value, now: i64) -> Result<Self, Vec<Problem>> {
        let end = body["expires_at"].as_str().and_then(|end| end.parse::<Moment>().ok());
        let past = end.filter(|end| end.0.timestamp() <= now);
        fields::unless(fields::read(body), past.map(|_| Problem::of("expires_at", "must lie in the future")))
    }
}

fn scopes<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Scope>, D::Error> {
    let mut scopes = values::texts::<{ Scope::ALL.len() }, Scope, D>(from)?;
    if scopes.is_empty() {
        return Err(D::Error::custom("must name at least one of read, write, metrics"));
    }
    scopes.sort_unstable();
    Ok(scopes)
}

struct Moment(DateTime<Utc>);

impl FromStr for Moment {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = |_| "must be a moment such as 2030-12-31T23:59:59Z".to_owned();
        DateTime::parse_from_rfc3339(text).map(|at| Self(at.to_utc())).map_err(wrong)
    }
}

impl From<Moment> for DateTime<Utc> {
    fn from(moment: Moment) -> Self {
        moment.0
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use serde_json::json;

    use super::*;

    #[test]
    fn a_key_is_known_by_its_check_and_no_other_text_is_one() {
        let key = KeyText::random();
        assert_eq!(key.reveal().len(), 49);
        assert_eq!(KeyText::presented(key.reveal()), Some(key.clone()));
        assert!(key.reveal().starts_with(key.prefix()) && key.prefix().len() == 9);
        let text = key.reveal();
        for place in MARK.len()..text.len() {
            let other = if text.as_bytes()[place] == b'a' { "b" } else { "a" };
            let forged = format!("{}{other}{}", &text[..place], &text[place + 1..]);
            assert_eq!(KeyText::presented(&forged), None, "{forged}");
        }
        let umlauts = format!("ug_{}", "ü".repeat(23));
        for bad in ["", "ug_", &text[3..], &text[..48], &format!("{text}x"), &text.to_uppercase(), &umlauts] {
            assert_eq!(KeyText::presented(bad), None, "{bad}");
        }
    }

    #[test]
    fn keys_are_many_and_never_printed() {
        let many: HashSet<_> = (0..1_000).map(|_| KeyText::random().reveal().to_owned()).collect();
        assert_eq!(many.len(), 1_000);
        let key = KeyText::random();
        assert!(!format!("{key:?}").contains(&key.reveal()[3..]));
        assert_eq!((key.hash().len(), key.hash() == KeyText::random().hash()), (32, false));
    }

    #[test]
    fn every_bad_field_is_named_at_once() {
        let pointers = |body: Value| -> Vec<String> {
            NewKey::parse(&body, 1_700_000_000).unwrap_err().into_iter().map(|it| it.pointer).collect()
        };
        assert_eq!(pointers(json!({})), ["/name", "/scopes"]);
        assert_eq!(
            pointers(json!({"name": " ", "scopes": ["read", "admin"], "expires_at": "soon", "role": 1})),
            ["/expires_at", "/name", "/role", "/scopes/1"]
        );
        assert_eq!(pointers(json!({"name": "a\nb", "scopes": []})), ["/name", "/scopes"]);
        assert_eq!(pointers(json!({"name": "x".repeat(101), "scopes": "read"})), ["/name", "/scopes"]);
        assert_eq!(
            pointers(json!({"name": "a", "scopes": ["read"], "expires_at": "2023-11-14T22:13:20Z"})),
            ["/expires_at"]
        );
    }

    #[test]
    fn a_scope_counts_once_and_the_end_is_a_moment() {
        let body =
            json!({"name": " CI ", "scopes": ["metrics", "read", "read"], "expires_at": "2023-11-14T23:13:21+01:00"});
        let key = NewKey::parse(&body, 1_700_000_000).unwrap();
        assert_eq!((&*key.name, &*key.scopes), ("CI", &[Scope::Read, Scope::Metrics][..]));
        assert_eq!(key.expires_at.unwrap().timestamp(), 1_700_000_001);
        assert_eq!(NewKey::parse(&json!({"name": "a", "scopes": ["write"]}), 0).unwrap().expires_at, None);
    }
}
