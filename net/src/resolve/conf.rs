//! `/etc/resolv.conf` (resolv.conf(5)): who is asked, in which order, and how. Pure. What is not understood is passed over, as glibc does.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use hickory_resolver::proto::rr::Name;

/// More name servers than these are not asked.
const MOST_SERVERS: usize = 8;

/// How names are looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Conf {
    /// In the order to ask them; never empty.
    pub(super) servers: Vec<SocketAddr>,
    /// Put behind a name that has few dots.
    pub(super) search: Vec<Name>,
    /// With so many dots a name is asked for as it stands first.
    pub(super) ndots: usize,
    /// How long one server has for one question.
    pub(super) timeout: Duration,
    /// How often the servers are gone through.
    pub(super) attempts: usize,
    /// TCP alone.
    pub(super) use_vc: bool,
    /// IPv4 alone.
    pub(super) no_aaaa: bool,
}

impl Conf {
    /// Of these servers, everything else as usual: lost packets are common, and slow name servers rare.
    pub(super) fn of(servers: Vec<SocketAddr>) -> Self {
        let timeout = Duration::from_secs(2);
        Self { servers, search: Vec::new(), ndots: 1, timeout, attempts: 2, use_vc: false, no_aaaa: false }
    }

    /// Of a file's text; a name server on this machine where it names none.
    pub(super) fn parse(text: &str) -> Self {
        let mut conf = Self::of(Vec::new());
        for line in text.lines().filter(|line| !line.starts_with(['#', ';'])) {
            let mut words = line.split_ascii_whitespace().take_while(|word| !word.starts_with(['#', ';']));
            match words.next() {
                Some("nameserver") => conf.servers.extend(words.next().and_then(server)),
                Some("domain") => conf.search = words.next().and_then(domain).into_iter().collect(),
                Some("search") => conf.search = words.filter_map(domain).collect(),
                Some("options") => words.for_each(|option| conf.option(option)),
                _ => {}
            }
        }
        conf.servers.truncate(MOST_SERVERS);
        if conf.servers.is_empty() {
            conf.servers.push((Ipv4Addr::LOCALHOST, 53).into());
        }
        conf
    }

    fn option(&mut self, option: &str) {
        let (name, value) = option.split_once(':').unwrap_or((option, ""));
        let number = value.parse::<u32>().ok();
        match (name, number) {
            ("ndots", Some(dots)) => self.ndots = dots.min(15) as usize,
            ("timeout", Some(seconds)) => self.timeout = Duration::from_secs(seconds.clamp(1, 30).into()),
            ("attempts", Some(times)) => self.attempts = times.clamp(1, 5) as usize,
            ("use-vc", _) => self.use_vc = true,
            ("no-aaaa", _) => self.no_aaaa = true,
            _ => {}
        }
    }

    /// What to ask for, one after the other, when somebody says `name`.
    pub(super) fn candidates(&self, name: &Name) -> Vec<Name> {
        let mut whole = name.clone();
        whole.set_fqdn(true);
        if name.is_fqdn() || name.is_localhost() {
            return vec![whole];
        }
        let longer = self.search.iter().filter_map(|domain| name.clone().append_domain(domain).ok());
        let dots = usize::from(name.num_labels()).saturating_sub(1);
        if dots >= self.ndots {
            [whole].into_iter().chain(longer).collect()
        } else {
            longer.chain([whole.clone()]).collect()
        }
    }
}

/// An address, or `[address]:port` as OpenBSD has it. Link-local ones with a scope are passed over.
fn server(word: &str) -> Option<SocketAddr> {
    if let Some((address, port)) = word.strip_prefix('[').and_then(|rest| rest.split_once("]:")) {
        return Some(SocketAddr::new(address.parse().ok()?, port.parse().ok()?));
    }
    word.parse::<IpAddr>().ok().map(|address| SocketAddr::new(address, 53))
}

fn domain(word: &str) -> Option<Name> {
    let mut name = Name::from_ascii(word).ok()?;
    name.set_fqdn(true);
    Some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Servers, search list, and what differs from the usual.
    fn parsed(text: &str) -> String {
        let Conf { servers, search, ndots, timeout, attempts, use_vc, no_aaaa } = Conf::parse(text);
        let servers: Vec<_> = servers.iter().map(ToString::to_string).collect();
        let search: Vec<_> = search.iter().map(ToString::to_string).collect();
        let flags = format!("{}{}", if use_vc { " tcp" } else { "" }, if no_aaaa { " v4" } else { "" });
        format!("{} | {} | {ndots} {}s x{attempts}{flags}", servers.join(" "), search.join(" "), timeout.as_secs())
    }

    #[test]
    fn a_file_is_read_as_glibc_reads_it() {
        for (text, expected) in [
            ("", "127.0.0.1:53 |  | 1 2s x2"),
            ("nameserver 10.0.0.2\nnameserver 10.0.0.3", "10.0.0.2:53 10.0.0.3:53 |  | 1 2s x2"),
            ("nameserver\t::1\t# first\r\n; no\n# no\n", "[::1]:53 |  | 1 2s x2"),
            ("nameserver [127.0.0.1]:5353", "127.0.0.1:5353 |  | 1 2s x2"),
            ("nameserver fe80::1%lo\nnameserver nonsense\nnameserver", "127.0.0.1:53 |  | 1 2s x2"),
            ("domain a.test\nsearch b.test c.test", "127.0.0.1:53 | b.test. c.test. | 1 2s x2"),
            ("search a.test\ndomain b.test", "127.0.0.1:53 | b.test. | 1 2s x2"),
            ("search a.test\nsearch", "127.0.0.1:53 |  | 1 2s x2"),
            ("options ndots:5 timeout:1 attempts:3 use-vc no-aaaa", "127.0.0.1:53 |  | 5 1s x3 tcp v4"),
            ("options ndots:0 timeout:0 attempts:0 rotate edns0", "127.0.0.1:53 |  | 0 1s x1"),
            ("options ndots:99 timeout:99 attempts:99", "127.0.0.1:53 |  | 15 30s x5"),
            ("options ndots:x timeout:-1 attempts: foo\nfamily inet4\n\u{e9}", "127.0.0.1:53 |  | 1 2s x2"),
        ] {
            assert_eq!(parsed(text), expected, "{text:?}");
        }
        assert_eq!(Conf::parse(&"nameserver 10.0.0.2\n".repeat(20)).servers.len(), MOST_SERVERS);
    }

    #[test]
    fn names_with_few_dots_are_searched() {
        let conf = |ndots| Conf::parse(&format!("search a.test b.test\noptions ndots:{ndots}"));
        for (ndots, name, expected) in [
            (1, "web", "web.a.test. web.b.test. web."),
            (1, "web.c", "web.c. web.c.a.test. web.c.b.test."),
            (1, "web.", "web."),
            (2, "web.c", "web.c.a.test. web.c.b.test. web.c."),
            (0, "web", "web. web.a.test. web.b.test."),
            (5, "localhost", "localhost."),
        ] {
            let found: Vec<_> =
                conf(ndots).candidates(&Name::from_ascii(name).unwrap()).iter().map(ToString::to_string).collect();
            assert_eq!(found.join(" "), expected, "{name} with ndots:{ndots}");
        }
    }
}
