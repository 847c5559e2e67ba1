//! The way of a check, hop by hop: resolve → judge → connect → TLS → request → response.
//!
//! A redirect walks all of it again, the judge included. What was seen on the way is kept even when the way ends early.

use std::{borrow::Cow, time::Duration};

use hyper::body::{Body as _, Incoming};
use net::{Admitted, ConnectError, Family, Refused, ResolveError, TlsConnection, TlsError, TlsFacts, Unsecured};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use url::Host;
use wire::{Outcome, Phases, Reason, Spec, Verdict};

use super::{
    Failure, Finding, Shared,
    body::Body,
    evidence::Seen,
    expect::{self, Answer},
    http::Exchange,
    redirect::{self, Hop},
    request,
    steps::{Step, Stopwatch},
    tls_settings,
};

/// One check under way.
pub(super) struct Walk<'a> {
    shared: &'a Shared,
    spec: &'a Spec,
    watch: Stopwatch,
    found: Finding,
    /// Of the last hop.
    seen: Seen,
    /// A redirect led from https to plain http.
    downgraded: bool,
}

/// Where a hop led.
enum Led<'a> {
    On(Hop<'a>),
    Home(Answer),
}

impl<'a> Walk<'a> {
    pub(super) fn new(shared: &'a Shared, spec: &'a Spec) -> Self {
        let found = Finding {
            verdict: Verdict::Up,
            reason: None,
            phases: Phases::default(),
            http_status: None,
            address: None,
            tls: None,
            redirects: 0,
            detail: None,
            starved: false,
            evidence: None,
        };
        Self { shared, spec, watch: Stopwatch::new(), found, seen: Seen::default(), downgraded: false }
    }

    /// Goes on from `hop` until there is a final answer. It is the last one then, also when the way ends early.
    pub(super) async fn run(&mut self, hop: &mut Hop<'a>) -> Result<Answer, Failure> {
        loop {
            self.seen = Seen::default();
            match self.hop(hop).await? {
                Led::Home(answer) => return Ok(answer),
                Led::On(next) => {
                    self.downgraded |= hop.url.scheme() == "https" && next.url.scheme() == "http";
                    self.found.redirects += 1;
                    *hop = next;
                }
            }
        }
    }

    /// The finding, with its verdict: `ended` is how [`Walk::run`] did, or the deadline that cut it off, at `hop`.
    pub(super) fn end(mut self, ended: Result<Result<Answer, Failure>, Duration>, hop: &Hop<'_>, now: i64) -> Finding {
        let ended = ended.unwrap_or_else(|limit| Err(self.watch.timed_out(limit)));
        self.found.phases = self.watch.stop();
        let failure = match ended {
            Err(failure) => Some(failure),
            Ok(answer) => expect::judge(&self.spec.expect, answer, &self.found, now),
        };
        if let Some(Failure { reason, detail }) = failure {
            self.found.verdict = reason.verdict();
            self.found.reason = Some(reason);
            self.found.detail = Some(shorten(detail));
            if self.found.verdict == Verdict::Down {
                self.found.evidence = Some(Box::new(self.seen.evidence(hop, self.spec, &self.shared.user_agent)));
            }
        } else if self.downgraded {
            self.found.detail = Some("a redirect led from https to plain http".to_owned());
        }
        self.found
    }

    async fn hop<'h>(&mut self, hop: &'h Hop<'a>) -> Result<Led<'a>, Failure> {
        let admitted = self.find(hop).await?;
        self.watch.enter(Step::Connect);
        let port = hop.url.port_or_known_default().unwrap_or(80);
        let connected = self.shared.net.connect(&admitted, port).await.map_err(|error| self.unconnected(&error))?;
        self.found.address = Some(connected.address.ip());
        match hop.url.scheme() {
            // In a box of its own, so that a plain check does not carry the room for it.
            "https" => Box::pin(self.greet(connected.tcp, hop)).await,
            _ => self.talk(connected.tcp, hop).await,
        }
    }

