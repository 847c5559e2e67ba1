//! What a job asks for, with the field names of the monitor body. All defaults: no `spec` at all.
//!
//! Every field's type parses itself and says what is wrong with it, so that the API can name each bad field and a
//! probe can refuse a spec it does not understand, whole.

use std::{fmt, str::FromStr};

use http::{HeaderName, HeaderValue};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use url::Url;

use crate::no_url::no_url;

/// How a target is checked and what counts as up. An unknown field is an error: a check that leaves out what it was
/// asked for would be a lie.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Spec {
    /// Protocol.
    #[serde(skip_serializing_if = "is_default")]
    pub kind: Kind,
    /// One deadline for the whole check, redirects included.
    #[serde(skip_serializing_if = "is_default")]
    pub timeout: Timeout,
    /// Request method.
    #[serde(skip_serializing_if = "is_default")]
    pub method: Method,
    /// Extra request headers.
    #[serde(skip_serializing_if = "is_default")]
    pub headers: Headers,
    /// Request body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<BodyText>,
    /// Whether a 3xx with a `Location` is followed.
    #[serde(skip_serializing_if = "is_true")]
    pub follow_redirects: bool,
    /// How many are followed at most.
    #[serde(skip_serializing_if = "is_default")]
    pub max_redirects: MaxRedirects,
    /// Whom to trust.
    #[serde(skip_serializing_if = "is_default")]
    pub tls: TlsSpec,
    /// What counts as up.
    #[serde(skip_serializing_if = "is_default")]
    pub expect: Expect,
}

impl Default for Spec {
    fn default() -> Self {
        Self {
            kind: Kind::default(),
            timeout: Timeout::default(),
            method: Method::default(),
            headers: Headers::default(),
            body: None,
            follow_redirects: true,
            max_redirects: MaxRedirects::default(),
            tls: TlsSpec::default(),
            expect: Expect::default(),
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out references")]
fn is_true(flag: &bool) -> bool {
    *flag
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// The protocol of a check.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// HTTP and HTTPS.
    #[default]
    Http,
}

/// TLS settings of a check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TlsSpec {
    /// Whether the chain and the name are verified.
    #[serde(skip_serializing_if = "is_true")]
    pub verify: bool,
    /// PEM of authorities to trust beside the public ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca: Option<String>,
}

impl Default for TlsSpec {
    fn default() -> Self {
        Self { verify: true, ca: None }
    }
}

/// What counts as up.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Expect {
    /// Accepted status codes.
    #[serde(skip_serializing_if = "is_default")]
    pub status: StatusRanges,
    /// The body must have this text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contains: Option<BodyText>,
    /// The body must not have this text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_contains: Option<BodyText>,
    /// Slower than this is degraded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_latency_ms: Option<u32>,
    /// A certificate that ends in fewer days is degraded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_cert_days: Option<u16>,
}

/// A parsed value with a text form: serde goes through `FromStr` and `Display`.
macro_rules! through_text {
    ($name:ty) => {
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
            }
        }
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
    };
}

