//! What becomes of a job, of every kind.

use wire::{Outcome, Payload, Reason, Verdict};

use crate::fleet::{Fleet, JOBS, OWN, until};

const ID: &str = "7e57d004-2b97-4e7a-b45f-5387367791cd";

#[test]
fn a_bare_entry_is_one_request_and_one_outcome() {
    let fleet = Fleet::build();
    let probe = fleet.probe("w1", &[]);
    let entry = fleet.push(JOBS, &[("url", &fleet.site.url("/")), ("id", ID)]);
    let [outcome] = <[Outcome; 1]>::try_from(fleet.expect_outcomes(1)).unwrap();
    assert_eq!((outcome.verdict, outcome.reason, outcome.http_status), (Verdict::Up, None, Some(200)));
    let queued_ms: i64 = entry.split('-').next().unwrap().parse().unwrap();
    assert_eq!((outcome.monitor.to_string().as_str(), outcome.slot, outcome.attempt), (ID, queued_ms / 1000, 255));
    assert!((queued_ms - 50..queued_ms + 30_000).contains(&outcome.started_ms), "{} {queued_ms}", outcome.started_ms);
    assert!(outcome.phases.connect.is_some() && outcome.phases.tls.is_none(), "{:?}", outcome.phases);
    fleet.expect_nothing_pending();
    assert_eq!(fleet.site.requests(), 1);
    assert!(fleet.redis.cli(&["XINFO", "GROUPS", JOBS]).unwrap().ends_with("lag\n0"));
    until("the books", || probe.metric("upguard_probe_inflight") == 0.0);
    assert_eq!(probe.metric(r#"upguard_probe_checks_total{kind="http",reason="none",verdict="up"}"#), 1.0);
    assert_eq!(probe.metric("upguard_probe_batch_outcomes_count"), 1.0);
}

#[test]
fn outcomes_of_both_streams_travel_together() {
    let fleet = Fleet::build();
    for n in 0..60 {
        fleet.push_job(&format!("/{n}"), &[("attempt", "0")]);
    }
    for _ in 0..5 {
        fleet.push(OWN, &[("url", &fleet.site.url("/own")), ("id", ID), ("attempt", "1")]);
    }
    // Jobs that wait for their worker are why groups are created at the beginning of the stream.
    let probe = fleet.probe("w1", &[("PER_HOST", "0"), ("BATCH__WAIT", "1s")]);
    fleet.expect_outcomes(65);
    fleet.expect_nothing_pending();
    let (outcomes, entries) = fleet.outcomes_and_entries();
    assert!(outcomes.iter().all(|(worker, outcome)| worker == "w1" && outcome.verdict == Verdict::Up));
    assert!(entries <= 10, "{entries} entries");
    assert_eq!(probe.metric("upguard_probe_batch_outcomes_sum"), 65.0);
    assert_eq!(fleet.site.requests(), 65);
}

#[test]
fn what_cannot_be_checked_is_missed_and_says_why() {
    let fleet = Fleet::build();
    let _probe = fleet.probe("w1", &[]);
    let (slot, past) = ((fleet.now() - 90).to_string(), (fleet.now() - 30).to_string());
    fleet.push_job("/", &[("slot", &slot), ("until", &past), ("attempt", "0")]);
    let late = fleet.expect_outcomes(1).remove(0);
    assert_eq!((late.verdict, late.reason, late.attempt), (Verdict::Missed, Some(Reason::Late), 0));
    assert_eq!(late.slot.to_string(), slot);

    fleet.push_job("/", &[("spec", r#"{"kind":"quantum"}"#)]);
    let unsupported = fleet.expect_outcomes(2).remove(1);
    assert_eq!((unsupported.verdict, unsupported.reason), (Verdict::Missed, Some(Reason::Unsupported)));
    assert!(unsupported.detail.unwrap().contains("quantum"));
    fleet.expect_nothing_pending();
    assert_eq!(fleet.site.requests(), 0);
}

#[test]
fn poison_is_acknowledged_and_stops_nothing() {
    let fleet = Fleet::build();
    let probe = fleet.probe("w1", &[]);
    fleet.push(JOBS, &[("url", "http://127.0.0.1/")]);
    let malformed = fleet.push(JOBS, &[("id", "nobody"), ("url", "http://127.0.0.1/")]);
    fleet.push_job("/", &[]);
    fleet.expect_outcomes(1);
    fleet.expect_nothing_pending();
    assert_eq!(probe.metric("upguard_probe_poison_total"), 2.0);
    assert!(probe.log().contains(&malformed), "the log names the entry:\n{}", probe.log());
}

#[test]
fn a_worker_says_how_it_is() {
    let fleet = Fleet::build();
    let _probe = fleet.probe("w1", &[("CONCURRENCY", "7")]);
    let facts = || {
        fleet.results(0).into_iter().find_map(|payload| match payload {
            Payload::Facts(facts) => Some(facts),
            Payload::Outcomes(_) => None,
        })
    };
    until("facts", || facts().is_some());
    let facts = facts().unwrap();
    assert_eq!((facts.worker.as_str(), facts.limit, facts.in_flight), ("w1", 7, 0));
    assert_eq!(facts.version, env!("CARGO_PKG_VERSION"));
    assert!(facts.clock_offset_ms.abs() < 5_000, "one machine, one clock: {}", facts.clock_offset_ms);
}

#[test]
fn every_lane_is_served() {
    let fleet = Fleet::build();
    let _probe = fleet.probe("w1", &[("STREAM__LANES", "2")]);
    fleet.push("betteruptime:website.1", &[("url", &fleet.site.url("/1")), ("id", ID)]);
    let outcomes = || fleet.results(1).into_iter().filter(|payload| matches!(payload, Payload::Outcomes(_))).count();
    until("an outcome on lane 1", || outcomes() == 1);
    assert_eq!(fleet.outcomes().len(), 0);
}

/// A URL for the user `eu`, who has the rights of a region's probe, with `also` on the shared stream or without.
fn region_user(fleet: &Fleet, also: &[&str]) -> String {
    let (own, results) = (format!("~{OWN}"), format!("(%W~{OWN}:results +xadd)"));
    let mut rule = vec!["ACL", "SETUSER", "eu", "reset", "on", ">secret", &own];
    rule.extend(["+xreadgroup", "+xack", "+xclaim", "+xautoclaim", "+xpending", "+xgroup|create", "+multi", "+exec"]);
    rule.extend(["+discard", "+ping", "+time", "+hello", "+client|setname", &results]);
    rule.extend(also);
    fleet.redis.cli(&rule).unwrap();
    format!("[probe]\nredis_url = \"redis://eu:secret@127.0.0.1:{}\"\n", fleet.redis.port())
}

fn push_own(fleet: &Fleet) {
    fleet.push(OWN, &[("url", &fleet.site.url("/own")), ("id", ID)]);
}

#[test]
fn an_isolated_region_reads_its_own_stream_alone() {
    let fleet = Fleet::build();
    let file = region_user(&fleet, &[]);
    let probe = fleet.probe_with_file("w1", &file);
    push_own(&fleet);
    fleet.expect_outcomes(1);
    until("an acknowledgment", || fleet.pending_of(OWN) == 0);
    let log = probe.log();
    assert_eq!(log.matches("isolated").count(), 1, "said once:\n{log}");
    assert!(!log.contains("secret"), "{log}");
}

#[test]
fn a_region_can_be_isolated_while_its_workers_run() {
    let fleet = Fleet::build();
    let file = region_user(&fleet, &["~betteruptime:website"]);
    let probe = fleet.probe_with_file("w1", &file);
    fleet.push_job("/shared", &[]);
    fleet.expect_outcomes(1);
    fleet.expect_nothing_pending();
    region_user(&fleet, &[]);
    push_own(&fleet);
    fleet.expect_outcomes(2);
    until("an acknowledgment", || fleet.pending_of(OWN) == 0);
    until("readiness", || probe.get("/readyz").unwrap().0 == 200);
    assert!(probe.log().contains("isolated"), "{}", probe.log());
}
