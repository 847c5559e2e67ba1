//! Redis' master dies while Sentinels watch.

use std::time::Duration;

use serde_json::json;

use crate::house::{House, Plan};

/// Two servers, three Sentinels, two replicas, and always some jobs in flight.
fn watched() -> House {
    let plan = Plan::default().controls(2).probes(&["eu-west/w1", "eu-west/w2", "us-east/w1"]);
    let house = plan.times("3s", "5s", "8s").watched().start();
    let site = house.site("slow");
    site.delay(Duration::from_millis(600));
    house.monitors(60, &json!({"url": site.url()}));
    house.until("checks are stored", || house.number("select count(*) from results where attempt = 0") > 60);
    house
}

/// Waits until both regions have stored checks of slots that are due from now on.
fn expect_fresh(house: &House) {
    let now = house.now();
    let took = house.until("both regions check again", || house.both_check(now, 30));
    eprintln!("fresh results of both regions after {took:?}");
    assert!(took < Duration::from_secs(20), "{took:?}");
}

fn refused_writes(house: &House) -> bool {
    house.redis(&["INFO", "errorstats"]).contains("errorstat_NOREPLICAS")
}

#[test]
fn a_master_that_is_killed_is_followed_by_the_next_and_no_slot_is_lost() {
    let mut house = watched();
    house.fail_over();
    expect_fresh(&house);
    assert!(!refused_writes(&house), "two servers without min-replicas-to-write go on alone");
    house.until("all are ready", || [0, 1].iter().all(|place| house.readyz(*place).starts_with("HTTP/1.1 200")));
    let running = house.probes.values_mut().all(loadtest::house::Service::is_running);
    assert!(running, "a probe crashed");
    let books = house.audit();
    books.expect_no("down");
    books.expect_no("no_probe");
    // Away for some four seconds, as long as a slot may be late here.
    assert!(books.count("missed") * 2 < books.count(""), "{books:?}");
}

#[test]
fn who_asks_for_a_replica_waits_for_it_and_no_slot_is_lost() {
    let mut house = watched();
    for redis in [House::redis, House::ask_spare] {
        redis(&house, &["CONFIG", "SET", "min-replicas-to-write", "1"]);
    }
    house.fail_over();
    house.until("writes are refused: nobody would have a copy", || refused_writes(&house));
    house.start_spare();
    house
        .until("the old master follows the new one", || house.redis(&["INFO", "replication"]).contains("state=online"));
    assert!(house.ask_spare(&["ROLE"]).starts_with("slave"));
    expect_fresh(&house);
    house.audit().expect_no("down");
}
