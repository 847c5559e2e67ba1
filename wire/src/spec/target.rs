//! What is checked: a URL, whose scheme names the kind of check.

use std::{fmt, str::FromStr};

use url::{Host, ParseError, Url};

use super::{Kind, value::through_text};
use crate::no_url::no_url;

/// What to check: an absolute URL of a kind that is checked, without credentials, at most 2,048 bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckUrl {
    url: Url,
    kind: Kind,
}

impl CheckUrl {
    /// The parsed URL. It has a host.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// How it is checked.
    pub fn kind(&self) -> Kind {
        self.kind
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
        let kind = Kind::of_scheme(url.scheme()).ok_or_else(|| unknown(url.scheme()))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err("carries credentials: leave `user:password@` out".to_owned());
        }
        if url.port() == Some(0) {
            return Err("has port 0, which cannot be dialled".to_owned());
        }
        Ok(Self { url: kind.target(with_read_host(url)?)?, kind })
    }
}

/// The same with its host written as those of websites are. Of schemes that it does not list, the URL standard keeps hosts as they
/// stand: upper case, short IPv4 addresses and all.
fn with_read_host(mut url: Url) -> Result<Url, String> {
    if matches!(url.scheme(), "http" | "https" | "ws" | "wss") {
        return Ok(url);
    }
    let host = match url.host() {
        Some(Host::Domain(name)) if !name.is_empty() => Host::parse(name).map_err(no_url)?.to_string(),
        Some(Host::Ipv4(_) | Host::Ipv6(_)) => return Ok(url),
        _ => return Err(no_url(ParseError::EmptyHost).to_owned()),
    };
    if url.host_str() != Some(&host) {
        url.set_host(Some(&host)).map_err(no_url)?;
    }
    Ok(url)
}

fn unknown(scheme: &str) -> String {
    let known: Vec<_> = Kind::ALL.iter().flat_map(|kind| kind.schemes()).copied().collect();
    let (last, others) = known.split_last().unwrap_or((&"", &[]));
    format!("has the scheme `{scheme}`: only {} and {last} can be checked", others.join(", "))
}

impl fmt::Display for CheckUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.url.fmt(f)
    }
}

through_text!(CheckUrl);
