//! Names to addresses: literals, the hosts file, then DNS with a cache.
//!
//! Needs no libc resolver (a static binary has none worth the name), so `/etc/resolv.conf` and `/etc/hosts` are read here, once, at start.
//! The cache holds at most 16,384 answers and keeps each for its TTL, no less than a second (many monitors of one host share a
//! lookup) and no more than five minutes (a move of a site is seen that soon); "no such host" is kept for one to five seconds, so that the
//! next check sees the mend. Lookups of one name at one time share one query.
//!
//! Does not judge addresses. A question without an answer is repeated several times a second and given up after eight seconds (per name of the
//! search list), so that within a usual deadline the answer is "no name server answered" rather than silence.

use std::future::Future;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig, ResolverOpts};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::Query;
use hickory_resolver::proto::rr::{Name, RecordType};
use hickory_resolver::{Hosts, TokioResolver};

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
pub struct Resolver {
    dns: TokioResolver,
    servers: Arc<[SocketAddr]>,
    hosts: Arc<Hosts>,
}

impl Resolver {
    /// As the machine is configured: name servers, search list and `ndots` of `/etc/resolv.conf`, or a name server on this machine when it
    /// names none (as resolv.conf(5) has it); names of `/etc/hosts` win. Must be called inside a tokio runtime.
    pub fn system() -> Result<Self, ResolverConfigError> {
        match hickory_resolver::system_conf::read_system_conf() {
            Ok((config, options)) => Self::build(config, options),
            Err(error) if names_no_server(&error) => Self::with_servers(&[SocketAddr::from((Ipv4Addr::LOCALHOST, 53))]),
            Err(error) => Err(ResolverConfigError(format!("/etc/resolv.conf: {error}"))),
        }
    }

    /// Asks these name servers (UDP, TCP for long answers) and knows no search list; names of `/etc/hosts` win here too.
    pub fn with_servers(servers: &[SocketAddr]) -> Result<Self, ResolverConfigError> {
        if servers.is_empty() {
            return Err(ResolverConfigError(
                "the list of name servers is empty: give at least one address and port".into(),
            ));
        }
        let servers = servers.iter().map(|server| name_server(*server)).collect();
        Self::build(ResolverConfig::from_name_servers(servers), ResolverOpts::default())
    }

    fn build(config: ResolverConfig, mut options: ResolverOpts) -> Result<Self, ResolverConfigError> {
        // Lost packets are common, slow name servers rare, and a second asking finds the answer in their cache.
        options.timeout = Duration::from_secs(2);
        options.attempts = 3;
        options.cache_size = 16_384;
        options.positive_min_ttl = Some(Duration::from_secs(1));
        options.positive_max_ttl = Some(Duration::from_mins(5));
        options.negative_min_ttl = Some(Duration::from_secs(1));
        options.negative_max_ttl = Some(Duration::from_secs(5));
        // We read the hosts file ourselves: hickory asks DNS for the family that a host's line lacks.
        options.use_hosts_file = ResolveHosts::Never;
        // Long answers go over one TCP connection a name server; the default of 32 is less than a probe's checks in flight.
        options.max_active_requests = 1_024;
        // The kernel's choice of port is random, and free at the first try.
        options.os_port_selection = true;
        let servers = config.name_servers().iter().map(|server| SocketAddr::new(server.ip, port(server))).collect();
        let dns = TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
            .with_options(options)
            .build()
            .map_err(|error| ResolverConfigError(format!("resolver: {error}")))?;
        Ok(Self { dns, servers, hosts: Arc::new(Hosts::from_system().unwrap_or_default()) })
    }

    /// The name servers it asks, in their order.
    pub fn servers(&self) -> &[SocketAddr] {
        &self.servers
    }

    /// The addresses of a host, in the order to try them, without repeats; never empty.
    pub async fn resolve(&self, host: &str, family: Family) -> Result<Vec<IpAddr>, ResolveError> {
        if let Some(address) = literal(host) {
            return if family.wants(address) { Ok(vec![address]) } else { Err(no_address(host, family)) };
        }
        let name = parse(host)?;
        let found = self.in_hosts_file(&name, family);
        if !found.is_empty() {
            return Ok(found);
        }
        let found = match family {
            Family::V4 => self.lookup(name, RecordType::A).await,
            Family::V6 => self.lookup(name, RecordType::AAAA).await,
            Family::Any => self.both(name).await,
        };
        match found {
            Ok(addresses) if addresses.is_empty() => Err(no_address(host, family)),
            Ok(addresses) => Ok(addresses),
            Err(error) => Err(explain(host, family, &error)),
        }
    }

