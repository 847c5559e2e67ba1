//! A finding as people read it, and as one JSON object. Knows nothing of how it came about.

use std::{fmt::Write as _, io::Write as _, net::IpAddr, time::Duration};

use chrono::DateTime;
use net::TlsFacts;
use probe::check::Finding;
use serde::{Serialize, Serializer};
use wire::{Evidence, Phases, Reason, Verdict};

/// Width of the bar of all phases together.
const BAR: f64 = 40.0;

/// Prints one line (or several) to standard output. A reader that has gone away is nobody's failure.
pub(super) fn line(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// Prints what cannot be done to standard error.
pub(super) fn error(why: &str) {
    let _ = writeln!(std::io::stderr(), "error: {why}\n\nFor more information, try 'upguard-probe check --help'.");
}

/// The finding as one JSON object: times in seconds; phases not entered are absent, what else does not apply is null.
#[derive(Serialize)]
struct Report<'a> {
    verdict: Verdict,
    reason: Option<Reason>,
    http_status: Option<u16>,
    phases: Seconds,
    address: Option<IpAddr>,
    redirects: u8,
    tls: Option<Tls<'a>>,
    detail: Option<&'a str>,
    evidence: Option<&'a Evidence>,
}

#[derive(Serialize)]
#[serde(transparent)]
struct Seconds(#[serde(serialize_with = "in_order")] Vec<(&'static str, f64)>);

#[derive(Serialize)]
struct Tls<'a> {
    version: &'a str,
    cipher: &'a str,
    alpn: Option<&'a str>,
    /// Unix seconds.
    not_after: i64,
    subject: &'a str,
    issuer: &'a str,
}

pub(super) fn json(found: &Finding) -> String {
    // Whole microseconds.
    let seconds = |took: Duration| took.as_micros() as f64 / 1e6;
    let report = Report {
        verdict: found.verdict,
        reason: found.reason,
        http_status: found.http_status,
        phases: Seconds(measured(&found.phases).map(|(name, took)| (name, seconds(took))).collect()),
        address: found.address,
        redirects: found.redirects,
        tls: found.tls.as_ref().map(tls),
        detail: found.detail.as_deref(),
        evidence: found.evidence.as_deref(),
    };
    serde_json::to_string(&report).unwrap_or_default()
}

fn tls(facts: &TlsFacts) -> Tls<'_> {
    let TlsFacts { version, cipher, alpn, not_after, subject, issuer } = facts;
    Tls { version, cipher, alpn: alpn.as_deref(), not_after: *not_after, subject, issuer }
}

fn in_order<S: Serializer>(phases: &[(&'static str, f64)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(phases.iter().copied())
}

fn measured(phases: &Phases) -> impl Iterator<Item = (&'static str, Duration)> {
    phases.named().into_iter().filter_map(|(name, took)| took.map(|took| (name, took)))
}

/// Verdict first, then where the time went, then what else is worth a line.
pub(super) fn text(url: &str, found: &Finding, now: i64) -> String {
    let mut text = found.verdict.to_string().to_uppercase();
    if let Some(reason) = found.reason {
        let _ = write!(text, " ({reason})");
    }
    let _ = writeln!(text, "  {url}");
    if let Some(detail) = &found.detail {
        let _ = writeln!(text, "  {detail}");
    }
    bars(&mut text, &found.phases);
    facts(&mut text, found, now);
    text.trim_end().to_owned()
}

/// Each phase begins where the one before ended.
fn bars(text: &mut String, phases: &Phases) {
    let total = phases.total().as_secs_f64();
    if total == 0.0 {
        return;
    }
    let mut before = 0.0;
    text.push('\n');
    for (name, took) in measured(phases) {
        let at = |seconds: f64| (seconds / total * BAR).round() as usize;
        let (from, to) = (at(before).min(BAR as usize - 1), at(before + took.as_secs_f64()));
        before += took.as_secs_f64();
        let bar = "█".repeat(to.saturating_sub(from).max(1));
        let _ = writeln!(text, "  {name:<11}{:>12}  {:from$}{bar}", millis(took), "");
    }
    let _ = writeln!(text, "  {:<11}{:>12}", "total", millis(phases.total()));
}

fn millis(took: Duration) -> String {
    format!("{:.2} ms", took.as_secs_f64() * 1e3)
}

fn facts(text: &mut String, found: &Finding, now: i64) {
    let mut fact = |name: &str, value: String| {
        let _ = write!(text, "\n  {name:<12} {value}");
    };
    if let Some(status) = found.http_status {
        fact("status", status.to_string());
    }
    if let Some(address) = found.address {
        fact("address", address.to_string());
    }
    if found.redirects > 0 {
        fact("redirects", found.redirects.to_string());
    }
    if let Some(facts) = &found.tls {
        fact("tls", format!("{} {}", facts.version, facts.cipher));
        fact("certificate", format!("{}, issued by {}, {}", facts.subject, facts.issuer, ends(facts.not_after, now)));
    }
}

fn ends(not_after: i64, now: i64) -> String {
    let date =
        DateTime::from_timestamp(not_after, 0).map_or_else(String::new, |end| end.format("%Y-%m-%d").to_string());
    match (not_after - now).div_euclid(86_400) {
        days if days < 0 => format!("ended {date}"),
        1 => format!("ends {date} (in 1 day)"),
        days => format!("ends {date} (in {days} days)"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn found() -> Finding {
        let millis = |ms| Some(Duration::from_millis(ms));
        Finding {
            verdict: Verdict::Degraded,
            reason: Some(Reason::Latency),
            phases: Phases { connect: millis(10), processing: millis(30), ..Phases::default() },
            http_status: Some(200),
            address: Some([192, 0, 2, 1].into()),
            tls: Some(TlsFacts {
                version: "TLSv1.3".into(),
                cipher: "TLS13_AES_256_GCM_SHA384".into(),
                alpn: None,
                not_after: 1_700_000_000 + 86_400 * 9,
                subject: "a.example".into(),
                issuer: "Some CA".into(),
            }),
            redirects: 2,
            detail: Some("took 40 ms, expected at most 20 ms".into()),
            starved: false,
            evidence: None,
        }
    }

    #[test]
    fn for_people() {
        let expected = "\
DEGRADED (latency)  https://a.example
  took 40 ms, expected at most 20 ms

  connect        10.00 ms  ██████████
  processing     30.00 ms            ██████████████████████████████
  total          40.00 ms

  status       200
  address      192.0.2.1
  redirects    2
  tls          TLSv1.3 TLS13_AES_256_GCM_SHA384
  certificate  a.example, issued by Some CA, ends 2023-11-23 (in 9 days)";
        assert_eq!(text("https://a.example", &found(), 1_700_000_000), expected);
    }

    #[test]
    fn for_machines() {
        let value: Value = serde_json::from_str(&super::json(&found())).unwrap();
        assert!(
            super::json(&found())
                .starts_with(r#"{"verdict":"degraded","reason":"latency","http_status":200,"phases":{"c"#)
        );
        assert_eq!(value["phases"], json!({"connect": 0.01, "processing": 0.03}));
        assert_eq!(value["tls"]["not_after"], 1_700_777_600);
        assert_eq!((&value["reason"], &value["redirects"]), (&json!("latency"), &json!(2)));
        let bare = Finding { tls: None, reason: None, detail: None, ..found() };
        let value: Value = serde_json::from_str(&super::json(&bare)).unwrap();
        assert_eq!([&value["tls"], &value["reason"], &value["detail"]], [&Value::Null; 3]);
    }
}
