//! The series of single monitors, which `/api/v1/metrics` alone shows: named as `blackbox_exporter` names them, so that its
//! rules and panels go on working, beside two of our own.

use std::borrow::Cow;

use wire::Kind;

/// A metric whose series are monitors, or a monitor and a region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    /// Names of a monitor, to be joined by its id.
    Info,
    /// Whether the target did what is expected of it.
    Success,
    /// How long that took.
    Duration,
    /// The same by phase, of the monitors of a kind: as `probe_http_duration_seconds`.
    Phases(Kind),
    /// What it answered.
    HttpStatus,
    /// When its certificate ends.
    CertExpiry,
    /// Why it is not plainly up.
    Reason,
}

impl Family {
    /// Every one, in the order they are shown.
    pub(super) fn all() -> impl Iterator<Item = Self> {
        let before = [Self::Info, Self::Success, Self::Duration];
        let after = [Self::HttpStatus, Self::CertExpiry, Self::Reason];
        before.into_iter().chain(Kind::ALL.iter().copied().map(Self::Phases)).chain(after)
    }

    /// Its name.
    pub(super) fn name(self) -> Cow<'static, str> {
        let name = match self {
            Self::Info => "upguard_monitor_info",
            Self::Success => "probe_success",
            Self::Duration => "probe_duration_seconds",
            Self::Phases(kind) => return format!("probe_{kind}_duration_seconds").into(),
            Self::HttpStatus => "probe_http_status_code",
            Self::CertExpiry => "probe_ssl_earliest_cert_expiry",
            Self::Reason => "probe_failure_reason",
        };
        name.into()
    }

    /// What it says.
    pub(super) fn help(self) -> &'static str {
        match self {
            Self::Info => "1 for every monitor that is checked, with its name, its kind and its URL without the query.",
            Self::Success => "Whether the last check from this region was a success (up or degraded).",
            Self::Duration => "Seconds the last check took: all phases that were measured.",
            Self::Phases(_) => "Seconds of the last check by phase; a phase that was not measured is absent.",
            Self::HttpStatus => "Status code of the last check's answer.",
            Self::CertExpiry => "Unix time at which the certificate that ends first does so.",
            Self::Reason => "1 for the reason why the last check was not plainly up.",
        }
    }
}

/// How many series a page left out: its name and what it says.
pub(super) const SERIES_CUT: (&str, &str) =
    ("upguard_series_cut", "Series of monitors this page has no room for, by the setting metrics.series.");
