//! Redis emptied, killed, and absent from the start: nothing crashes, and it goes on where it can.

use wire::Verdict;

use crate::house::{House, JOBS, REGION, until};

#[test]
fn an_emptied_redis_gets_its_groups_again() {
    let house = House::build();
    let probe = house.probe("w1", &[("BLOCK", "5s")]);
    house.push_job("/before", &[]);
    house.expect_outcomes(1);
    house.redis.cli(&["FLUSHALL"]).unwrap();
    house.push_job("/after", &[]);
    house.expect_outcomes(1);
    house.expect_nothing_pending();
    assert_eq!(house.site.requests(), 2);
    house.redis.cli(&["XGROUP", "DESTROY", JOBS, REGION]).unwrap();
    // At the beginning of the stream: what was acknowledged runs again, and its key tells.
    house.push_job("/again", &[]);
    house.expect_outcomes(3);
    assert!(probe.log().contains("joined again"), "{}", probe.log());
}

#[test]
fn a_killed_redis_is_found_again() {
    let mut house = House::build();
    house.site.hold();
    let probe = house.probe("w1", &[]);
    house.push_job("/", &[("spec", r#"{"timeout":30}"#)]);
    until("the request", || house.site.now() == 1);
    house.redis.kill9();
    house.site.let_go();
    until("a sentence", || {
        probe.get("/readyz").is_some_and(|(status, why)| status == 503 && why.starts_with("lane 0 waits for Redis: "))
    });
    assert_eq!(probe.get("/livez").unwrap().0, 200, "away is not dead");
    house.redis.start_again().unwrap();
    house.expect_outcomes(1);
    until("readiness", || probe.get("/readyz").unwrap().0 == 200);
    house.push_job("/", &[]);
    let outcomes = house.expect_outcomes(2);
    assert!(outcomes.iter().all(|outcome| outcome.verdict == Verdict::Up));
    house.expect_nothing_pending();
    assert!(probe.metric("upguard_probe_redis_errors_total") > 0.0);
    let log = probe.log();
    assert_eq!(log.matches("trying again until it does").count(), 1, "one outage, one line:\n{log}");
    assert_eq!(log.matches("answers again").count(), 1, "{log}");
}

#[test]
fn a_worker_waits_for_its_redis() {
    let mut house = House::build();
    house.redis.stop().unwrap();
    let probe = house.probe_unready("w1", &[]);
    until("a sentence", || probe.get("/readyz").is_some_and(|(status, why)| status == 503 && why.contains("Redis")));
    house.redis.start_again().unwrap();
    house.push_job("/", &[]);
    house.expect_outcomes(1);
    until("readiness", || probe.get("/readyz").unwrap().0 == 200);
}
