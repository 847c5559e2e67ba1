//! Checks against real sockets on loopback: each site misbehaves in one way, and the finding must say which.
#![allow(
    clippy::unwrap_used,
    clippy::missing_docs_in_private_items,
    reason = "in helpers too, a panic is how a test fails"
)]

mod command;
mod evidence;
mod failures;
mod names;
mod redirects;
mod requests;
mod responses;
mod secure;
mod site;
mod tcp;

use std::time::Duration;

use probe::check::{Checker, Finding, Settings};
use wire::{CheckUrl, Spec, Work};

/// Unix seconds of the checks: within every good certificate's dates.
const NOW: i64 = 1_900_000_000;

/// Loopback allowed, and time enough on a busy machine.
fn settings() -> Settings {
    let allow = ["127.0.0.0/8", "::1/128"].map(|net| net.parse().unwrap()).to_vec();
    Settings { allow, user_agent: "UpGuard/test".to_owned(), ..Settings::default() }
}

fn work(url: &str, spec: &str) -> Work {
    let url: CheckUrl = url.parse().unwrap();
    let spec = Spec::from_json(url.kind(), Some(spec)).unwrap();
    Work { url, spec }
}

async fn check_with(settings: Settings, url: &str, spec: &str) -> Finding {
    let finding = Checker::new(settings).unwrap().check(&work(url, spec), NOW).await;
    // What holds for every finding.
    assert_eq!(finding.reason.map_or(wire::Verdict::Up, wire::Reason::verdict), finding.verdict, "{finding:?}");
    assert!(finding.reason.is_none() || finding.detail.is_some(), "{finding:?}");
    assert!(finding.detail.as_ref().is_none_or(|detail| detail.len() <= wire::Outcome::DETAIL_MAX), "{finding:?}");
    finding
}

async fn check(url: &str, spec: &str) -> Finding {
    check_with(settings(), url, spec).await
}

/// A check that gives up after a second, whatever its spec says.
async fn hasty(url: &str, spec: &str) -> Finding {
    check_with(Settings { max_timeout: Duration::from_secs(1), ..settings() }, url, spec).await
}

/// `up`, or the reason's word, a colon and the detail.
fn told(finding: &Finding) -> String {
    let detail = finding.detail.as_deref().unwrap_or_default();
    finding.reason.map_or_else(|| finding.verdict.to_string(), |reason| format!("{reason}: {detail}"))
}

/// Names of the phases that were measured.
fn phases(finding: &Finding) -> String {
    let measured = finding.phases.named().into_iter().filter(|(_, took)| took.is_some());
    measured.map(|(name, _)| name).collect::<Vec<_>>().join(" ")
}
