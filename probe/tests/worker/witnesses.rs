//! A worker whose own network breaks says so of what it finds; and what a failing check saw is told once.

use std::net::{SocketAddr, TcpListener};

use uuid::Uuid;
use wire::{Diagnosis, Outcome, Payload, Verdict};

use crate::fleet::{Fleet, JOBS, until};

/// What the site, which is always up, will not meet.
const UNMET: &str = r#"{"expect": {"status": ["500"]}, "headers": {"X-Token": "hunter2"}}"#;

/// A check of `monitor`, met or not, by the only worker there is; its outcome is the `count`-th.
fn outcome(fleet: &Fleet, count: usize, monitor: Uuid, spec: &str) -> Outcome {
    let (id, url) = (monitor.to_string(), fleet.site.url("/"));
    fleet.push(JOBS, &[("id", &id), ("url", &url), ("spec", spec)]);
    fleet.expect_outcomes(count).pop().unwrap()
}

fn listen(at: SocketAddr) -> TcpListener {
    let mut listener = TcpListener::bind(at);
    until("the port to be free", || {
        listener = TcpListener::bind(at);
        listener.is_ok()
    });
    listener.unwrap()
}

fn said(fleet: &Fleet, diagnosis: Option<Diagnosis>) -> bool {
    let facts = |payload| if let Payload::Facts(facts) = payload { Some(facts) } else { None };
    fleet.results(0).into_iter().filter_map(facts).next_back().is_some_and(|facts| facts.diagnosis == diagnosis)
}

#[test]
fn a_witness_that_breaks_makes_outcomes_suspect_until_it_is_back() {
    let fleet = Fleet::build();
    let witness = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = witness.local_addr().unwrap();
    let probe = fleet.probe("w1", &[("WITNESSES", &at.to_string())]);
    let series = r#"upguard_probe_suspect{diagnosis="network"}"#;
    let monitors: Vec<_> = (0..3).map(|_| Uuid::new_v4()).collect();
    let trusted = outcome(&fleet, 1, monitors[0], UNMET);
    assert_eq!((trusted.verdict, trusted.suspect), (Verdict::Down, None));
    assert!(trusted.evidence.is_some());
    assert_eq!(probe.metric(series), 0.0);
    until("facts without a doubt", || said(&fleet, None));

    drop(witness);
    // The very next failure: it waits for a round of its own.
    let doubted = outcome(&fleet, 2, monitors[1], UNMET);
    assert_eq!((doubted.verdict, doubted.suspect, doubted.evidence), (Verdict::Down, Some(Diagnosis::Network), None));
    assert_eq!(probe.metric(series), 1.0);
    let up = outcome(&fleet, 3, monitors[1], "{}");
    assert_eq!((up.verdict, up.suspect), (Verdict::Up, Some(Diagnosis::Network)));
    until("facts that say so", || said(&fleet, Some(Diagnosis::Network)));

    let _witness = listen(at);
    until("trust again", || probe.metric(series) == 0.0);
    let trusted = outcome(&fleet, 4, monitors[2], UNMET);
    assert_eq!((trusted.verdict, trusted.suspect), (Verdict::Down, None));
    let up = outcome(&fleet, 5, monitors[2], "{}");
    assert_eq!((up.verdict, up.suspect), (Verdict::Up, None));
    let log = probe.log();
    assert_eq!(log.matches("a witness does not answer").count(), 1, "{log}");
    assert_eq!(log.matches("all witnesses answer again").count(), 1, "{log}");
}

#[test]
fn the_first_failure_of_a_run_brings_its_evidence() {
    let fleet = Fleet::build();
    let _probe = fleet.probe("w1", &[]);
    let monitor = Uuid::new_v4();
    let first = outcome(&fleet, 1, monitor, UNMET);
    let evidence = first.evidence.unwrap();
    assert!(evidence.request.contains("\nX-Token: [hidden]"), "{}", evidence.request);
    assert!(!format!("{evidence:?}").contains("hunter2"));
    assert_eq!(evidence.response_head.as_deref(), Some("HTTP/1.1 200 OK\ncontent-length: 3\nconnection: close"));
    assert_eq!((evidence.body.as_deref(), evidence.body_cut), (Some("up\n"), false));
    assert_eq!(outcome(&fleet, 2, monitor, UNMET).evidence, None, "told already");
    assert_eq!(outcome(&fleet, 3, monitor, "{}").evidence, None, "up");
    assert!(outcome(&fleet, 4, monitor, UNMET).evidence.is_some(), "another run");
    assert!(outcome(&fleet, 5, Uuid::new_v4(), UNMET).evidence.is_some(), "another monitor");
}

#[test]
fn a_failure_while_redis_is_away_waits_a_moment_and_is_suspect() {
    let mut fleet = Fleet::build();
    fleet.site.hold();
    let probe = fleet.probe("w1", &[]);
    fleet.push_job("/", &[("spec", UNMET)]);
    until("the request", || fleet.site.now() == 1);
    fleet.redis.kill9();
    fleet.site.let_go();
    // Held, waiting for its round, and then for Redis.
    until("doubt", || probe.metric(r#"upguard_probe_suspect{diagnosis="network"}"#) == 1.0);
    fleet.redis.start_again().unwrap();
    let outcomes = fleet.expect_outcomes(1);
    assert_eq!((outcomes[0].verdict, outcomes[0].suspect), (Verdict::Down, Some(Diagnosis::Network)));
    until("trust again", || probe.metric(r#"upguard_probe_suspect{diagnosis="network"}"#) == 0.0);
    assert_eq!(outcome(&fleet, 2, Uuid::new_v4(), UNMET).suspect, None);
    fleet.expect_nothing_pending();
}