    /// The addresses of a hop's host that may be dialled. One written out is not looked up, so there is nothing to measure.
    async fn find(&mut self, hop: &Hop<'_>) -> Result<Admitted, Failure> {
        let net = &self.shared.net;
        let admitted = match hop.url.host() {
            Some(Host::Ipv4(address)) => net.admit(&[address.into()]),
            Some(Host::Ipv6(address)) => net.admit(&[address.into()]),
            Some(Host::Domain(name)) => {
                self.watch.enter(Step::Resolve);
                let found = Box::pin(net.resolve(name, Family::Any)).await;
                net.admit(&found.map_err(|error| unresolved(&error))?)
            }
            None => return Err(Failure::new(Reason::Dns, "the URL has no host")),
        };
        admitted.map_err(|refused| self.refused(&refused))
    }

    async fn greet(&mut self, tcp: TcpStream, hop: &Hop<'a>) -> Result<Led<'a>, Failure> {
        self.watch.enter(Step::Tls);
        let [verified, unverified] = &self.shared.tls;
        let settings = match &self.spec.tls.ca {
            Some(ca) => Cow::Owned(tls_settings(self.spec.tls.verify, Some(ca.clone()))),
            None => Cow::Borrowed(if self.spec.tls.verify { verified } else { unverified }),
        };
        let host = hop.url.host_str().unwrap_or_default();
        let greeted = self.shared.net.handshake_shown(tcp, host, &settings).await;
        let TlsConnection { stream, facts, leaf } = greeted.map_err(|refused| self.unsecured(refused))?;
        self.seen.leaf = Some(leaf);
        self.keep(facts);
        self.talk(stream, hop).await
    }

    /// Of several hops' certificates the one that ends first is the one to know about.
    fn keep(&mut self, facts: TlsFacts) {
        if self.found.tls.as_ref().is_none_or(|kept| facts.not_after < kept.not_after) {
            self.found.tls = Some(facts);
        }
    }

    async fn talk<S: AsyncRead + AsyncWrite + Unpin>(&mut self, stream: S, hop: &Hop<'a>) -> Result<Led<'a>, Failure> {
        let request = request::build(hop, self.spec, &self.shared.user_agent)?;
        self.watch.enter(Step::Response);
        let mut exchange = Exchange::open(&self.shared.builder, stream).await?;
        let response = match exchange.respond(request).await {
            Ok(response) => response,
            Err(error) => return Err(exchange.unanswered(&error)),
        };
        let status = response.status().as_u16();
        self.found.http_status = Some(status);
        let next = redirect::next(hop, &response, self.spec, self.found.redirects);
        let (head, incoming) = response.into_parts();
        self.seen.head = Some(head);
        if let Some(next) = next? {
            return Ok(Led::On(next));
        }
        let mut body = Body::new(&self.spec.expect);
        self.read(&mut exchange, incoming, &mut body).await?;
        Ok(Led::Home(Answer::new(status, &body)))
    }

    /// Reads to the end or the bound. Where a response has no body there is nothing to measure.
    async fn read<S: AsyncRead + AsyncWrite + Unpin>(
        &mut self,
        exchange: &mut Exchange<S>,
        mut incoming: Incoming,
        body: &mut Body<'_>,
    ) -> Result<(), Failure> {
        if incoming.is_end_stream() {
            return Ok(());
        }
        self.watch.enter(Step::Body);
        while let Some(piece) = exchange.piece(&mut incoming).await {
            let piece = piece?;
            body.add(&piece);
            self.seen.beginning.keep(piece);
            if body.truncated {
                break;
            }
        }
        Ok(())
    }

    fn refused(&mut self, refused: &Refused) -> Failure {
        self.found.address = Some(refused.address);
        Failure::new(Reason::RefusedAddress, refused.to_string())
    }

    fn unsecured(&mut self, refused: Unsecured) -> Failure {
        self.seen.leaf = refused.leaf;
        match refused.error {
            TlsError::Expired(text) => Failure::new(Reason::TlsExpired, text),
            TlsError::Untrusted(text) => Failure::new(Reason::TlsUntrusted, text),
            TlsError::Hostname(text) => Failure::new(Reason::TlsHostname, text),
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
    Failure::new(Reason::Dns, error.to_string())
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
