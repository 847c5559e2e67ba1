//! The answer of a check. A site being down is a value, never an error.

use std::{net::IpAddr, time::Duration};

use serde::{Deserialize, Serialize};

use crate::{evidence::Evidence, ids::MonitorId};

/// The attempt of a check somebody asked for, and of an entry that has only `url` and `id`.
pub const ATTEMPT_REQUEST: u8 = 255;

/// What a check found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Every expectation was met.
    Up,
    /// Met, but slower than asked or with a certificate about to end.
    Degraded,
    /// Not met.
    Down,
    /// Nobody looked. Never counts as up.
    Missed,
}

/// The words of a closed enum: the same in Redis, SQL, API and metrics. Its name is in scope.
#[macro_export]
macro_rules! words {
    ($name:ident { $($variant:ident = $word:literal),* $(,)? }) => {
        impl $name {
            /// Every value, in declared order.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The word, the same everywhere.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }
        }

        impl std::str::FromStr for $name {
            type Err = String;
            fn from_str(s: &str) -> Result<Self, String> {
                match s {
                    $($word => Ok(Self::$variant),)*
                    _ => Err(format!("`{s}` is none of {}", [$($word),*].join(", "))),
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

words!(Verdict { Up = "up", Degraded = "degraded", Down = "down", Missed = "missed" });

/// Why a check is not plainly up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The name has no address.
    Dns,
    /// Every address is private or otherwise not allowed.
    RefusedAddress,
    /// The connection was refused, reset or unreachable.
    Connect,
    /// The certificate is past its end or before its start.
    TlsExpired,
    /// Nobody we trust signed the certificate.
    TlsUntrusted,
    /// The certificate is for another name.
    TlsHostname,
    /// The handshake failed otherwise.
    Tls,
    /// The deadline passed while resolving.
    TimeoutDns,
    /// The deadline passed while connecting.
    TimeoutConnect,
    /// The deadline passed in the handshake.
    TimeoutTls,
    /// The deadline passed before the response head.
    TimeoutResponse,
    /// The deadline passed while the body was read.
    TimeoutBody,
    /// Too many redirects, or one that leads nowhere.
    Redirect,
    /// Unexpected status code.
    Status,
    /// The body has not what it should, or what it should not.
    Body,
    /// A response header is not as expected.
    Header,
    /// Slower than asked (degraded).
    Latency,
    /// The peer does not speak HTTP, or broke off.
    Protocol,
    /// The certificate ends soon (degraded).
    CertificateDays,
    /// What the server answers is not as expected: a greeting, a DNS record.
    Answer,
    /// No echo.
    Icmp,
    /// No heartbeat came in.
    Heartbeat,
    /// This probe does not know what the job asks for, or cannot speak what the site does (missed).
    Unsupported,
    /// No probe took the slot (missed).
    NoProbe,
    /// Taken after its `until` (missed).
    Late,
    /// Control did not push the slot in time (missed).
    Scheduler,
    /// Results pile up unread, so control stopped pushing (missed).
    Backpressure,
    /// The check crashed its probe three times (missed).
    Crashed,
}

words!(Reason {
    Dns = "dns",
    RefusedAddress = "refused_address",
    Connect = "connect",
    TlsExpired = "tls_expired",
    TlsUntrusted = "tls_untrusted",
    TlsHostname = "tls_hostname",
    Tls = "tls",
    TimeoutDns = "timeout_dns",
    TimeoutConnect = "timeout_connect",
    TimeoutTls = "timeout_tls",
    TimeoutResponse = "timeout_response",
    TimeoutBody = "timeout_body",
    Redirect = "redirect",
    Status = "status",
    Body = "body",
    Header = "header",
    Latency = "latency",
    Protocol = "protocol",
    CertificateDays = "certificate_days",
    Answer = "answer",
    Icmp = "icmp",
    Heartbeat = "heartbeat",
    Unsupported = "unsupported",
    NoProbe = "no_probe",
    Late = "late",
    Scheduler = "scheduler",
    Backpressure = "backpressure",
    Crashed = "crashed",
});

impl Reason {
    /// The one verdict this reason goes with.
    pub fn verdict(self) -> Verdict {
        match self {
            Self::Latency | Self::CertificateDays => Verdict::Degraded,
            Self::Unsupported | Self::NoProbe | Self::Late | Self::Scheduler | Self::Backpressure | Self::Crashed => {
                Verdict::Missed
            }
            _ => Verdict::Down,
        }
    }

    /// Whether a probe can find it. The others are control's own words for what no probe looked at.
    pub fn is_of_a_probe(self) -> bool {
        !matches!(self, Self::Heartbeat | Self::NoProbe | Self::Scheduler | Self::Backpressure)
    }
}

/// Why a probe doubts what it saw itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Diagnosis {
    /// Its own network failed: a witness did not answer.
    Network,
    /// Its wall clock is far off the one of Redis.
    Clock,
}

words!(Diagnosis { Network = "network", Clock = "clock" });

/// How long each phase of a check took. What was not measured is absent, not zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Phases {
    /// Name resolution.
    pub resolve: Option<Duration>,
    /// TCP connect.
    pub connect: Option<Duration>,
    /// TLS handshake.
    pub tls: Option<Duration>,
    /// From the request's first byte to the response head.
    pub processing: Option<Duration>,
    /// Reading the body.
    pub transfer: Option<Duration>,
}

impl Phases {
    /// Phase names as in metrics, with their durations, in the order they happen.
    pub fn named(&self) -> [(&'static str, Option<Duration>); 5] {
        [
            ("resolve", self.resolve),
            ("connect", self.connect),
            ("tls", self.tls),
            ("processing", self.processing),
            ("transfer", self.transfer),
        ]
    }

    /// The sum of what was measured.
    pub fn total(&self) -> Duration {
        self.named().into_iter().filter_map(|(_, phase)| phase).sum()
    }
}

/// One check's answer, named by `(slot, monitor, region, attempt)`; the region is the key it arrives under.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// What was checked.
    pub monitor: MonitorId,
    /// The job's due moment, unix seconds.
    pub slot: i64,
    /// 0 scheduled, 1–254 recheck rounds, 255 on request.
    pub attempt: u8,
    /// Which revision of the target was looked at, as its job said; absent where the job named none.
    pub rev: Option<u32>,
    /// What was found.
    pub verdict: Verdict,
    /// Why; none with `up`.
    pub reason: Option<Reason>,
    /// When the check began: Redis milliseconds.
    pub started_ms: i64,
    /// How long each phase took, microseconds kept.
    pub phases: Phases,
    /// The last response's status code.
    pub http_status: Option<u16>,
    /// The address that was judged and dialled.
    pub address: Option<IpAddr>,
    /// Earliest end in the path of certificates that verified, unix seconds.
    pub cert_not_after: Option<i64>,
    /// A sentence for people, at most [`Outcome::DETAIL_MAX`] bytes.
    pub detail: Option<String>,
    /// Why the probe doubts it. Such an outcome is no vote.
    pub suspect: Option<Diagnosis>,
    /// What a failing check saw; cut to its bounds when it is encoded.
    pub evidence: Option<Box<Evidence>>,
}

impl Outcome {
    /// A detail longer than this is cut when it is encoded, and refused by nobody.
    pub const DETAIL_MAX: usize = 240;
    /// No check takes longer, all phases together: one that says so is not believed.
    pub const LONGEST: Duration = Duration::from_mins(5);

    /// A slot nobody checked, and why.
    pub fn missed(monitor: MonitorId, slot: i64, attempt: u8, reason: Reason, started_ms: i64) -> Self {
        Self {
            monitor,
            slot,
            attempt,
            rev: None,
            verdict: Verdict::Missed,
            reason: Some(reason),
            started_ms,
            phases: Phases::default(),
            http_status: None,
            address: None,
            cert_not_after: None,
            detail: None,
            suspect: None,
            evidence: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_round_trip_and_match_serde() {
        for reason in Reason::ALL {
            assert_eq!(reason.as_str().parse::<Reason>().unwrap(), *reason);
            assert_eq!(serde_json::to_string(reason).unwrap(), format!("\"{reason}\""));
        }
        for verdict in Verdict::ALL {
            assert_eq!(serde_json::to_string(verdict).unwrap(), format!("\"{verdict}\""));
        }
        for diagnosis in Diagnosis::ALL {
            assert_eq!(serde_json::to_string(diagnosis).unwrap(), format!("\"{diagnosis}\""));
        }
        assert!("nonsense".parse::<Reason>().is_err());
    }

    #[test]
    fn each_reason_goes_with_one_verdict() {
        let count = |v| Reason::ALL.iter().filter(|r| r.verdict() == v).count();
        assert_eq!((count(Verdict::Up), count(Verdict::Degraded), count(Verdict::Missed)), (0, 2, 6));
    }
}
