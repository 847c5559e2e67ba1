//! One check: a URL and what is expected of it in, what was found out. Total: a site being down is a value.
//!
//! ```text
//! dial      resolve → judge → connect → TLS, for every kind of check that dials
//! steps     which of these we are in, and how long each took
//! limits    what degrades every kind: latency, days of a certificate
//! http      websites
//! tcp       TCP ports
//! ```
//!
//! A kind is a file with a function `check(Task, &its spec) -> Finding`.
//!
//! No connection is ever reused (a warm pool hides DNS, connect and TLS) and nothing outlives the check: no task is spawned, dropping
//! the future closes the socket. Knows nothing of Redis, slots or the worker that calls it.

mod dial;
mod http;
mod limits;
mod steps;
mod tcp;

use std::{net::IpAddr, sync::Arc, time::Duration};

use ::http::HeaderValue;
use ipnet::IpNet;
use net::{Guard, Net, Resolver, ResolverConfigError, Tls, TlsConfigError, TlsFacts, TlsSettings};
use url::Url;
use wire::{Evidence, Job, Outcome, Phases, Reason, Spec, TlsSpec, Verdict, Work};

pub use self::http::MAX_BODY;

/// What one check found, before it is tied to a slot.
#[derive(Clone, Debug)]
pub struct Finding {
    /// Up, degraded or down; missed where it was the probe that could not.
    pub verdict: Verdict,
    /// Why; none with up.
    pub reason: Option<Reason>,
    /// Time spent in each phase, also in the one that failed; summed over redirects. Absent: never entered.
    pub phases: Phases,
    /// The last response's status code.
    pub http_status: Option<u16>,
    /// The address that was judged, and dialled unless it was refused; of the last hop.
    pub address: Option<IpAddr>,
    /// Of the handshakes made, the one whose certificates end first.
    pub tls: Option<TlsFacts>,
    /// Redirects followed.
    pub redirects: u8,
    /// A sentence for people, at most [`Outcome::DETAIL_MAX`] bytes.
    pub detail: Option<String>,
    /// The connection failed for want of something on this machine (file descriptors, local ports), which says nothing about the site.
    pub starved: bool,
    /// What was sent and seen; with down alone.
    pub evidence: Option<Box<Evidence>>,
}

/// What all checks of a process share.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Networks that may be dialled besides public addresses.
    pub allow: Vec<IpNet>,
    /// PEM of authorities trusted besides the public ones.
    pub extra_ca_pem: Option<String>,
    /// No check takes longer, whatever its spec says.
    pub max_timeout: Duration,
    /// The `User-Agent` sent unless the spec has one. Visible ASCII.
    pub user_agent: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            allow: Vec::new(),
            extra_ca_pem: None,
            max_timeout: Duration::from_secs(30),
            user_agent: concat!("UpGuard/", env!("CARGO_PKG_VERSION")).to_owned(),
        }
    }
}

/// Settings no check can be carried out with.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The extra authorities.
    #[error("tls.{0}")]
    Tls(#[from] TlsConfigError),
    /// The machine's name servers.
    #[error(transparent)]
    Resolver(#[from] ResolverConfigError),
    /// The user agent would break the request.
    #[error("user_agent has a character that cannot stand in a header")]
    UserAgent,
}

/// Carries out checks. Built once; cheap to clone.
#[derive(Clone, Debug)]
pub struct Checker(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    net: Net,
    /// For a website whose spec has no authority of its own: verifying, and not.
    tls: [TlsSettings; 2],
    builder: hyper::client::conn::http1::Builder,
    max_timeout: Duration,
    user_agent: HeaderValue,
}

impl Checker {
    /// Resolves names as the machine is configured to. Must be called inside a tokio runtime.
    pub fn new(settings: Settings) -> Result<Self, SettingsError> {
        Self::with_resolver(settings, Resolver::system()?)
    }

    /// Resolves names by other means.
    pub fn with_resolver(settings: Settings, resolver: Resolver) -> Result<Self, SettingsError> {
        let Settings { allow, extra_ca_pem, max_timeout, user_agent } = settings;
        let user_agent = HeaderValue::try_from(user_agent).map_err(|_| SettingsError::UserAgent)?;
        let net = Net::new(Guard::new(allow), resolver, Tls::new(extra_ca_pem.as_deref())?);
        let tls = [true, false].map(|verify| http::tls_settings(verify, None));
        Ok(Self(Arc::new(Shared { net, tls, builder: http::builder(), max_timeout, user_agent })))
    }

    /// Whether what only a look inside can tell is usable too: the authorities in `tls.ca`.
    pub fn accepts(&self, spec: &Spec) -> Result<(), SettingsError> {
        let Some(TlsSpec { verify, ca }) = spec.tls() else { return Ok(()) };
        let settings = TlsSettings { verify: *verify, extra_ca_pem: ca.clone(), ..TlsSettings::default() };
        Ok(self.0.net.tls().check(&settings)?)
    }

    /// One check, from name to verdict. `now`, unix seconds, is what a certificate's remaining days are counted from.
    ///
    /// Ends within the spec's timeout (or the settings', if less) and has no other failure than a finding.
    pub async fn check(&self, work: &Work, now: i64) -> Finding {
        let limit = Duration::from_secs(work.spec.timeout().get().into()).min(self.0.max_timeout);
        let task = Task { shared: &self.0, url: work.url.url(), limit, now };
        match &work.spec {
            Spec::Http(spec) => http::check(task, spec).await,
            // In a box of its own, so that the check of a website does not carry the room for it.
            Spec::Tcp(spec) => Box::pin(tcp::check(task, spec)).await,
        }
    }
}

/// What a check of any kind is given beside its spec.
#[derive(Clone, Copy)]
struct Task<'a> {
    shared: &'a Shared,
    url: &'a Url,
    /// The one deadline.
    limit: Duration,
    /// Unix seconds.
    now: i64,
}

impl Default for Finding {
    /// Up, and nothing known.
    fn default() -> Self {
        Self {
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
        }
    }
}

impl Finding {
    /// Ties what was found to the job it answers. `started_ms` is Redis time.
    pub fn into_outcome(self, job: &Job, started_ms: i64) -> Outcome {
        Outcome {
            monitor: job.monitor,
            slot: job.slot,
            attempt: job.attempt,
            rev: job.rev,
            verdict: self.verdict,
            reason: self.reason,
            started_ms,
            phases: self.phases,
            http_status: self.http_status,
            // Where a name leads inside is not for everybody who may name it.
            address: self.address.filter(|_| self.reason != Some(Reason::RefusedAddress)),
            cert_not_after: self.tls.map(|facts| facts.not_after),
            detail: self.detail,
            suspect: None,
            evidence: self.evidence,
        }
    }
}

/// Why a check is not up: the reason and a sentence about it.
#[derive(Debug, PartialEq, Eq)]
struct Failure {
    reason: Reason,
    detail: String,
}

impl Failure {
    fn new(reason: Reason, detail: impl Into<String>) -> Self {
        Self { reason, detail: detail.into() }
    }
}
