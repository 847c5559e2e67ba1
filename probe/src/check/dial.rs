//! The way to a server, the same for every kind of check that dials one: resolve → judge → connect → TLS. What was seen on the
//! way is kept even when it ends early. Knows nothing of what is said once the connection stands.

use std::{io, time::Duration};

use net::{
    Admitted, ConnectError, Family, Leaf, Refused, ResolveError, TlsConnection, TlsError, TlsSettings, TlsStream,
    Unsecured,
};
use tokio::net::TcpStream;
use url::{Host, Url};
use wire::{Certificate, Evidence, Outcome, Reason, Verdict};

use super::{
    Failure, Finding, Shared,
    steps::{Step, Stopwatch},
};

/// A check under way: which step it is in, and what was found so far.
pub(super) struct Dial<'a> {
    shared: &'a Shared,
    /// To be told of every step after the handshake.
    pub(super) watch: Stopwatch,
    /// Up, until [`Dial::conclude`] says otherwise.
    pub(super) found: Finding,
    /// The certificate presented last, trusted or not.
    leaf: Option<Leaf>,
    /// The server asked for a client certificate, and there was none to show.
    asked_in_vain: bool,
}

impl<'a> Dial<'a> {
    pub(super) fn new(shared: &'a Shared) -> Self {
        Self { shared, watch: Stopwatch::new(), found: Finding::default(), leaf: None, asked_in_vain: false }
    }

    /// A connection to the URL's host and port: to an address that was judged.
    pub(super) async fn connect(&mut self, url: &Url) -> Result<TcpStream, Failure> {
        (self.leaf, self.asked_in_vain) = (None, false);
        let admitted = self.find(url).await?;
        self.watch.enter(Step::Connect);
        let port = url.port_or_known_default().unwrap_or(80);
        let connected = self.shared.net.connect(&admitted, port).await.map_err(|error| self.unconnected(&error))?;
        self.found.address = Some(connected.address.ip());
        Ok(connected.tcp)
    }

    /// The addresses of a URL's host that may be dialled. One written out is not looked up, so there is nothing to measure.
    async fn find(&mut self, url: &Url) -> Result<Admitted, Failure> {
        let net = &self.shared.net;
        let written = match url.host() {
            Some(Host::Ipv4(address)) => Some(address.into()),
            Some(Host::Ipv6(address)) => Some(address.into()),
            // Only URLs of websites have IPv4 hosts: others have names that look like them.
            Some(Host::Domain(name)) => net::literal(name),
            None => return Err(Failure::new(Reason::Dns, "the URL has no host")),
        };
        let admitted = if let Some(address) = written {
            net.admit(&[address])
        } else {
            self.watch.enter(Step::Resolve);
            let found = Box::pin(net.resolve(url.host_str().unwrap_or_default(), Family::Any)).await;
            net.admit(&found.map_err(|error| unresolved(&error))?)
        };
        admitted.map_err(|refused| self.refused(&refused))
    }

    /// Greets the URL's host. What it presented is kept, trusted or not.
    pub(super) async fn handshake(
        &mut self,
        tcp: TcpStream,
        url: &Url,
        settings: &TlsSettings,
    ) -> Result<TlsStream<TcpStream>, Failure> {
        self.watch.enter(Step::Tls);
        let host = url.host_str().unwrap_or_default();
        let greeted = self.shared.net.handshake_shown(tcp, host, settings).await;
        let greeted = greeted.map_err(|refused| self.unsecured(refused))?;
        let TlsConnection { stream, facts, leaf, asked_in_vain } = greeted;
        self.leaf = Some(leaf);
        self.asked_in_vain = asked_in_vain;
        // Of several certificates the one that ends first is the one to know about.
        if let Some(facts) = facts
            && self.found.tls.as_ref().is_none_or(|kept| facts.not_after < kept.not_after)
        {
            self.found.tls = Some(facts);
        }
        Ok(stream)
    }

