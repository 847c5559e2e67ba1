//! The way of a check, hop by hop: connect → request → response.
//!
//! A redirect walks all of it again, the judge included. What was seen on the way is kept even when the way ends early.

use std::{borrow::Cow, sync::atomic::AtomicBool, time::Duration};

use hyper::body::{Body as _, Incoming};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use wire::HttpSpec;

use super::{
    body::Body,
    cookies::Jar,
    evidence::Seen,
    exchange::{self, Exchange},
    expect::{self, Answer},
    redirect::{self, Hop},
    request, tls_settings,
};
use crate::check::{Failure, Finding, Shared, dial::Dial, steps::Step};

/// One check under way.
pub(super) struct Walk<'a> {
    shared: &'a Shared,
    spec: &'a HttpSpec,
    dial: Dial<'a>,
    /// Of the last hop.
    seen: Seen,
    /// What the hops so far set.
    jar: Jar,
    /// A redirect led from https to plain http.
    downgraded: bool,
    /// Unix seconds.
    now: i64,
}

/// Where a hop led.
enum HopEnd<'a> {
    Redirected(Hop<'a>),
    Answered(Answer),
}

impl<'a> Walk<'a> {
    pub(super) fn new(shared: &'a Shared, spec: &'a HttpSpec, now: i64) -> Self {
        let (dial, seen, jar) = (Dial::new(shared), Seen::default(), Jar::default());
        Self { shared, spec, dial, seen, jar, downgraded: false, now }
    }

    /// Goes on from `hop` until there is a final answer. It is the last one then, also when the way ends early.
    pub(super) async fn run(&mut self, hop: &mut Hop<'a>) -> Result<Answer, Failure> {
        loop {
            self.seen = Seen::default();
            match self.hop(hop).await? {
                HopEnd::Answered(answer) => return Ok(answer),
                HopEnd::Redirected(mut next) => {
                    if let Some(head) = &self.seen.head {
                        self.jar.keep(&hop.url, &head.headers, self.now);
                    }
                    next.take_cookies(&self.jar, self.spec);
                    self.downgraded |= hop.url.scheme() == "https" && next.url.scheme() == "http";
                    self.dial.found.redirects += 1;
                    *hop = next;
                }
            }
        }
    }

    /// The finding, with its verdict: `ended` is how [`Walk::run`] did, or the deadline that cut it off, at `hop`.
    pub(super) fn end(mut self, ended: Result<Result<Answer, Failure>, Duration>, hop: &Hop<'_>) -> Finding {
        let failure = match self.dial.stop(ended) {
            Err(failure) => Some(failure),
            Ok(answer) => expect::judge(&self.spec.expect, answer, &self.dial.found, self.now),
        };
        let (seen, spec, user_agent) = (self.seen, self.spec, &self.shared.user_agent);
        let mut found = self.dial.conclude(failure, |certificate| seen.evidence(hop, spec, user_agent, certificate));
        if self.downgraded && found.reason.is_none() {
            found.detail = Some("a redirect led from https to plain http".to_owned());
        }
        found
    }

    async fn hop<'h>(&mut self, hop: &'h Hop<'a>) -> Result<HopEnd<'a>, Failure> {
        let tcp = self.dial.connect(&hop.url).await?;
        match hop.url.scheme() {
            // In a box of its own, so that a plain check does not carry the room for it.
            "https" => Box::pin(self.handshake(tcp, hop)).await,
            _ => self.exchange(tcp, hop).await,
        }
    }

    async fn handshake(&mut self, tcp: TcpStream, hop: &Hop<'a>) -> Result<HopEnd<'a>, Failure> {
        let [verified, unverified] = &self.shared.tls;
        let settings = match &self.spec.tls.ca {
            Some(ca) => Cow::Owned(tls_settings(self.spec.tls.verify, Some(ca.clone()))),
            None => Cow::Borrowed(if self.spec.tls.verify { verified } else { unverified }),
        };
        let stream = self.dial.handshake(tcp, &hop.url, &settings).await?;
        self.exchange(stream, hop).await
    }

    async fn exchange<S: AsyncRead + AsyncWrite + Unpin>(
        &mut self,
        stream: S,
        hop: &Hop<'a>,
    ) -> Result<HopEnd<'a>, Failure> {
        let request = request::build(hop, self.spec, &self.shared.user_agent)?;
        self.dial.watch.enter(Step::Response);
        let old = AtomicBool::new(false);
        let mut exchange = Exchange::open(&self.shared.builder, stream, &old).await?;
        let response = match exchange.respond(request).await {
            Ok(response) => response,
            Err(error) => return Err(self.dial.lost(exchange::io_error(&error), exchange.unanswered(&error))),
        };
        let status = response.status().as_u16();
        self.dial.found.http_status = Some(status);
        let next = redirect::next(hop, &response, self.spec, self.dial.found.redirects);
        let (head, incoming) = response.into_parts();
        let mut body = Body::new(&self.spec.expect, &head.headers);
        self.seen.head = Some(head);
        if let Some(next) = next? {
            return Ok(HopEnd::Redirected(next));
        }
        self.read(&mut exchange, incoming, &mut body).await?;
        Ok(HopEnd::Answered(Answer { status, body: body.found() }))
    }

    /// Reads to the end or the bound. Where a response has no body there is nothing to measure.
    async fn read<S: AsyncRead + AsyncWrite + Unpin>(
        &mut self,
        exchange: &mut Exchange<'_, S>,
        mut incoming: Incoming,
        body: &mut Body<'_>,
    ) -> Result<(), Failure> {
        if incoming.is_end_stream() {
            return Ok(());
        }
        self.dial.watch.enter(Step::Body);
        while let Some(piece) = exchange.piece(&mut incoming).await {
            let piece = piece?;
            body.add(&piece);
            self.seen.beginning.keep(piece);
            look_through(body).await;
            if body.is_enough() {
                return Ok(());
            }
        }
        body.end();
        look_through(body).await;
        Ok(())
    }
}

/// A few bytes can unfold to megabytes: other checks, and this one's deadline, get their turn meanwhile.
async fn look_through(body: &mut Body<'_>) {
    const AT_ONCE: usize = 16;
    let mut steps = 0;
    while body.step() {
        steps += 1;
        if steps % AT_ONCE == 0 {
            tokio::task::yield_now().await;
        }
    }
}
