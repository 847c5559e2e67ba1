//! Names to addresses: literals, the hosts file, then DNS with a cache.
//!
//! Needs no libc resolver (a static binary has none worth the name), so `/etc/resolv.conf` and `/etc/hosts` are read here, and again
//! when they change: DHCP, a VPN or a late network may write them at any time. The rules are resolv.conf(5)'s: servers in their order
//! ([`servers`]), and a name found once, by the search list ([`conf`]); then both families of *that* name.
//! The cache of each server holds at most 16,384 answers and keeps each for its TTL, no less than a second (many monitors of one host share a
//! lookup) and no more than five minutes (a move of a site is seen that soon); "no such host" is kept for one to five seconds, so that the
//! next check sees the mend. Lookups of one name at one time share one query.
//!
//! Does not judge addresses. A server that is silent is given up after two seconds (or `options timeout`), so that within a
//! usual deadline the answer is "name server … did not answer" rather than silence.

mod conf;
mod files;
mod servers;

use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hickory_resolver::Hosts;
use hickory_resolver::proto::op::Query;
use hickory_resolver::proto::rr::{Name, RecordType};

use conf::Conf;
use files::{Current, State};
use servers::Said;

/// Which addresses of a host to look for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Family {
    /// Both, in turns, IPv6 first (RFC 8305).
    #[default]
    Any,
    /// IPv4 alone.
    V4,
    /// IPv6 alone.
    V6,
}

/// Why a host has no address to dial. The texts are for people who own the site.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ResolveError {
    /// DNS says that the name does not exist (NXDOMAIN).
    #[error("no such host: {0}")]
    NoSuchHost(String),
    /// The name exists but has no address of the wanted family; the text says which.
    #[error("{0}")]
    NoAddress(String),
    /// No name server answered, now or ever before: this machine's trouble, which says nothing about the host.
    #[error("{0}")]
    NeverAnswered(String),
    /// Anything else: no name server answered, it answered with an error, or the name is none.
    #[error("{0}")]
    Other(String),
}

/// The machine's resolver configuration cannot be used; the text names the file and the problem.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}")]
pub struct ResolverConfigError(String);

/// Turns host names into addresses. Cheap to clone; clones share the cache.
#[derive(Clone, Debug)]
pub struct Resolver(Arc<Current>);

impl Resolver {
    /// As the machine is configured: `/etc/resolv.conf`, or a name server on this machine when it names none (as resolv.conf(5)
    /// has it); names of `/etc/hosts` win. Both are read again when they change. Must be called inside a tokio runtime.
    pub fn system() -> Result<Self, ResolverConfigError> {
        Self::of_files(Path::new("/etc/resolv.conf"), Path::new("/etc/hosts"))
    }

    /// The same of other files. A name server may have a port here, as in OpenBSD's `nameserver [127.0.0.1]:5353`.
    pub fn of_files(resolv_conf: &Path, hosts: &Path) -> Result<Self, ResolverConfigError> {
        Current::new(Some(resolv_conf), hosts, Conf::of(Vec::new())).map(|current| Self(Arc::new(current)))
    }

    /// Asks these name servers (UDP, TCP for long answers) and knows no search list; names of `/etc/hosts` win here too.
    pub fn with_servers(servers: &[SocketAddr]) -> Result<Self, ResolverConfigError> {
        if servers.is_empty() {
            return Err(ResolverConfigError(
                "the list of name servers is empty: give at least one address and port".into(),
            ));
        }
        let conf = Conf::of(servers.to_vec());
        Current::new(None, Path::new("/etc/hosts"), conf).map(|current| Self(Arc::new(current)))
    }

    /// The name servers it asks, in their order.
    pub fn servers(&self) -> Vec<SocketAddr> {
        self.0.state().conf.servers.clone()
    }

    /// Whether a name server answered anything since it is asked. While none did, silence is this machine's trouble.
    pub fn has_answered(&self) -> bool {
        self.0.state().servers.has_answered()
    }

    /// The addresses of a host, in the order to try them, without repeats; never empty.
    pub async fn resolve(&self, host: &str, family: Family) -> Result<Vec<IpAddr>, ResolveError> {
        if let Some(address) = literal(host) {
            return if family.wants(address) { Ok(vec![address]) } else { Err(no_address(host, family)) };
        }
        let name = parse(host)?;
        let state = self.0.state();
        let found = in_hosts_file(&state.hosts, &name, family);
        if !found.is_empty() {
            return Ok(found);
        }
        // A name that exists is better than none, and doubt is worse than both.
        let (mut exists, mut unknown) = (false, None);
        for name in state.conf.candidates(&name) {
            match state.find(&name, family).await {
                Said::Addresses(found) => return Ok(found),
                Said::Nothing => exists = true,
                Said::NoName => {}
                Said::Unknown(why) => unknown = unknown.or(Some(why)),
            }
        }
        Err(match unknown {
            Some(why) if !state.servers.has_answered() => {
                ResolveError::NeverAnswered(format!("looking up {host}: {why}, nor did any ever answer this machine"))
            }
            Some(why) => ResolveError::Other(format!("looking up {host}: {why}")),
            None if exists => no_address(host, family),
            None => ResolveError::NoSuchHost(host.into()),
        })
    }
}

