//! One question, put to name servers in their order until one knows (resolv.conf(5)).
//!
//! The word of the first that answers counts, also that there is no such name; one that cannot or will not say (SERVFAIL,
//! REFUSED, NOTIMP), or is silent, is passed over for the next. hickory's own pool asks several at once and takes the first answer
//! of any sort, so each server has a pool of its own here. Each keeps what it answered for as long as it said.

use std::fmt::Write as _;
use std::net::{IpAddr, SocketAddr};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig, ResolverOpts};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::{Name, RecordType};

use super::conf::Conf;

/// A server that was silent is asked last for so long: otherwise every lookup would wait for it.
const REST: Duration = Duration::from_secs(10);

/// As much as a server may send over UDP. Many send more than they were told they may.
const UDP_ANSWER: u16 = 4_096;

/// What is known of a name's addresses of one family.
#[derive(Debug)]
pub(super) enum Said {
    /// At least one.
    Addresses(Vec<IpAddr>),
    /// The name has none of this family.
    Nothing,
    /// There is no such name.
    NoName,
    /// Nobody could say; why, of each server.
    Unknown(String),
}

/// Name servers in their order.
#[derive(Debug)]
pub(super) struct Servers {
    all: Vec<Server>,
    timeout: Duration,
    attempts: usize,
    began: Instant,
    /// Whether any of them ever answered anything.
    answered: AtomicBool,
}

#[derive(Debug)]
struct Server {
    address: SocketAddr,
    timeout: Duration,
    usual: TokioResolver,
    /// Without EDNS, for servers and firewalls that do not know it.
    bare: OnceLock<Option<TokioResolver>>,
    /// Over TCP alone, for answers that UDP does not bring whole.
    tcp: OnceLock<Option<TokioResolver>>,
    /// Until when it is asked last: milliseconds of [`Servers::began`].
    rests_until: AtomicU64,
}

impl Servers {
    pub(super) fn new(conf: &Conf) -> Result<Self, NetError> {
        let all = conf.servers.iter().map(|address| Server::new(*address, conf)).collect::<Result<_, _>>()?;
        let (timeout, attempts) = (conf.timeout, conf.attempts);
        Ok(Self { all, timeout, attempts, began: Instant::now(), answered: AtomicBool::new(false) })
    }

    pub(super) fn has_answered(&self) -> bool {
        self.answered.load(Relaxed)
    }

    /// The addresses of exactly this name.
    pub(super) async fn ask(&self, name: &Name, record: RecordType) -> Said {
        let mut why = vec![None; self.all.len()];
        for attempt in 0..self.attempts {
            for place in self.order() {
                let server = &self.all[place];
                let silent = why[place] == Some(Failure::Silent);
                match server.ask(name, record, attempt > 0 && silent).await {
                    Ok(said) => {
                        self.answered.store(true, Relaxed);
                        server.rests_until.store(0, Relaxed);
                        return said;
                    }
                    Err(failure) => {
                        if failure == Failure::Silent {
                            server.rests_until.store(self.now() + REST.as_millis() as u64, Relaxed);
                        } else if failure.is_an_answer() {
                            self.answered.store(true, Relaxed);
                        }
                        why[place] = Some(failure);
                    }
                }
            }
            // Asking again helps against lost packets alone.
            if !why.contains(&Some(Failure::Silent)) {
                break;
            }
        }
        Said::Unknown(self.in_words(&why))
    }

    /// Places of the servers, those that rest last.
    fn order(&self) -> Vec<usize> {
        let now = self.now();
        let mut places: Vec<_> = (0..self.all.len()).collect();
        places.sort_by_key(|place| self.all[*place].rests_until.load(Relaxed) > now);
        places
    }

    fn now(&self) -> u64 {
        self.began.elapsed().as_millis() as u64
    }

    fn in_words(&self, why: &[Option<Failure>]) -> String {
        let mut text = String::new();
        for (server, failure) in self.all.iter().zip(why) {
            let address = server.address;
            let shown = if address.port() == 53 { address.ip().to_string() } else { address.to_string() };
            let before = if text.is_empty() { "name server" } else { ", name server" };
            let _ = match failure {
                Some(Failure::Silent) | None => {
                    write!(text, "{before} {shown} did not answer in {} s", self.timeout.as_secs())
                }
                Some(Failure::Code(code)) => write!(text, "{before} {shown} {}", code_in_words(*code)),
                Some(Failure::Unreachable(said)) => write!(text, "{before} {shown} cannot be asked: {said}"),
                Some(Failure::Odd(said)) => write!(text, "{before} {shown} answers oddly: {said}"),
            };
        }
        text
    }
}

/// Why a server did not say.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Failure {
    Silent,
    Code(ResponseCode),
    Unreachable(String),
    Odd(String),
}

impl Failure {
    fn is_an_answer(&self) -> bool {
        matches!(self, Self::Code(_) | Self::Odd(_))
    }
}

