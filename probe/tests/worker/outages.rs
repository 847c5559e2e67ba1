//! Redis emptied, killed, and absent from the start: nothing crashes, and it goes on where it can.

use wire::Verdict;

use crate::fleet::{Fleet, JOBS, REGION, until};

#[test]
fn an_emptied_redis_gets_its_groups_again() {
    let fleet = Fleet::build();
    let probe = fleet.probe("w1", &[("BLOCK", "5s")]);
    fleet.push_job("/before", &[]);
    fleet.expect_outcomes(1);
    fleet.redis.cli(&["FLUSHALL"]).unwrap();
    fleet.push_job("/after", &[]);
    fleet.expect_outcomes(1);
    fleet.expect_nothing_pending();
    assert_eq!(fleet.site.requests(), 2);
    fleet.redis.cli(&["XGROUP", "DESTROY", JOBS, REGION]).unwrap();
    // At the beginning of the stream: what was acknowledged runs again, and its key tells.
    fleet.push_job("/again", &[]);
    fleet.expect_outcomes(3);
    assert!(probe.log().contains("joined again"), "{}", probe.log());
}

#[test]
fn a_killed_redis_is_found_again() {
    let mut fleet = Fleet::build();
    fleet.site.hold();
    let probe = fleet.probe("w1", &[]);
    fleet.push_job("/", &[("spec", r#"{"timeout":30}"#)]);
    until("the request", || fleet.site.now() == 1);
    fleet.redis.kill9();
    fleet.site.let_go();
    until("a sentence", || {
        probe.get("/readyz").is_some_and(|(status, why)| status == 503 && why.starts_with("lane 0 waits for Redis: "))
    });
    assert_eq!(probe.get("/livez").unwrap().0, 200, "away is not dead");
    fleet.redis.start_again().unwrap();
    fleet.expect_outcomes(1);
    until("readiness", || probe.get("/readyz").unwrap().0 == 200);
    fleet.push_job("/", &[]);
    let outcomes = fleet.expect_outcomes(2);
    assert!(outcomes.iter().all(|outcome| outcome.verdict == Verdict::Up));
    fleet.expect_nothing_pending();
    assert!(probe.metric("upguard_probe_redis_errors_total") > 0.0);
    let log = probe.log();
    assert_eq!(log.matches("trying again until it does").count(), 1, "one outage, one line:\n{log}");
    assert_eq!(log.matches("answers again").count(), 1, "{log}");
}

#[test]
fn a_worker_waits_for_its_redis() {
    let mut fleet = Fleet::build();
    fleet.redis.stop().unwrap();
    let probe = fleet.probe_unready("w1", &[]);
    until("a sentence", || probe.get("/readyz").is_some_and(|(status, why)| status == 503 && why.contains("Redis")));
    fleet.redis.start_again().unwrap();
    fleet.push_job("/", &[]);
    fleet.expect_outcomes(1);
    until("readiness", || probe.get("/readyz").unwrap().0 == 200);
}