    /// A connection that was lost before an answer: in TLS 1.3 a server says only then that it misses a client certificate, or just hangs up.
    pub(super) fn lost(&self, error: Option<&io::Error>, failure: Failure) -> Failure {
        match error.and_then(TlsError::of) {
            Some(error) => Failure::new(Reason::Tls, error.to_string()),
            None if self.asked_in_vain => {
                let detail = format!("the server asked for a client certificate, and {}", failure.detail);
                Failure::new(Reason::Tls, detail)
            }
            None => failure,
        }
    }

    /// A name server that never answered anything is this machine's trouble, not the site's.
    fn timed_out(&self, limit: Duration) -> Failure {
        let failure = self.watch.timed_out(limit);
        if failure.reason != Reason::TimeoutDns || self.shared.net.has_names() {
            return failure;
        }
        let servers = self.shared.net.servers().iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        Failure::new(Reason::Unsupported, format!("no name server has ever answered this probe (asked: {servers})"))
    }

    /// Stops the watch: `ended` is how the check did, or the deadline that cut it off.
    pub(super) fn stop<T>(&mut self, ended: Result<Result<T, Failure>, Duration>) -> Result<T, Failure> {
        let ended = ended.unwrap_or_else(|limit| Err(self.timed_out(limit)));
        self.found.phases = self.watch.stop();
        ended
    }

    /// The finding, with its verdict. `evidence` is asked only where the check ends down; what was presented comes in.
    pub(super) fn conclude(
        mut self,
        failure: Option<Failure>,
        evidence: impl FnOnce(Option<Certificate>) -> Evidence,
    ) -> Finding {
        if let Some(Failure { reason, detail }) = failure {
            self.found.verdict = reason.verdict();
            self.found.reason = Some(reason);
            self.found.detail = Some(shorten(detail));
            if self.found.verdict == Verdict::Down {
                let presented = self.leaf.as_ref().and_then(certificate);
                self.found.evidence = Some(Box::new(evidence(presented).bounded()));
            }
        }
        self.found
    }

    fn refused(&mut self, refused: &Refused) -> Failure {
        self.found.address = Some(refused.address);
        Failure::new(Reason::RefusedAddress, refused.to_string())
    }

    fn unsecured(&mut self, refused: Unsecured) -> Failure {
        self.leaf = refused.leaf;
        match refused.error {
            TlsError::Expired(text) => Failure::new(Reason::TlsExpired, text),
            TlsError::Untrusted(text) => Failure::new(Reason::TlsUntrusted, text),
            TlsError::Hostname(text) => Failure::new(Reason::TlsHostname, text),
            TlsError::Unsupported(text) => Failure::new(Reason::Unsupported, text),
            TlsError::Other(text) => Failure::new(Reason::Tls, text),
        }
    }

    fn unconnected(&mut self, error: &ConnectError) -> Failure {
        self.found.starved = error.is_ours();
        self.found.address = error.attempts.first().map(|(address, _)| address.ip());
        Failure::new(Reason::Connect, error.to_string())
    }
}

fn unresolved(error: &ResolveError) -> Failure {
    let reason = match error {
        ResolveError::NeverAnswered(_) => Reason::Unsupported,
        _ => Reason::Dns,
    };
    Failure::new(reason, error.to_string())
}

fn certificate(leaf: &Leaf) -> Option<Certificate> {
    let net::LeafFacts { subject, issuer, not_before, not_after, names } = leaf.facts()?;
    Some(Certificate { subject, issuer, not_before, not_after, names })
}

/// At most as long as an outcome keeps, ending in `…` where something was cut.
fn shorten(mut detail: String) -> String {
    const MARK: char = '…';
    if detail.len() > Outcome::DETAIL_MAX {
        detail.truncate(detail.floor_char_boundary(Outcome::DETAIL_MAX - MARK.len_utf8()));
        detail.push(MARK);
    }
    detail
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_detail_is_cut_between_characters() {
        let cut = shorten("ü".repeat(200));
        assert!(cut.len() <= Outcome::DETAIL_MAX && cut.ends_with("ü…"), "{cut}");
        assert_eq!(shorten("short".to_owned()), "short");
    }
}
