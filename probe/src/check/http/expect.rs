//! What was found against what was asked for. Pure, so a table tells it.
//!
//! What makes a site down comes first (status, then body), then what degrades it (latency, then certificate).

use wire::{Expect, Reason};

use super::body::{Doubt, Searched};
use crate::check::{Failure, Finding, limits};

/// What of a response is judged.
#[derive(Clone, Copy, Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Searched,
}

/// The first expectation that was not met. `now` is unix seconds.
pub(super) fn judge(expect: &Expect, answer: Answer, found: &Finding, now: i64) -> Option<Failure> {
    status(expect, answer).or_else(|| body(expect, answer)).or_else(|| limits::judge(expect.limits(), found, now))
}

fn status(expect: &Expect, answer: Answer) -> Option<Failure> {
    let status = answer.status;
    let wrong = !expect.status.accepts(status);
    wrong.then(|| Failure::new(Reason::Status, format!("status {status}, expected {}", expect.status)))
}

fn body(expect: &Expect, answer: Answer) -> Option<Failure> {
    let Searched { wanted_missing, unwanted_found, doubt } = answer.body;
    let fails = |detail| Some(Failure::new(Reason::Body, detail));
    if let Some(wanted) = expect.contains.as_ref().filter(|_| wanted_missing) {
        return fails(match doubt {
            None => format!("body does not contain {}", quote(wanted.as_str())),
            Some(Doubt::Longer) => {
                format!(
                    "body does not contain {} in its first 8 MiB (the rest is not looked at)",
                    quote(wanted.as_str())
                )
            }
            Some(doubt) => format!("body does not contain {}: {doubt}", quote(wanted.as_str())),
        });
    }
    let unwanted = quote(expect.not_contains.as_ref()?.as_str());
    match doubt {
        _ if unwanted_found => fails(format!("body contains {unwanted}")),
        // What could not be looked at is not up by silence.
        Some(doubt) => fails(format!("body may contain {unwanted}: {doubt}")),
        None => None,
    }
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
    use wire::Phases;

    use super::*;
    use crate::check::http::body::Body;

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
        let phases = Phases { connect: half, processing: half, ..Phases::default() };
        Finding { phases, tls, ..Finding::default() }
    }

    /// The reason's word and the detail, or "up".
    fn judged(expect: &str, status: u16, body: &[u8], found: &Finding) -> String {
        let expect: Expect = serde_json::from_str(expect).unwrap();
        let mut seen = Body::new(&expect, &http::HeaderMap::new());
        seen.add(body);
        seen.end();
        match judge(&expect, Answer { status, body: seen.found() }, found, NOW) {
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
