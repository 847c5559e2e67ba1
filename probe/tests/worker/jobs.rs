//! What becomes of a job, of every kind.

use wire::{Outcome, Payload, Reason, Verdict};

use crate::house::{House, JOBS, OWN, until};

const ID: &str = "7e57d004-2b97-4e7a-b45f-5387367791cd";

#[test]
fn a_bare_entry_is_one_request_and_one_outcome() {
    let house = House::build();
    let probe = house.probe("w1", &[]);
    let entry = house.push(JOBS, &[("url", &house.site.url("/")), ("id", ID)]);
    let [outcome] = <[Outcome; 1]>::try_from(house.expect_outcomes(1)).unwrap();
    assert_eq!((outcome.verdict, outcome.reason, outcome.http_status), (Verdict::Up, None, Some(200)));
    let queued_ms: i64 = entry.split('-').next().unwrap().parse().unwrap();
    assert_eq!((outcome.monitor.to_string().as_str(), outcome.slot, outcome.attempt), (ID, queued_ms / 1000, 255));
    assert!((queued_ms - 50..queued_ms + 30_000).contains(&outcome.started_ms), "{} {queued_ms}", outcome.started_ms);
    assert!(outcome.phases.connect.is_some() && outcome.phases.tls.is_none(), "{:?}", outcome.phases);
    house.expect_nothing_pending();
    assert_eq!(house.site.requests(), 1);
    assert!(house.redis.cli(&["XINFO", "GROUPS", JOBS]).unwrap().ends_with("lag\n0"));
    until("the books", || probe.metric("upguard_probe_inflight") == 0.0);
    assert_eq!(probe.metric(r#"upguard_probe_checks_total{kind="http",reason="none",verdict="up"}"#), 1.0);
    assert_eq!(probe.metric("upguard_probe_batch_outcomes_count"), 1.0);
}

#[test]
fn outcomes_of_both_streams_travel_together() {
    let house = House::build();
    for n in 0..60 {
        house.push_job(&format!("/{n}"), &[("attempt", "0")]);
    }
    for _ in 0..5 {
        house.push(OWN, &[("url", &house.site.url("/own")), ("id", ID), ("attempt", "1")]);
    }
    // Jobs that wait for their worker are why groups are created at the beginning of the stream.
    let probe = house.probe("w1", &[("PER_HOST", "0"), ("BATCH__WAIT", "1s")]);
    house.expect_outcomes(65);
    house.expect_nothing_pending();
    let (outcomes, entries) = house.outcomes_and_entries();
    assert!(outcomes.iter().all(|(worker, outcome)| worker == "w1" && outcome.verdict == Verdict::Up));
    assert!(entries <= 10, "{entries} entries");
    assert_eq!(probe.metric("upguard_probe_batch_outcomes_sum"), 65.0);
    assert_eq!(house.site.requests(), 65);
}

#[test]
fn what_cannot_be_checked_is_missed_and_says_why() {
    let house = House::build();
    let _probe = house.probe("w1", &[]);
    let (slot, past) = ((house.now() - 90).to_string(), (house.now() - 30).to_string());
    house.push_job("/", &[("slot", &slot), ("until", &past), ("attempt", "0")]);
    let late = house.expect_outcomes(1).remove(0);
    assert_eq!((late.verdict, late.reason, late.attempt), (Verdict::Missed, Some(Reason::Late), 0));
    assert_eq!(late.slot.to_string(), slot);

    house.push_job("/", &[("spec", r#"{"kind":"quantum"}"#)]);
    let unsupported = house.expect_outcomes(2).remove(1);
    assert_eq!((unsupported.verdict, unsupported.reason), (Verdict::Missed, Some(Reason::Unsupported)));
    assert!(unsupported.detail.unwrap().contains("quantum"));
    house.expect_nothing_pending();
    assert_eq!(house.site.requests(), 0);
}

#[test]
fn poison_is_acknowledged_and_stops_nothing() {
    let house = House::build();
    let probe = house.probe("w1", &[]);
    house.push(JOBS, &[("url", "http://127.0.0.1/")]);
    let poison = house.push(JOBS, &[("id", "nobody"), ("url", "http://127.0.0.1/")]);
    house.push_job("/", &[]);
    house.expect_outcomes(1);
    house.expect_nothing_pending();
    assert_eq!(probe.metric("upguard_probe_poison_total"), 2.0);
    assert!(probe.log().contains(&poison), "the log names the entry:\n{}", probe.log());
}

#[test]
fn a_worker_says_how_it_is() {
    let house = House::build();
    let _probe = house.probe("w1", &[("CONCURRENCY", "7")]);
    let facts = || {
        house.results(0).into_iter().find_map(|payload| match payload {
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
    let house = House::build();
    let _probe = house.probe("w1", &[("STREAM__LANES", "2")]);
    house.push("betteruptime:website.1", &[("url", &house.site.url("/1")), ("id", ID)]);
    let outcomes = || house.results(1).into_iter().filter(|payload| matches!(payload, Payload::Outcomes(_))).count();
    until("an outcome on lane 1", || outcomes() == 1);
    assert_eq!(house.outcomes().len(), 0);
}

/// A URL for the user `eu`, who has the rights of a region's probe, with `also` on the shared stream or without.
fn region_user(house: &House, also: &[&str]) -> String {
    let (own, results) = (format!("~{OWN}"), format!("(%W~{OWN}:results +xadd)"));
    let mut rule = vec!["ACL", "SETUSER", "eu", "reset", "on", ">secret", &own];
    rule.extend(["+xreadgroup", "+xack", "+xclaim", "+xautoclaim", "+xpending", "+xgroup|create", "+multi", "+exec"]);
    rule.extend(["+discard", "+ping", "+time", "+hello", "+client|setname", &results]);
    rule.extend(also);
    house.redis.cli(&rule).unwrap();
    format!("[probe]\nredis_url = \"redis://eu:secret@127.0.0.1:{}\"\n", house.redis.port())
}

fn push_own(house: &House) {
    house.push(OWN, &[("url", &house.site.url("/own")), ("id", ID)]);
}

#[test]
fn an_isolated_region_reads_its_own_stream_alone() {
    let house = House::build();
    let file = region_user(&house, &[]);
    let probe = house.probe_with_file("w1", &file);
    push_own(&house);
    house.expect_outcomes(1);
    until("an acknowledgment", || house.pending_of(OWN) == 0);
    let log = probe.log();
    assert_eq!(log.matches("isolated").count(), 1, "said once:\n{log}");
    assert!(!log.contains("secret"), "{log}");
}

#[test]
fn a_region_can_be_isolated_while_its_workers_run() {
    let house = House::build();
    let file = region_user(&house, &["~betteruptime:website"]);
    let probe = house.probe_with_file("w1", &file);
    house.push_job("/shared", &[]);
    house.expect_outcomes(1);
    house.expect_nothing_pending();
    region_user(&house, &[]);
    push_own(&house);
    house.expect_outcomes(2);
    until("an acknowledgment", || house.pending_of(OWN) == 0);
    until("readiness", || probe.get("/readyz").unwrap().0 == 200);
    assert!(probe.log().contains("isolated"), "{}", probe.log());
}
