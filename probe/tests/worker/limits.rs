//! Bounds: of all checks, of one host, and of the time to drain.

use nix::sys::signal::Signal::SIGTERM;
use wire::{Reason, Verdict};

use crate::fleet::{Fleet, until};

#[test]
fn no_more_jobs_are_taken_than_there_are_permits() {
    let fleet = Fleet::build();
    fleet.site.hold();
    let probe = fleet.probe("w1", &[("CONCURRENCY", "8"), ("PER_HOST", "0")]);
    for n in 0..40 {
        fleet.push_job(&format!("/{n}"), &[]);
    }
    until("all permits in use", || fleet.site.now() >= 7);
    assert!(fleet.pending() <= 8, "the rest waits in Redis");
    assert!(probe.metric("upguard_probe_inflight") <= 8.0);
    assert_eq!(probe.metric("upguard_probe_concurrency_limit"), 8.0);
    fleet.site.let_go();
    fleet.expect_outcomes(40);
    fleet.expect_nothing_pending();
    assert!(fleet.site.most_at_once() <= 8, "{}", fleet.site.most_at_once());
}

#[test]
fn a_permit_is_free_when_redis_has_the_outcome() {
    let fleet = Fleet::build();
    fleet.push_job("/first", &[]);
    let probe = fleet.probe("w1", &[("CONCURRENCY", "4"), ("PER_HOST", "0")]);
    fleet.expect_outcomes(1);
    for n in 0..12 {
        fleet.push_job(&format!("/{n}"), &[]);
    }
    fleet.expect_outcomes(13);
    fleet.site.hold();
    for n in 0..12 {
        fleet.push_job(&format!("/full/{n}"), &[]);
    }
    until("checks", || fleet.site.now() >= 3);
    fleet.redis.cli(&["CONFIG", "SET", "maxmemory", "1"]).unwrap();
    fleet.site.let_go();
    until("a refusal", || probe.get("/readyz").is_some_and(|(status, why)| status == 503 && why.contains("OOM")));
    let stuck = fleet.site.requests();
    assert!(stuck <= 13 + 4, "nothing more is taken while nothing can be reported: {stuck}");
    assert!(probe.metric("upguard_probe_redis_errors_total") > 0.0);
    fleet.redis.cli(&["CONFIG", "SET", "maxmemory", "0"]).unwrap();
    fleet.expect_outcomes(25);
    fleet.expect_nothing_pending();
    until("readiness", || probe.get("/readyz").unwrap().0 == 200);
}

#[test]
fn a_host_is_not_crowded_and_who_waits_too_long_is_late() {
    let fleet = Fleet::build();
    fleet.site.hold();
    let probe = fleet.probe("w1", &[("PER_HOST", "2")]);
    let until_soon = (fleet.now() + 4).to_string();
    for n in 0..5 {
        fleet.push_job(
            &format!("/{n}"),
            &[("slot", &fleet.now().to_string()), ("until", &until_soon), ("attempt", "0")],
        );
    }
    until("two at once", || fleet.site.now() == 2);
    until("the rest in hand", || probe.metric("upguard_probe_inflight") == 5.0);
    let late = fleet.expect_outcomes(3);
    assert!(late.iter().all(|outcome| outcome.reason == Some(Reason::Late)), "{late:?}");
    fleet.site.let_go();
    let outcomes = fleet.expect_outcomes(5);
    assert_eq!(outcomes.iter().filter(|outcome| outcome.verdict == Verdict::Up).count(), 2);
    fleet.expect_nothing_pending();
    assert_eq!((fleet.site.most_at_once(), fleet.site.requests()), (2, 2));
}

#[test]
fn sigterm_lets_checks_end_and_reports_them() {
    let fleet = Fleet::build();
    fleet.site.hold();
    let mut probe = fleet.probe("w1", &[]);
    for n in 0..3 {
        fleet.push_job(&format!("/{n}"), &[]);
    }
    until("three requests", || fleet.site.now() == 3);
    probe.signal(SIGTERM);
    until("draining", || probe.get("/readyz").is_some_and(|(status, why)| status == 503 && why == "draining\n"));
    fleet.push_job("/too-late", &[]);
    fleet.site.let_go();
    assert_eq!(probe.exit_code(), 0, "{}", probe.log());
    let outcomes = fleet.outcomes();
    assert!(outcomes.len() >= 3 && outcomes.iter().all(|outcome| outcome.verdict == Verdict::Up), "{outcomes:?}");
    assert_eq!(fleet.pending(), 0, "what was taken was reported");
}

#[test]
fn what_does_not_end_in_time_is_left_to_lapse() {
    let fleet = Fleet::build();
    fleet.site.hold();
    let mut probe = fleet.probe("w1", &[("DRAIN", "1s")]);
    fleet.push_job("/", &[("spec", r#"{"timeout":30}"#)]);
    until("the request", || fleet.site.now() == 1);
    probe.signal(SIGTERM);
    assert_eq!(probe.exit_code(), 0, "{}", probe.log());
    assert_eq!((fleet.outcomes().len(), fleet.pending()), (0, 1));
}

#[test]
fn a_second_signal_ends_at_once() {
    let fleet = Fleet::build();
    fleet.site.hold();
    let mut probe = fleet.probe("w1", &[]);
    fleet.push_job("/", &[("spec", r#"{"timeout":30}"#)]);
    until("the request", || fleet.site.now() == 1);
    probe.signal(SIGTERM);
    until("draining", || probe.get("/readyz").is_some_and(|(_, why)| why == "draining\n"));
    probe.signal(SIGTERM);
    assert_eq!(probe.exit_code(), 1);
}
