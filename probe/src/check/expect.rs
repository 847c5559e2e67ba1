//! What was found against what was asked for. Pure, so a table tells it.
//!
//! What makes a site down comes first (status, then body), then what degrades it (latency, then certificate).

use wire::{Expect, Reason};

use super::{Failure, Finding, body::Body};

/// What of a response is judged.
#[derive(Clone, Copy, Debug)]
pub(super) struct Answer {
    status: u16,
    wanted_missing: bool,
    unwanted_found: bool,
    truncated: bool,
}

impl Answer {
    pub(super) fn new(status: u16, body: &Body<'_>) -> Self {
        Self {
            status,
            wanted_missing: body.wanted.as_ref().is_some_and(|needle| !needle.found),
            unwanted_found: body.unwanted.as_ref().is_some_and(|needle| needle.found),
            truncated: body.truncated,
        }
    }
}

/// The first expectation that was not met. `now` is unix seconds.
pub(super) fn judge(expect: &Expect, answer: Answer, found: &Finding, now: i64) -> Option<Failure> {
    status(expect, answer)
        .or_else(|| body(expect, answer))
        .or_else(|| latency(expect, found))
        .or_else(|| certificate(expect, found, now))
}

fn status(expect: &Expect, answer: Answer) -> Option<Failure> {
    let status = answer.status;
    let wrong = !expect.status.accepts(status);
    wrong.then(|| Failure::new(Reason::Status, format!("status {status}, expected {}", expect.status)))
}

fn body(expect: &Expect, answer: Answer) -> Option<Failure> {
    let quoted = |text: &Option<wire::BodyText>| quote(text.as_ref().map_or("", wire::BodyText::as_str));
    if answer.wanted_missing {
        let bound = if answer.truncated { " in its first 1 MiB (the rest is not looked at)" } else { "" };
        let detail = format!("body does not contain {}{bound}", quoted(&expect.contains));
        return Some(Failure::new(Reason::Body, detail));
    }
    let detail = || format!("body contains {}", quoted(&expect.not_contains));
    answer.unwanted_found.then(|| Failure::new(Reason::Body, detail()))
}

fn latency(expect: &Expect, found: &Finding) -> Option<Failure> {
    let limit = expect.max_latency_ms?;
    let took = found.phases.total().as_secs_f64() * 1_000.0;
    let slow = took > f64::from(limit);
    slow.then(|| Failure::new(Reason::Latency, format!("took {took:.0} ms, expected at most {limit} ms")))
}

/// Asked for days of a certificate where none was presented, we cannot say that all is well.
fn certificate(expect: &Expect, found: &Finding, now: i64) -> Option<Failure> {
    const DAY: i64 = 86_400;
    let days = expect.min_cert_days?;
    let Some(facts) = &found.tls else {
        let detail = format!("no certificate was presented (plain http), expected one for {days} more days");
        return Some(Failure::new(Reason::CertificateDays, detail));
    };
    let left = facts.not_after.saturating_sub(now);
    let detail = || format!("certificate ends in {} days, expected at least {days}", left.div_euclid(DAY));
    (left < i64::from(days) * DAY).then(|| Failure::new(Reason::CertificateDays, detail()))
}

/// A text on one line, cut where it is long.
fn quote(text: &str) -> String {
    let shown: String = text.chars().take(60).map(|c| if c.is_control() { ' ' } else { c }).collect();
    let cut = if shown.len() < text.len() { "…" } else { "" };
    format!("`{shown}{cut}`")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use net::TlsFacts;
    use wire::{Phases, Verdict};

    use super::*;

    const NOW: i64 = 1_700_000_000;

    fn found(latency_ms: u64, cert_days: Option<i64>) -> Finding {
        let tls = cert_days.map(|days| TlsFacts {
            version: "TLSv1.3".into(),
            cipher: String::new(),
            alpn: None,
            not_after: NOW + days * 86_400,
            subject: String::new(),
            issuer: String::new(),
        });
        let half = Some(Duration::from_millis(latency_ms / 2));
        Finding {
            verdict: Verdict::Up,
            reason: None,
            phases: Phases { connect: half, processing: half, ..Phases::default() },
            http_status: None,
            address: None,
            tls,
            redirects: 0,
            detail: None,
            starved: false,
            evidence: None,
        }
    }

    /// The reason's word and the detail, or "up".
    fn judged(expect: &str, status: u16, body: &[u8], found: &Finding) -> String {
        let expect: Expect = serde_json::from_str(expect).unwrap();
        let mut seen = Body::new(&expect);
        seen.add(body);
        match judge(&expect, Answer::new(status, &seen), found, NOW) {
            None => "up".to_owned(),
            Some(Failure { reason, detail }) => format!("{reason}: {detail}"),
        }
    }

    #[test]
    fn a_table_tells_it() {
        let (quick, slow) = (found(100, Some(30)), found(900, Some(30)));
        let all = r#"{"status": ["200", "300-399"], "contains": "yes", "not_contains": "no", "max_latency_ms": 500, "min_cert_days": 31}"#;
        let cases = [
            ("{}", 200, "", &quick, "up"),
            ("{}", 503, "", &quick, "status: status 503, expected 200-299"),
            (all, 404, "no", &slow, "status: status 404, expected 200, 300-399"),
            (all, 300, "no", &slow, "body: body does not contain `yes`"),
            (all, 200, "yes and no", &slow, "body: body contains `no`"),
            (all, 200, "yes", &slow, "latency: took 900 ms, expected at most 500 ms"),
            (all, 200, "yes", &quick, "certificate_days: certificate ends in 30 days, expected at least 31"),
            (r#"{"min_cert_days": 30, "max_latency_ms": 100}"#, 200, "", &quick, "up"),
        ];
        for (expect, status, body, found, expected) in cases {
            assert_eq!(judged(expect, status, body.as_bytes(), found), expected);
        }
        let days = judged(r#"{"min_cert_days": 1}"#, 200, b"", &found(1, None));
        assert!(days.starts_with("certificate_days: no certificate was presented"), "{days}");
    }

    #[test]
    fn texts_are_shown_on_one_short_line() {
        assert_eq!(quote("a\nb"), "`a b`");
        assert_eq!(quote(&"é".repeat(100)), format!("`{}…`", "é".repeat(60)));
    }
}
