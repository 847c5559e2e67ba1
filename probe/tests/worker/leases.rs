//! Jobs outlive their workers: killed, stopped, or crashed by the job itself.

use std::time::{Duration, Instant};

use nix::sys::signal::Signal::{SIGCONT, SIGSTOP};
use wire::{Reason, Verdict};

use crate::fleet::{Fleet, JOBS, REGION, until};

#[test]
fn a_killed_workers_job_runs_elsewhere() {
    let fleet = Fleet::build();
    fleet.site.hold();
    let mut first = fleet.probe("first", &[]);
    fleet.push_job("/", &[]);
    until("the first request", || fleet.site.requests() == 1);
    let peer = fleet.probe("peer", &[]);
    first.process.kill9();
    until("the peer's request", || fleet.site.requests() == 2);
    fleet.site.let_go();
    fleet.expect_outcomes(1);
    fleet.expect_nothing_pending();
    let (outcomes, _) = fleet.outcomes_and_entries();
    assert_eq!((outcomes[0].0.as_str(), outcomes[0].1.verdict), ("peer", Verdict::Up));
    assert_eq!(peer.metric("upguard_probe_jobs_claimed_total"), 1.0);
}

#[test]
fn a_lease_that_is_renewed_does_not_lapse() {
    let fleet = Fleet::build();
    fleet.site.hold();
    let _first = fleet.probe("first", &[("MAX_TIMEOUT", "30s")]);
    let peer = fleet.probe("peer", &[]);
    fleet.push_job("/", &[("spec", r#"{"timeout":30}"#)]);
    until("the request", || fleet.site.requests() == 1);
    let started = Instant::now();
    // Three leases long.
    until("time", || started.elapsed() > Duration::from_millis(4_500));
    fleet.site.let_go();
    fleet.expect_outcomes(1);
    fleet.expect_nothing_pending();
    assert_eq!(fleet.site.requests(), 1, "nobody ran it twice");
    assert_eq!(peer.metric("upguard_probe_jobs_claimed_total"), 0.0);
}

#[test]
fn a_stopped_worker_reports_no_false_timeout() {
    let fleet = Fleet::build();
    fleet.site.hold();
    let probe = fleet.probe("w1", &[]);
    fleet.push_job("/", &[("spec", r#"{"timeout":2}"#)]);
    until("the request", || fleet.site.requests() == 1);
    probe.signal(SIGSTOP);
    let stopped = Instant::now();
    until("more than its timeout and its lease", || stopped.elapsed() > Duration::from_secs(3));
    fleet.site.let_go();
    probe.signal(SIGCONT);
    let outcome = fleet.expect_outcomes(1).remove(0);
    assert_eq!((outcome.verdict, outcome.reason), (Verdict::Up, None), "not the timeout it slept through");
    fleet.expect_nothing_pending();
    assert_eq!(probe.metric("upguard_probe_void_total"), 1.0);
    assert_eq!(fleet.site.requests(), 2);
}

#[test]
fn who_wakes_after_a_peer_took_over_says_nothing() {
    let fleet = Fleet::build();
    fleet.site.hold();
    let sleeper = fleet.probe("sleeper", &[]);
    fleet.push_job("/", &[]);
    until("the request", || fleet.site.requests() == 1);
    sleeper.signal(SIGSTOP);
    let _peer = fleet.probe("peer", &[]);
    until("the peer's request", || fleet.site.requests() == 2);
    let stopped = Instant::now();
    until("a gap in any case", || stopped.elapsed() > Duration::from_millis(2_500));
    fleet.site.let_go();
    fleet.expect_outcomes(1);
    sleeper.signal(SIGCONT);
    until("a clear conscience", || sleeper.metric("upguard_probe_void_total") == 1.0);
    until("nothing in flight", || sleeper.metric("upguard_probe_inflight") == 0.0);
    // And the sleeper is as good as new.
    fleet.push_job("/", &[]);
    fleet.expect_outcomes(2);
    fleet.expect_nothing_pending();
}

#[test]
fn the_third_delivery_is_not_run() {
    let fleet = Fleet::build();
    let _probe = fleet.probe("w1", &[("BLOCK", "10s")]);
    let entry = fleet.push_job("/", &[("attempt", "0")]);
    fleet.expect_outcomes(1);
    // As if it had been handed out twice to workers that are gone.
    fleet.redis.cli(&["XGROUP", "SETID", JOBS, REGION, "0"]).unwrap();
    fleet.redis.cli(&["XREADGROUP", "GROUP", REGION, "ghost", "STREAMS", JOBS, ">"]).unwrap();
    fleet.redis.cli(&["XCLAIM", JOBS, REGION, "ghost", "0", &entry, "RETRYCOUNT", "2"]).unwrap();
    let outcome = fleet.expect_outcomes(2).remove(1);
    assert_eq!((outcome.verdict, outcome.reason), (Verdict::Missed, Some(Reason::Crashed)));
    fleet.expect_nothing_pending();
    assert_eq!(fleet.site.requests(), 1);
}

#[test]
fn a_dead_peers_hundreds_are_taken_over_in_one_round() {
    let fleet = Fleet::build();
    let entries: Vec<_> = (0..300).map(|n| fleet.push_job(&format!("/{n}"), &[])).collect();
    fleet.redis.cli(&["XGROUP", "CREATE", JOBS, REGION, "0"]).unwrap();
    fleet.redis.cli(&["XREADGROUP", "GROUP", REGION, "ghost", "STREAMS", JOBS, ">"]).unwrap();
    assert_eq!(fleet.pending_of(JOBS), entries.len());
    let probe = fleet.probe("w1", &[("PER_HOST", "0"), ("CONCURRENCY", "64")]);
    fleet.expect_outcomes(300);
    fleet.expect_nothing_pending();
    assert_eq!(probe.metric("upguard_probe_jobs_claimed_total"), 300.0);
    assert_eq!(fleet.site.requests(), 300);
}
