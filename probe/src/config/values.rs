//! Values that need more than serde to be read.

use std::{fmt, str::FromStr};

use ipnet::IpNet;
use serde::{Deserialize, Deserializer, de::Error};
use tracing_subscriber::filter::Targets;

/// Text that is never printed.
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub(crate) struct Secret(String);

impl Secret {
    /// The text itself: hand it to whom it is for, and to nobody else.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(hidden)")
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl OneOrMany {
    fn texts(self) -> Vec<String> {
        match self {
            Self::One(text) => text.split(',').map(|part| part.trim().to_owned()).collect(),
            Self::Many(texts) => texts,
        }
    }
}

/// A host and a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address {
    /// A name, or an address; one of IPv6 with or without brackets.
    pub(crate) host: String,
    pub(crate) port: u16,
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bare = self.host.contains(':') && !self.host.starts_with('[');
        if bare { write!(f, "[{}]:{}", self.host, self.port) } else { write!(f, "{}:{}", self.host, self.port) }
    }
}

impl FromStr for Address {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let bad = || format!("`{text}` is no HOST:PORT");
        let (host, port) = text.rsplit_once(':').ok_or_else(bad)?;
        let port = port.parse().ok().filter(|port| *port != 0).ok_or_else(bad)?;
        let is_host =
            if host.contains(':') { net::literal(host).is_some() && host.starts_with('[') } else { is_name(host) };
        if is_host { Ok(Self { host: host.to_owned(), port }) } else { Err(bad()) }
    }
}

fn is_name(host: &str) -> bool {
    !host.is_empty() && host.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_'))
}

/// `["example.com:443"]`, or `example.com:443,[2001:db8::1]:53` as environments have it.
pub(super) fn addresses<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Address>, D::Error> {
    let texts = OneOrMany::deserialize(deserializer)?.texts();
    texts.iter().filter(|text| !text.is_empty()).map(|text| text.parse().map_err(D::Error::custom)).collect()
}

/// `["10.0.0.0/8"]`, or `10.0.0.0/8,192.168.0.0/16` as environments have it. An address alone is a network of one.
pub(super) fn networks<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<IpNet>, D::Error> {
    let texts = OneOrMany::deserialize(deserializer)?.texts();
    texts.iter().filter(|text| !text.is_empty()).map(|text| network(text).map_err(D::Error::custom)).collect()
}

fn network(text: &str) -> Result<IpNet, String> {
    let alone = || text.parse().ok().map(|address: std::net::IpAddr| address.into());
    IpNet::from_str(text).ok().or_else(alone).ok_or_else(|| format!("`{text}` is no network"))
}

pub(super) fn targets<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Targets, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(|why| D::Error::custom(format!("`{text}`: {why}")))
}

pub(super) fn user_agent() -> String {
    concat!("UpGuard/", env!("CARGO_PKG_VERSION")).to_owned()
}

/// The machine's name; in a container that is the container's.
pub(super) fn host_name() -> String {
    let name = nix::unistd::gethostname().ok().and_then(|name| name.into_string().ok());
    name.filter(|name| !name.is_empty()).unwrap_or_else(|| "probe".to_owned())
}
