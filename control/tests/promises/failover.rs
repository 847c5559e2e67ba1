//! Redis' master dies while Sentinels watch.

use std::time::Duration;

use serde_json::json;

use crate::deployment::{Deployment, Plan};

/// Two servers, three Sentinels, two replicas, and always some jobs in flight.
fn watched() -> Deployment {
    let plan = Plan::default().controls(2).probes(&["eu-west/w1", "eu-west/w2", "us-east/w1"]);
    let system = plan.times("3s", "5s", "8s").watched().start();
    let site = system.site("slow");
    site.delay(Duration::from_millis(600));
    system.monitors(60, &json!({"url": site.url()}));
    system.until("checks are stored", || system.number("select count(*) from results where attempt = 0") > 60);
    system
}

/// Waits until both regions have stored checks of slots that are due from now on.
fn expect_fresh(system: &Deployment) {
    let now = system.now();
    let took = system.until("both regions check again", || system.both_check(now, 30));
    eprintln!("fresh results of both regions after {took:?}");
    assert!(took < Duration::from_secs(20), "{took:?}");
}

fn refused_writes(system: &Deployment) -> bool {
    system.redis(&["INFO", "errorstats"]).contains("errorstat_NOREPLICAS")
}

#[test]
fn a_master_that_is_killed_is_followed_by_the_next_and_no_slot_is_lost() {
    let mut system = watched();
    system.fail_over();
    expect_fresh(&system);
    assert!(!refused_writes(&system), "two servers without min-replicas-to-write go on alone");
    system.until("all are ready", || [0, 1].iter().all(|place| system.readyz(*place).starts_with("HTTP/1.1 200")));
    let running = system.probes.values_mut().all(testbed::service::Service::is_running);
    assert!(running, "a probe crashed");
    let audit = system.audit();
    audit.expect_no("down");
    audit.expect_no("no_probe");
    // Away for some four seconds, as long as a slot may be late here.
    assert!(audit.count("missed") * 2 < audit.count(""), "{audit:?}");
}

#[test]
fn who_asks_for_a_replica_waits_for_it_and_no_slot_is_lost() {
    let mut system = watched();
    for redis in [Deployment::redis, Deployment::ask_spare] {
        redis(&system, &["CONFIG", "SET", "min-replicas-to-write", "1"]);
    }
    system.fail_over();
    system.until("writes are refused: nobody would have a copy", || refused_writes(&system));
    system.start_spare();
    system.until("the old master follows the new one", || {
        system.redis(&["INFO", "replication"]).contains("state=online")
    });
    assert!(system.ask_spare(&["ROLE"]).starts_with("slave"));
    expect_fresh(&system);
    system.audit().expect_no("down");
}
