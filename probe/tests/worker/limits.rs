//! Bounds: of all checks, of one host, and of the time to drain.

use nix::sys::signal::Signal::SIGTERM;
use wire::{Reason, Verdict};

use crate::house::{House, until};

#[test]
fn no_more_jobs_are_taken_than_there_are_permits() {
    let house = House::build();
    house.site.hold();
    let probe = house.probe("w1", &[("CONCURRENCY", "8"), ("PER_HOST", "0")]);
    for n in 0..40 {
        house.push_job(&format!("/{n}"), &[]);
    }
    until("all permits in use", || house.site.now() >= 7);
    assert!(house.pending() <= 8, "the rest waits in Redis");
    assert!(probe.metric("upguard_probe_inflight") <= 8.0);
    assert_eq!(probe.metric("upguard_probe_concurrency_limit"), 8.0);
    house.site.let_go();
    house.expect_outcomes(40);
    house.expect_nothing_pending();
    assert!(house.site.most_at_once() <= 8, "{}", house.site.most_at_once());
}

#[test]
fn a_permit_is_free_when_redis_has_the_outcome() {
    let house = House::build();
    house.push_job("/first", &[]);
    let probe = house.probe("w1", &[("CONCURRENCY", "4"), ("PER_HOST", "0")]);
    house.expect_outcomes(1);
    for n in 0..12 {
        house.push_job(&format!("/{n}"), &[]);
    }
    house.expect_outcomes(13);
    house.site.hold();
    for n in 0..12 {
        house.push_job(&format!("/full/{n}"), &[]);
    }
    until("checks", || house.site.now() >= 3);
    house.redis.cli(&["CONFIG", "SET", "maxmemory", "1"]).unwrap();
    house.site.let_go();
    until("a refusal", || probe.get("/readyz").is_some_and(|(status, why)| status == 503 && why.contains("OOM")));
    let stuck = house.site.requests();
    assert!(stuck <= 13 + 4, "nothing more is taken while nothing can be reported: {stuck}");
    assert!(probe.metric("upguard_probe_redis_errors_total") > 0.0);
    house.redis.cli(&["CONFIG", "SET", "maxmemory", "0"]).unwrap();
    house.expect_outcomes(25);
    house.expect_nothing_pending();
    until("readiness", || probe.get("/readyz").unwrap().0 == 200);
}

#[test]
fn a_host_is_not_crowded_and_who_waits_too_long_is_late() {
    let house = House::build();
    house.site.hold();
    let probe = house.probe("w1", &[("PER_HOST", "2")]);
    let until_soon = (house.now() + 4).to_string();
    for n in 0..5 {
        house.push_job(
            &format!("/{n}"),
            &[("slot", &house.now().to_string()), ("until", &until_soon), ("attempt", "0")],
        );
    }
    until("two at once", || house.site.now() == 2);
    until("the rest in hand", || probe.metric("upguard_probe_inflight") == 5.0);
    let late = house.expect_outcomes(3);
    assert!(late.iter().all(|outcome| outcome.reason == Some(Reason::Late)), "{late:?}");
    house.site.let_go();
    let outcomes = house.expect_outcomes(5);
    assert_eq!(outcomes.iter().filter(|outcome| outcome.verdict == Verdict::Up).count(), 2);
    house.expect_nothing_pending();
    assert_eq!((house.site.most_at_once(), house.site.requests()), (2, 2));
}

#[test]
fn sigterm_lets_checks_end_and_reports_them() {
    let house = House::build();
    house.site.hold();
    let mut probe = house.probe("w1", &[]);
    for n in 0..3 {
        house.push_job(&format!("/{n}"), &[]);
    }
    until("three requests", || house.site.now() == 3);
    probe.signal(SIGTERM);
    until("draining", || probe.get("/readyz").is_some_and(|(status, why)| status == 503 && why == "draining\n"));
    house.push_job("/too-late", &[]);
    house.site.let_go();
    assert_eq!(probe.exit_code(), 0, "{}", probe.log());
    let outcomes = house.outcomes();
    assert!(outcomes.len() >= 3 && outcomes.iter().all(|outcome| outcome.verdict == Verdict::Up), "{outcomes:?}");
    assert_eq!(house.pending(), 0, "what was taken was reported");
}

#[test]
fn what_does_not_end_in_time_is_left_to_lapse() {
    let house = House::build();
    house.site.hold();
    let mut probe = house.probe("w1", &[("DRAIN", "1s")]);
    house.push_job("/", &[("spec", r#"{"timeout":30}"#)]);
    until("the request", || house.site.now() == 1);
    probe.signal(SIGTERM);
    assert_eq!(probe.exit_code(), 0, "{}", probe.log());
    assert_eq!((house.outcomes().len(), house.pending()), (0, 1));
}

#[test]
fn a_second_signal_ends_at_once() {
    let house = House::build();
    house.site.hold();
    let mut probe = house.probe("w1", &[]);
    house.push_job("/", &[("spec", r#"{"timeout":30}"#)]);
    until("the request", || house.site.now() == 1);
    probe.signal(SIGTERM);
    until("draining", || probe.get("/readyz").is_some_and(|(_, why)| why == "draining\n"));
    probe.signal(SIGTERM);
    assert_eq!(probe.exit_code(), 1);
}