impl State {
    /// Addresses of exactly this name.
    async fn find(&self, name: &Name, family: Family) -> Said {
        match family {
            Family::V6 => self.servers.ask(name, RecordType::AAAA).await,
            Family::Any if !self.conf.no_aaaa => self.both(name).await,
            Family::Any | Family::V4 => self.servers.ask(name, RecordType::A).await,
        }
        .in_turns()
    }

    async fn both(&self, name: &Name) -> Said {
        let mut v6 = pin!(self.servers.ask(name, RecordType::AAAA));
        let mut v4 = pin!(self.servers.ask(name, RecordType::A));
        let (v6, v4) = tokio::select! {
            v6 = &mut v6 => { let v4 = other(&v6, v4).await; (v6, v4) }
            v4 = &mut v4 => { let v6 = other(&v4, v6).await; (v6, v4) }
        };
        match (v6, v4) {
            (Said::Addresses(v6), Said::Addresses(v4)) => Said::Addresses(in_turns(v6, v4)),
            (Said::Addresses(found), _) | (_, Said::Addresses(found)) => Said::Addresses(found),
            // "None of this family" counts only beside an answer about the other one.
            (_, Said::Unknown(why)) | (Said::Unknown(why), _) => Said::Unknown(why),
            (Said::NoName, Said::NoName) => Said::NoName,
            _ => Said::Nothing,
        }
    }
}

impl Said {
    /// Each address once.
    fn in_turns(self) -> Self {
        match self {
            Self::Addresses(found) => Self::Addresses(in_turns(found, Vec::new())),
            other => other,
        }
    }
}

fn in_hosts_file(hosts: &Hosts, name: &Name, family: Family) -> Vec<IpAddr> {
    let of = |record| match hosts.lookup_static_host(&Query::query(name.clone(), record)) {
        Some(lookup) => lookup.answers().iter().filter_map(|record| record.data.ip_addr()).collect(),
        None => Vec::new(),
    };
    let v6 = if family == Family::V4 { Vec::new() } else { of(RecordType::AAAA) };
    let v4 = if family == Family::V6 { Vec::new() } else { of(RecordType::A) };
    in_turns(v6, v4)
}

/// How long the second family may take once the first has addresses. Some name servers never answer AAAA questions.
const GRACE: Duration = Duration::from_secs(1);

async fn other(first: &Said, second: impl Future<Output = Said>) -> Said {
    match first {
        Said::Addresses(_) => tokio::time::timeout(GRACE, second).await.unwrap_or(Said::Nothing),
        _ => second.await,
    }
}

impl Family {
    fn wants(self, address: IpAddr) -> bool {
        match self {
            Self::Any => true,
            Self::V4 => address.is_ipv4(),
            Self::V6 => address.is_ipv6(),
        }
    }
}

/// The address that a host already is: `192.0.2.1`, `2001:db8::1`, or the latter in brackets as URLs have it. Nothing is looked up for it.
pub fn literal(host: &str) -> Option<IpAddr> {
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    match bare {
        Some(v6) => v6.parse().ok().map(IpAddr::V6),
        None => host.parse().ok(),
    }
}

/// A host name of ASCII (as URLs have it), or an international one. A trailing dot keeps the search list out.
fn parse(host: &str) -> Result<Name, ResolveError> {
    let bad = |why: &str| ResolveError::Other(format!("{host:?} is not a host name: {why}"));
    if host.is_empty() || host == "." {
        return Err(bad("it is empty"));
    }
    if let Some(odd) = host.chars().find(|c| c.is_whitespace() || c.is_control() || "\\/:@[]%?#".contains(*c)) {
        return Err(bad(&format!("it contains {odd:?}")));
    }
    let name = if host.is_ascii() { Name::from_ascii(host) } else { Name::from_utf8(host) };
    name.map_err(|error| bad(&error.to_string()))
}

/// One of each in turns (RFC 8305, 4), each address once.
fn in_turns(v6: Vec<IpAddr>, v4: Vec<IpAddr>) -> Vec<IpAddr> {
    let mut found = Vec::with_capacity(v6.len() + v4.len());
    let (mut v6, mut v4) = (v6.into_iter(), v4.into_iter());
    loop {
        let pair = [v6.next(), v4.next()];
        if pair == [None, None] {
            return found;
        }
        for address in pair.into_iter().flatten() {
            if !found.contains(&address) {
                found.push(address);
            }
        }
    }
}

fn no_address(host: &str, family: Family) -> ResolveError {
    let kind = match family {
        Family::Any => "address",
        Family::V4 => "IPv4 address",
        Family::V6 => "IPv6 address",
    };
    ResolveError::NoAddress(format!("{host} has no {kind}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_take_turns_and_nothing_is_tried_twice() {
        let of = |list: &[&str]| list.iter().map(|a| a.parse().unwrap()).collect::<Vec<IpAddr>>();
        let found = in_turns(of(&["::1", "::2"]), of(&["1.1.1.1", "1.1.1.2", "1.1.1.1", "1.1.1.3"]));
        assert_eq!(found, of(&["::1", "1.1.1.1", "::2", "1.1.1.2", "1.1.1.3"]));
    }
}