    fn in_hosts_file(&self, name: &Name, family: Family) -> Vec<IpAddr> {
        let of = |record| match self.hosts.lookup_static_host(&Query::query(name.clone(), record)) {
            Some(lookup) => lookup.answers().iter().filter_map(|record| record.data.ip_addr()).collect(),
            None => Vec::new(),
        };
        let v6 = if family == Family::V4 { Vec::new() } else { of(RecordType::AAAA) };
        let v4 = if family == Family::V6 { Vec::new() } else { of(RecordType::A) };
        in_turns(v6, v4)
    }

    async fn lookup(&self, name: Name, record: RecordType) -> Result<Vec<IpAddr>, NetError> {
        let lookup = self.dns.lookup(name, record).await?;
        Ok(in_turns(lookup.answers().iter().filter_map(|record| record.data.ip_addr()).collect(), Vec::new()))
    }

    async fn both(&self, name: Name) -> Result<Vec<IpAddr>, NetError> {
        let mut v6 = pin!(self.lookup(name.clone(), RecordType::AAAA));
        let mut v4 = pin!(self.lookup(name, RecordType::A));
        let (v6, v4) = tokio::select! {
            v6 = &mut v6 => { let v4 = other(&v6, v4).await; (v6, v4) }
            v4 = &mut v4 => { let v6 = other(&v4, v6).await; (v6, v4) }
        };
        match (v6, v4) {
            (Err(v6), Err(v4)) => Err(if v6.is_no_records_found() { v4 } else { v6 }),
            // "None of this family" counts only beside an answer about the other one.
            (Err(error), Ok(none)) | (Ok(none), Err(error)) if none.is_empty() && !error.is_no_records_found() => {
                Err(error)
            }
            (v6, v4) => Ok(in_turns(v6.unwrap_or_default(), v4.unwrap_or_default())),
        }
    }
}

type Answer = Result<Vec<IpAddr>, NetError>;

/// How long the second family may take once the first has addresses. Some name servers never answer AAAA questions.
const GRACE: Duration = Duration::from_secs(1);

async fn other(first: &Answer, second: impl Future<Output = Answer>) -> Answer {
    match first {
        Ok(addresses) if !addresses.is_empty() => {
            tokio::time::timeout(GRACE, second).await.unwrap_or(Err(NetError::Timeout))
        }
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

fn explain(host: &str, family: Family, error: &NetError) -> ResolveError {
    match error {
        error if error.is_nx_domain() => ResolveError::NoSuchHost(host.into()),
        error if error.is_no_records_found() => no_address(host, family),
        NetError::Dns(DnsError::ResponseCode(code)) => {
            ResolveError::Other(format!("the name server could not look up {host}: {code}"))
        }
        NetError::Timeout => ResolveError::Other(format!("no name server answered for {host}")),
        NetError::Io(error) => ResolveError::Other(format!("no name server could be asked for {host}: {error}")),
        NetError::NoConnections => ResolveError::Other(format!("no name server could be reached for {host}")),
        error => ResolveError::Other(format!("looking up {host}: {error}")),
    }
}

fn port(server: &NameServerConfig) -> u16 {
    server.connections.first().map_or(53, |connection| connection.port)
}

fn name_server(server: SocketAddr) -> NameServerConfig {
    let (mut udp, mut tcp) = (ConnectionConfig::udp(), ConnectionConfig::tcp());
    udp.port = server.port();
    tcp.port = server.port();
    NameServerConfig::new(server.ip(), true, vec![udp, tcp])
}

/// A missing resolv.conf, or one without a `nameserver` line.
fn names_no_server(error: &NetError) -> bool {
    match error {
        NetError::Io(error) => {
            error.kind() == std::io::ErrorKind::NotFound || error.to_string().contains("no nameservers found")
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_resolv_conf_means_the_name_server_of_this_machine() {
        let error = hickory_resolver::system_conf::parse_resolv_conf("# nothing\n").unwrap_err();
        assert!(names_no_server(&error), "{error}");
    }

    #[test]
    fn families_take_turns_and_nothing_is_tried_twice() {
        let of = |list: &[&str]| list.iter().map(|a| a.parse().unwrap()).collect::<Vec<IpAddr>>();
        let found = in_turns(of(&["::1", "::2"]), of(&["1.1.1.1", "1.1.1.2", "1.1.1.1", "1.1.1.3"]));
        assert_eq!(found, of(&["::1", "1.1.1.1", "::2", "1.1.1.2", "1.1.1.3"]));
    }
}
