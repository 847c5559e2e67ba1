//! HTTP and HTTPS: what is asked, and what the answer must be like.

use std::{collections::BTreeMap, fmt, str::FromStr};

use http::{HeaderName, HeaderValue};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::Error as _,
    ser::{Error as _, SerializeMap as _},
};

use super::{
    Kind, KindWord, Limits, OfKind, Timeout, TlsSpec,
    value::{BodyText, CertDays, MaxLatency, MaxRedirects, through_text},
};

/// How a website is checked and what counts as up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct HttpSpec {
    /// Its kind, as the URL says it.
    #[cfg_attr(feature = "openapi", schema(ignore))]
    pub kind: KindWord<{ Kind::Http as usize }>,
    /// Seconds for the whole check, redirects included.
    #[cfg_attr(feature = "openapi", schema(value_type = u8, minimum = 1, maximum = 30, default = 10, example = 10))]
    pub timeout: Timeout,
    /// GET, HEAD, POST, PUT, PATCH, DELETE or OPTIONS.
    #[cfg_attr(feature = "openapi", schema(value_type = String, default = "GET", example = "GET"))]
    pub method: Method,
    /// Sent with every request. Names have no case.
    #[cfg_attr(feature = "openapi", schema(value_type = BTreeMap<String, String>,
        example = json!({"accept-language": "en"})))]
    pub headers: Headers,
    /// Sent with every request.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, max_length = 16384, example = "ping"))]
    pub body: Option<BodyText>,
    /// Whether to go where redirects lead; each hop is judged like the first.
    #[cfg_attr(feature = "openapi", schema(default = true, example = true))]
    pub follow_redirects: bool,
    /// How many are followed at most; 0 is not to follow.
    #[cfg_attr(feature = "openapi", schema(value_type = u8, minimum = 0, maximum = 20, default = 10, example = 10))]
    pub max_redirects: MaxRedirects,
    /// How certificates are judged.
    #[cfg_attr(feature = "openapi", schema(inline))]
    pub tls: TlsSpec,
    /// What the answer must be like.
    #[cfg_attr(feature = "openapi", schema(inline))]
    pub expect: Expect,
}

impl Default for HttpSpec {
    fn default() -> Self {
        Self {
            kind: KindWord,
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

impl OfKind for HttpSpec {
    fn unanswerable(&self) -> Vec<(&'static str, &'static str)> {
        const WHY: &str = "looks into the body, and the answer to HEAD has none: use GET, or leave it out";
        if self.method.0 != http::Method::HEAD {
            return Vec::new();
        }
        let texts = [("contains", &self.expect.contains), ("not_contains", &self.expect.not_contains)];
        texts.into_iter().filter(|(_, text)| text.is_some()).map(|(name, _)| (name, WHY)).collect()
    }

    fn tls(&self) -> Option<&TlsSpec> {
        Some(&self.tls)
    }
}

/// What the answer must be like.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Expect {
    /// Status codes or ranges of them.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>, max_items = 20,
        default = json!(["200-299"]), example = json!(["200-299", "404"])))]
    pub status: StatusRanges,
    /// Looked for in the first 8 MiB of the decoded body.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, max_length = 16384, example = "Welcome"))]
    pub contains: Option<BodyText>,
    /// Must not be in the first 8 MiB of the decoded body.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, max_length = 16384, example = "Out of order"))]
    pub not_contains: Option<BodyText>,
    /// Slower is degraded.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<u32>, minimum = 1, maximum = 60000, example = 800))]
    pub max_latency_ms: Option<MaxLatency>,
    /// A certificate that ends sooner is degraded.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<u16>, minimum = 1, maximum = 3650, example = 14))]
    pub min_cert_days: Option<CertDays>,
}

impl Expect {
    /// What is expected of every kind of check.
    pub fn limits(&self) -> Limits {
        Limits { max_latency_ms: self.max_latency_ms, min_cert_days: self.min_cert_days }
    }
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
        if !value.is_ascii() {
            return Err(format!("the value of `{name}` has characters beyond ASCII: encode them as the site expects"));
        }
        let value = HeaderValue::from_str(value)
            .map_err(|_| format!("the value of `{name}` has control characters, such as a line break"))?;
        Ok((parsed, value))
    }
}

impl<'de> Deserialize<'de> for Headers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let map = BTreeMap::<String, String>::deserialize(deserializer)?;
        if map.len() > 50 {
            return Err(D::Error::custom(format!("at most 50 headers, not {}", map.len())));
        }
        let mut parsed = Vec::with_capacity(map.len());
        for (name, value) in &map {
            let header = Self::parse(name, value).map_err(D::Error::custom)?;
            if parsed.iter().any(|(known, _)| *known == header.0) {
                return Err(D::Error::custom(format!("`{name}` is given twice: header names have no case")));
            }
            parsed.push(header);
        }
        parsed.sort_by(|(one, _), (other, _)| one.as_str().cmp(other.as_str()));
        Ok(Self(parsed))
    }
}

impl Serialize for Headers {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in self.iter() {
            let text = std::str::from_utf8(value.as_bytes()).map_err(S::Error::custom)?;
            map.serialize_entry(name.as_str(), text)?;
        }
        map.end()
    }
}

/// Accepted status codes. Each range is written as `"200"` or `"200-299"`; none at all is the default.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct StatusRanges(Vec<Range>);

impl Default for StatusRanges {
    fn default() -> Self {
        Self(vec![Range(200, 299)])
    }
}

impl StatusRanges {
    /// Whether `status` is accepted.
    pub fn accepts(&self, status: u16) -> bool {
        self.0.iter().any(|Range(from, to)| (*from..=*to).contains(&status))
    }
}

impl fmt::Display for StatusRanges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, range) in self.0.iter().enumerate() {
            write!(f, "{}{range}", if i == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}

impl<'de> Deserialize<'de> for StatusRanges {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let ranges = Vec::deserialize(deserializer)?;
        match ranges.len() {
            0 => Ok(Self::default()),
            1..=20 => Ok(Self(ranges)),
            n => Err(D::Error::custom(format!("must have at most 20 entries, not {n}"))),
        }
    }
}

/// From one status code to another, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Range(u16, u16);

impl FromStr for Range {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, String> {
        let (from, to) = s.split_once('-').unwrap_or((s, s));
        match (from.parse(), to.parse()) {
            (Ok(from), Ok(to)) if 100 <= from && from <= to && to <= 999 => Ok(Self(from, to)),
            _ => Err(format!("`{s}` is no status range: write \"200\" or \"200-299\", from 100 to 999")),
        }
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(from, to) = self;
        if from == to { write!(f, "{from}") } else { write!(f, "{from}-{to}") }
    }
}

through_text!(Range, "a text such as \"200-299\"");
