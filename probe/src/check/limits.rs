//! What degrades a check of any kind: that it was slow, and a certificate about to end. Pure.

use wire::{Limits, Reason};

use super::{Failure, Finding};

/// The first limit that was not kept. `now` is unix seconds.
pub(super) fn judge(limits: Limits, found: &Finding, now: i64) -> Option<Failure> {
    latency(limits, found).or_else(|| certificate(limits, found, now))
}

fn latency(limits: Limits, found: &Finding) -> Option<Failure> {
    let limit = limits.max_latency_ms?.get();
    let took = found.phases.total().as_secs_f64() * 1_000.0;
    let slow = took > f64::from(limit);
    slow.then(|| Failure::new(Reason::Latency, format!("took {took:.0} ms, expected at most {limit} ms")))
}

/// Asked for days of a certificate where none was presented, we cannot say that all is well.
fn certificate(limits: Limits, found: &Finding, now: i64) -> Option<Failure> {
    const DAY: i64 = 86_400;
    let days = limits.min_cert_days?.get();
    let Some(facts) = &found.tls else {
        let detail = format!("no certificate was presented (no TLS), expected one for {days} more days");
        return Some(Failure::new(Reason::CertificateDays, detail));
    };
    let left = facts.not_after.saturating_sub(now);
    let detail = || format!("certificate ends in {} days, expected at least {days}", left.div_euclid(DAY));
    (left < i64::from(days) * DAY).then(|| Failure::new(Reason::CertificateDays, detail()))
}
