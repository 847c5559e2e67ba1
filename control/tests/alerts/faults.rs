//! What breaks on the way, and is told all the same: once.

use std::collections::HashMap;

use serde_json::json;

use super::{check, receiver, told_of};
use crate::deployment::Plan;

#[test]
fn what_a_killed_replica_could_not_deliver_another_delivers() {
    let mut system = Plan::default().controls(2).start();
    let receiver = receiver(&system);
    let site = system.site("shop");
    let monitor = system.monitor(&json!({"url": site.url()}));
    system.expect_status(&monitor, "up");
    receiver.answer(500);
    site.answer(503);
    system.until("a delivery was tried", || receiver.refused() > 0);
    let owner = system.expect_owner();
    system.controls[owner].service.kill9();
    receiver.answer(200);
    system.until("people are told", || told_of(&receiver, &monitor) == ["opened"]);
    site.answer(200);
    system.until("and of the end", || told_of(&receiver, &monitor) == ["opened", "resolved"]);
    system.controls[owner].service.start().unwrap();
}

#[test]
fn a_replica_killed_in_the_middle_of_a_doubt_leaves_it_to_the_next() {
    let mut system = Plan::default().controls(2).start();
    let receiver = receiver(&system);
    let site = system.site("shop");
    // By its rules the next slot, an hour away, would be the fourth attempt.
    let patient = json!({"failures": 4, "recoveries": 1, "recheck_every": 5});
    let monitor = system.monitor(&json!({"url": site.url(), "interval": 3600, "confirm": patient}));
    system.expect_status(&monitor, "up");
    site.answer(503);
    check(&system, &monitor);
    let doubt = format!("select region_states is not null from monitor_status where monitor = {}", monitor.key);
    system.until("a region doubts", || system.sql(&doubt) == "t");
    let owner = system.expect_owner();
    system.controls[owner].service.kill9();
    system.expect_status(&monitor, "down");
    system.until("people are told", || told_of(&receiver, &monitor) == ["opened"]);
    system.controls[owner].service.start().unwrap();
}

#[test]
fn a_thousand_sites_down_at_once_are_a_few_messages_and_none_is_lost() {
    const SITES: usize = 1_000;
    let system = Plan::default().set("UPGUARD_PROBE__PER_HOST", "0").times("30s", "40s", "50s").start();
    let receiver = receiver(&system);
    let site = system.site("shop");
    let quick = json!({"failures": 1, "recoveries": 1});
    let body = json!({"url": site.url(), "interval": 20, "timeout": 10, "confirm": quick, "regions": ["eu-west"]});
    system.monitors(SITES, &body);
    let all = |status: &str| system.number(&format!("select count(*) from monitor_status where status = '{status}'"));
    system.until("all are up", || all("up") == SITES as i64);
    site.answer(503);
    system.until("all are down", || all("down") == SITES as i64);
    site.answer(200);
    system.until("all are up again", || all("up") == SITES as i64);
    let told = |what: &str| receiver.told().0.iter().filter(|told| told.what == what).count();
    system.until("all was told", || told("resolved") == SITES);
    let mut openings: HashMap<_, usize> = HashMap::new();
    for told in receiver.told().0.into_iter().filter(testbed::receiver::Told::opens) {
        *openings.entry(told.incident).or_default() += 1;
    }
    assert_eq!(openings.len(), SITES, "every incident was told of");
    assert!(openings.values().all(|times| *times == 1), "and once");
    let messages = receiver.deliveries().len();
    assert!(messages < SITES / 2, "{messages} messages");
}
