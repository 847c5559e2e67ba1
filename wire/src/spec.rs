//! What a job asks for, with the field names of the monitor body. All defaults: no `spec` at all.
//!
//! The URL's scheme names the kind of check, and each kind has a spec of its own: [`kinds`] lists them. Every field's type parses
//! itself and says what is wrong with it, so that the API can name each bad field and a probe can refuse a spec it does not
//! understand, whole.

mod http;
mod target;
mod tcp;
mod value;

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{DeserializeSeed, Error as _},
};
use url::Url;

pub use self::{
    http::{Expect, Headers, HttpSpec, Method, StatusRanges},
    target::CheckUrl,
    tcp::{Hex, Octets, Tcp, TcpSpec},
    value::{BodyText, CertDays, MaxLatency, MaxRedirects, Timeout},
};
use crate::words;

/// A line for each kind of check: its spec, its word, and the schemes of its URLs.
macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident($spec:ident) = $word:literal, of $schemes:expr;)*) => {
        /// How something is checked: the protocol.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Kind {
            $($(#[$doc])* $name),*
        }

        words!(Kind { $($name = $word),* });

        impl Kind {
            /// The schemes of its URLs.
            pub fn schemes(self) -> &'static [&'static str] {
                match self { $(Self::$name => $schemes),* }
            }

            /// The URL as it is checked, or what is wrong with it.
            fn target(self, url: Url) -> Result<Url, String> {
                match self { $(Self::$name => $spec::target(url)),* }
            }
        }

        /// How a target is checked and what counts as up, by kind. An unknown field is an error: a check that leaves out what it
        /// was asked for would be a lie. Written out, every field is there.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize)]
        #[serde(untagged)]
        pub enum Spec {
            $($(#[$doc])* $name($spec)),*
        }

        impl Spec {
            /// All defaults.
            pub fn usual(kind: Kind) -> Self {
                match kind { $(Kind::$name => Self::$name($spec::default())),* }
            }

            /// The kind of check.
            pub fn kind(&self) -> Kind {
                match self { $(Self::$name(_) => Kind::$name),* }
            }

            /// The one deadline.
            pub fn timeout(&self) -> Timeout {
                match self { $(Self::$name(spec) => spec.timeout),* }
            }

            /// The same with another deadline.
            #[must_use]
            pub fn with_timeout(self, timeout: Timeout) -> Self {
                match self { $(Self::$name(spec) => Self::$name($spec { timeout, ..spec })),* }
            }

            /// Expectations that no answer can meet, by their names in `expect`, and why.
            pub fn unanswerable(&self) -> Vec<(&'static str, &'static str)> {
                match self { $(Self::$name(spec) => spec.unanswerable()),* }
            }

            /// Whom to trust, for kinds that may come to a handshake.
            pub fn tls(&self) -> Option<&TlsSpec> {
                match self { $(Self::$name(spec) => spec.tls()),* }
            }
        }

        #[cfg(feature = "openapi")]
        impl Kind {
            /// The fields that its specs have and not every spec has, as the schema of an object.
            pub fn schema(self) -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                match self { $(Self::$name => <$spec as utoipa::PartialSchema>::schema()),* }
            }
        }

        /// Reads a spec of this kind.
        impl<'de> DeserializeSeed<'de> for Kind {
            type Value = Spec;
            fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Spec, D::Error> {
                match self { $(Self::$name => $spec::deserialize(deserializer).map(Spec::$name)),* }
            }
        }
    };
}

kinds! {
    /// HTTP and HTTPS.
    Http(HttpSpec) = "http", of &["http", "https"];
    /// A TCP port, encrypted or not.
    Tcp(TcpSpec) = "tcp", of &["tcp"];
}

/// What sets the specs of one kind apart.
trait OfKind {
    /// The URL as it is checked, or what is wrong with it.
    fn target(url: Url) -> Result<Url, String> {
        Ok(url)
    }

    /// Expectations that no answer can meet, by their names in `expect`, and why.
    fn unanswerable(&self) -> Vec<(&'static str, &'static str)> {
        Vec::new()
    }

    /// Whom to trust, where there may be a handshake.
    fn tls(&self) -> Option<&TlsSpec> {
        None
    }
}

impl Kind {
    /// As the scheme of this URL says: for one that was read before.
    pub fn of_url(url: &str) -> Option<Self> {
        Self::of_scheme(url.split_once(':')?.0)
    }

    /// The kind whose URLs begin so.
    pub fn of_scheme(scheme: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.schemes().contains(&scheme))
    }
}

impl Spec {
    /// Reads the JSON text of a spec of this kind; all defaults where there is none.
    pub fn from_json(kind: Kind, text: Option<&str>) -> serde_json::Result<Self> {
        let Some(text) = text else { return Ok(Self::usual(kind)) };
        let mut json = serde_json::Deserializer::from_str(text);
        let spec = kind.deserialize(&mut json)?;
        json.end()?;
        Ok(spec)
    }
}

/// The word of the kind at this place in [`Kind::ALL`]: a spec may say what its URL says already, and nothing else.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KindWord<const PLACE: usize>;

impl<'de, const PLACE: usize> Deserialize<'de> for KindWord<PLACE> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let kind = Kind::ALL[PLACE];
        match String::deserialize(deserializer)?.parse::<Kind>() {
            Ok(said) if said == kind => Ok(Self),
            Ok(said) => Err(D::Error::custom(format!("must be `{kind}`, as the URL's scheme says, not `{said}`"))),
            Err(why) => Err(D::Error::custom(why)),
        }
    }
}

impl<const PLACE: usize> Serialize for KindWord<PLACE> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(Kind::ALL[PLACE].as_str())
    }
}

/// How certificates are judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct TlsSpec {
    /// Whether the certificate must be one to trust.
    #[cfg_attr(feature = "openapi", schema(default = true, example = true))]
    pub verify: bool,
    /// PEM of authorities to trust beside the public ones.
    #[cfg_attr(feature = "openapi", schema(max_length = 65536))]
    pub ca: Option<String>,
}

impl Default for TlsSpec {
    fn default() -> Self {
        Self { verify: true, ca: None }
    }
}

/// What the answer must be like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Slower is degraded.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<u32>, minimum = 1, maximum = 60000, example = 800))]
    pub max_latency_ms: Option<MaxLatency>,
    /// A certificate that ends sooner is degraded.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<u16>, minimum = 1, maximum = 3650, example = 14))]
    pub min_cert_days: Option<CertDays>,
}

#[cfg(test)]
mod tests;