/// A whole number with bounds and a default.
macro_rules! bounded {
    ($(#[$doc:meta])* $name:ident: $repr:ty, $min:literal..=$max:literal, default $default:literal, $unit:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
        #[serde(transparent)]
        pub struct $name($repr);

        impl $name {
            /// The number.
            pub fn get(self) -> $repr {
                self.0
            }
        }

        impl TryFrom<u64> for $name {
            type Error = String;
            fn try_from(n: u64) -> Result<Self, String> {
                match n {
                    $min..=$max => Ok(Self(n as $repr)),
                    _ => Err(format!(concat!("must be from ", $min, " to ", $max, $unit, ", not {}"), n)),
                }
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self($default)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                u64::deserialize(deserializer)?.try_into().map_err(D::Error::custom)
            }
        }
    };
}

bounded! {
    /// The one deadline of a check, in seconds.
    Timeout: u8, 1..=30, default 10, " seconds"
}

bounded! {
    /// How many redirects are followed.
    MaxRedirects: u8, 0..=20, default 10, ""
}

/// A request method.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Method(pub http::Method);

impl FromStr for Method {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, String> {
        const KNOWN: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
        let known = KNOWN.contains(&s).then(|| http::Method::from_bytes(s.as_bytes()).ok()).flatten();
        known.map(Self).ok_or_else(|| format!("`{s}` is not one of {}", KNOWN.join(", ")))
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

through_text!(Method);

/// Text to send or to look for: 1 byte to 16 KiB.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BodyText(String);

impl BodyText {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for BodyText {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, String> {
        match s.len() {
            1..=16_384 => Ok(Self(s.to_owned())),
            n => Err(format!("must have 1 to 16384 bytes, not {n}")),
        }
    }
}

impl fmt::Display for BodyText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

through_text!(BodyText);

/// Request headers, checked against injection. At most 50; those that frame the message are the probe's own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Headers(Vec<(HeaderName, HeaderValue)>);

impl Headers {
    /// Name and value, in the order of names.
    pub fn iter(&self) -> impl Iterator<Item = &(HeaderName, HeaderValue)> {
        self.0.iter()
    }

    fn parse(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), String> {
        const FRAMING: [&str; 7] =
            ["connection", "content-length", "expect", "te", "trailer", "transfer-encoding", "upgrade"];
        let parsed = HeaderName::from_bytes(name.as_bytes()).map_err(|_| format!("`{name}` is no header name"))?;
        if FRAMING.contains(&parsed.as_str()) {
            return Err(format!("`{name}` is set by the probe itself: leave it out"));
        }
        let value = HeaderValue::from_str(value)
            .map_err(|_| format!("the value of `{name}` has control characters, such as a line break"))?;
        Ok((parsed, value))
    }
}

impl<'de> Deserialize<'de> for Headers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let map = std::collections::BTreeMap::<String, String>::deserialize(deserializer)?;
        if map.len() > 50 {
            return Err(D::Error::custom(format!("at most 50 headers, not {}", map.len())));
        }
        let parsed = map.iter().map(|(name, value)| Self::parse(name, value)).collect::<Result<_, _>>();
        parsed.map(Self).map_err(D::Error::custom)
    }
}

impl Serialize for Headers {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap_or_default())))
    }
}

/// Accepted status codes, as `"200"` or `"200-299"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusRanges(Vec<(u16, u16)>);

impl Default for StatusRanges {
    fn default() -> Self {
        Self(vec![(200, 299)])
    }
}

impl StatusRanges {
    /// Whether `status` is accepted.
    pub fn accepts(&self, status: u16) -> bool {
        self.0.iter().any(|(from, to)| (*from..=*to).contains(&status))
    }

    fn parse(text: &str) -> Result<(u16, u16), String> {
        let (from, to) = text.split_once('-').unwrap_or((text, text));
        match (from.parse(), to.parse()) {
            (Ok(from), Ok(to)) if 100 <= from && from <= to && to <= 599 => Ok((from, to)),
            _ => Err(format!("`{text}` is no status range: write \"200\" or \"200-299\", from 100 to 599")),
        }
    }
}

impl fmt::Display for StatusRanges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, (from, to)) in self.0.iter().enumerate() {
            let comma = if i == 0 { "" } else { ", " };
            if from == to { write!(f, "{comma}{from}")? } else { write!(f, "{comma}{from}-{to}")? }
        }
        Ok(())
    }
}

impl<'de> Deserialize<'de> for StatusRanges {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let texts = Vec::<String>::deserialize(deserializer)?;
        if !(1..=20).contains(&texts.len()) {
            return Err(D::Error::custom("must list 1 to 20 status ranges, such as \"200-299\""));
        }
        texts.iter().map(|text| Self::parse(text)).collect::<Result<_, _>>().map(Self).map_err(D::Error::custom)
    }
}

impl Serialize for StatusRanges {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|range| Self(vec![*range]).to_string()))
    }
}

/// What to check: an absolute http or https URL without credentials, at most 2,048 bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckUrl(Url);

impl CheckUrl {
    /// The parsed URL. It has a host.
    pub fn url(&self) -> &Url {
        &self.0
    }
}

impl FromStr for CheckUrl {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, String> {
        if s.len() > 2_048 {
            return Err(format!("is longer than 2048 bytes ({})", s.len()));
        }
        if s.chars().any(|c| c.is_control() || c == ' ') {
            return Err("has a space or a control character: percent-encode it".to_owned());
        }
        let url = Url::parse(s).map_err(no_url)?;
        match url.scheme() {
            "http" | "https" if !url.username().is_empty() || url.password().is_some() => {
                Err("carries credentials: leave `user:password@` out".to_owned())
            }
            "http" | "https" if url.port() == Some(0) => Err("has port 0, which cannot be dialled".to_owned()),
            "http" | "https" => Ok(Self(url)),
            other => Err(format!("has the scheme `{other}`: only http and https can be checked")),
        }
    }
}

impl fmt::Display for CheckUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

through_text!(CheckUrl);