impl Server {
    fn new(address: SocketAddr, conf: &Conf) -> Result<Self, NetError> {
        let usual = resolver(address, conf.timeout, true, !conf.use_vc)?;
        let (bare, tcp) = (OnceLock::new(), OnceLock::new());
        Ok(Self { address, timeout: conf.timeout, usual, bare, tcp, rests_until: AtomicU64::new(0) })
    }

    async fn ask(&self, name: &Name, record: RecordType, plainly: bool) -> Result<Said, Failure> {
        let bare = || self.bare.get_or_init(|| resolver(self.address, self.timeout, false, true).ok()).as_ref();
        let tcp = || self.tcp.get_or_init(|| resolver(self.address, self.timeout, true, false).ok()).as_ref();
        let first = if plainly { bare().unwrap_or(&self.usual) } else { &self.usual };
        let said = first.lookup(name.clone(), record).await;
        let again = match &said {
            Err(NetError::Dns(DnsError::ResponseCode(
                ResponseCode::FormErr | ResponseCode::NotImp | ResponseCode::BADVERS,
            ))) if !plainly => bare(),
            // Cut somewhere, or longer than there was room for.
            Err(NetError::Proto(_)) => tcp(),
            _ => None,
        };
        let said = match again {
            Some(other) => other.lookup(name.clone(), record).await,
            None => said,
        };
        match said {
            Ok(lookup) => {
                let found: Vec<_> = lookup.answers().iter().filter_map(|record| record.data.ip_addr()).collect();
                Ok(if found.is_empty() { Said::Nothing } else { Said::Addresses(found) })
            }
            Err(error) if error.is_nx_domain() => Ok(Said::NoName),
            Err(error) if error.is_no_records_found() => Ok(Said::Nothing),
            Err(error) => Err(failure(&error)),
        }
    }
}

fn failure(error: &NetError) -> Failure {
    match error {
        NetError::Dns(DnsError::ResponseCode(code)) => Failure::Code(*code),
        NetError::Timeout => Failure::Silent,
        NetError::Io(error) if error.kind() == std::io::ErrorKind::TimedOut => Failure::Silent,
        NetError::Io(error) => Failure::Unreachable(crate::io_words(error).into_owned()),
        NetError::NoConnections => Failure::Unreachable("it takes no connection".into()),
        NetError::Busy => Failure::Unreachable("too many questions are on their way to it".into()),
        NetError::Proto(_) => Failure::Odd("its answer cannot be read".into()),
        _ => Failure::Odd("its answer does not fit the question".into()),
    }
}

fn code_in_words(code: ResponseCode) -> String {
    let words = match code {
        ResponseCode::ServFail => "could not look it up (SERVFAIL)",
        ResponseCode::Refused => "refuses to look it up (REFUSED)",
        ResponseCode::NotImp => "does not know this kind of question (NOTIMP)",
        ResponseCode::FormErr => "does not understand the question (FORMERR)",
        ResponseCode::NotAuth => "is not the one to ask (NOTAUTH)",
        code => return format!("answers with error {}", u16::from(code)),
    };
    words.to_owned()
}

/// One that asks this server once, and keeps what it hears.
fn resolver(address: SocketAddr, timeout: Duration, edns: bool, udp: bool) -> Result<TokioResolver, NetError> {
    let mut options = ResolverOpts::default();
    (options.timeout, options.attempts) = (timeout, 0);
    options.edns0 = edns;
    options.edns_payload_len = UDP_ANSWER;
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
    let kinds =
        if udp { vec![ConnectionConfig::udp(), ConnectionConfig::tcp()] } else { vec![ConnectionConfig::tcp()] };
    let connections = kinds.into_iter().map(|mut kind| {
        kind.port = address.port();
        kind
    });
    let server = NameServerConfig::new(address.ip(), true, connections.collect());
    let config = ResolverConfig::from_name_servers(vec![server]);
    TokioResolver::builder_with_config(config, TokioRuntimeProvider::default()).with_options(options).build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_answer_is_said_in_words() {
        for code in 0..=24 {
            let said = code_in_words(ResponseCode::from(code >> 4, code & 15));
            assert!(said.contains(' ') && !said.contains(['{', '"']), "{code}: {said}");
        }
        let io = |kind: std::io::ErrorKind| NetError::from(std::io::Error::from(kind));
        for (error, expected) in [
            (NetError::Timeout, Failure::Silent),
            (io(std::io::ErrorKind::TimedOut), Failure::Silent),
            (io(std::io::ErrorKind::ConnectionRefused), Failure::Unreachable("connection refused".into())),
            (NetError::NoConnections, Failure::Unreachable("it takes no connection".into())),
            (NetError::Busy, Failure::Unreachable("too many questions are on their way to it".into())),
            (NetError::Message("odd"), Failure::Odd("its answer does not fit the question".into())),
        ] {
            assert_eq!(failure(&error), expected, "{error}");
        }
    }
}
