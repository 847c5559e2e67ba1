//! Which step a check is in, and how long each took. The step it was in when the deadline passed is the reason.

use std::time::{Duration, Instant};

use wire::{Phases, Reason};

use super::Failure;

/// What a check can be waiting for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    /// A name server.
    Resolve,
    /// A TCP handshake.
    Connect,
    /// A TLS handshake.
    Tls,
    /// The response head, from the request's first byte on.
    Response,
    /// The rest of the body.
    Body,
}

/// Runs from step to step and adds up. A step that ends in a failure was measured all the same; one never entered stays absent.
#[derive(Debug)]
pub(super) struct Stopwatch {
    running: Option<(Step, Instant)>,
    phases: Phases,
}

impl Stopwatch {
    pub(super) fn new() -> Self {
        Self { running: None, phases: Phases::default() }
    }

    /// The step before ends here, and this one begins.
    pub(super) fn enter(&mut self, step: Step) {
        let now = Instant::now();
        self.book(now);
        self.running = Some((step, now));
    }

    /// Nothing is waited for any more.
    pub(super) fn stop(&mut self) -> Phases {
        self.book(Instant::now());
        self.phases
    }

    /// The deadline `limit` passed in the step that is running.
    pub(super) fn timed_out(&self, limit: Duration) -> Failure {
        let (reason, what) = match self.running {
            Some((Step::Resolve, _)) => (Reason::TimeoutDns, "name was not resolved"),
            Some((Step::Connect, _)) | None => (Reason::TimeoutConnect, "no TCP connection"),
            Some((Step::Tls, _)) => (Reason::TimeoutTls, "TLS handshake not finished"),
            Some((Step::Response, _)) => (Reason::TimeoutResponse, "no response"),
            Some((Step::Body, _)) => (Reason::TimeoutBody, "body not finished"),
        };
        Failure::new(reason, format!("{what} within {} s", limit.as_secs_f64()))
    }

    fn book(&mut self, now: Instant) {
        let Some((step, since)) = self.running.take() else { return };
        let phase = match step {
            Step::Resolve => &mut self.phases.resolve,
            Step::Connect => &mut self.phases.connect,
            Step::Tls => &mut self.phases.tls,
            Step::Response => &mut self.phases.processing,
            Step::Body => &mut self.phases.transfer,
        };
        *phase = Some(phase.unwrap_or_default() + now.duration_since(since));
    }
}
