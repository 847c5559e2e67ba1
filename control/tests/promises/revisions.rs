//! An outcome says what it looked at: evidence about a target the monitor does not have any more changes nothing, and none is
//! lost because another check of the same second looked at something else.

use std::time::Duration;

use http::Method;
use serde_json::json;
use wire::Outcome;

use super::nonsense::{Liar, up};
use crate::house::{House, Monitor, Plan};

/// Returns the status that the answer shows.
fn point(house: &House, monitor: &Monitor, url: &str) -> String {
    let answer = house.ask(Method::PATCH, &monitor.at(""), Some(json!({ "url": url })));
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body["status"].as_str().unwrap().to_owned()
}

/// The schedule has nothing to say for an hour: all that is known comes from checks on request.
fn rare(house: &House, url: &str) -> Monitor {
    house.monitor(&json!({"url": url, "interval": 3600}))
}

#[test]
fn a_target_that_is_changed_in_the_second_of_its_first_check_is_judged_as_it_is_now() {
    let house = House::start();
    let (good, bad) = (house.site("good"), house.site("bad"));
    bad.answer(503);
    // However soon after it was made.
    for wait_ms in [0, 30, 90, 200, 400, 700] {
        let monitor = rare(&house, good.url());
        std::thread::sleep(Duration::from_millis(wait_ms));
        point(&house, &monitor, bad.url());
        house.expect_status(&monitor, "down");
        let rows = house.number(&format!("select count(*) from results where monitor = {}", monitor.key));
        assert!(rows >= 4, "of both targets, from both regions, and rechecks: {rows}");
    }
}

#[test]
fn a_check_on_request_does_not_hide_what_is_found_of_the_next_target() {
    let house = House::start();
    let (good, bad) = (house.site("good"), house.site("bad"));
    bad.answer(503);
    let monitor = rare(&house, good.url());
    house.expect_status(&monitor, "up");
    house.post(&monitor.at("/check"), None);
    point(&house, &monitor, bad.url());
    house.expect_status(&monitor, "down");
    point(&house, &monitor, good.url());
    house.expect_status(&monitor, "up");
}

#[test]
fn a_late_answer_about_the_old_target_changes_no_status() {
    let house = House::start();
    let (slow, good) = (house.site("slow"), house.site("good"));
    let monitor =
        house.monitor(&json!({"url": slow.url(), "interval": 3600, "timeout": 3, "confirm": {"failures": 1}}));
    house.expect_status(&monitor, "up");
    slow.delay(Duration::from_secs(10));
    // Of one second and one target, the first check counts.
    let first = house.now();
    house.until("another second begins", || house.now() > first);
    house.post(&monitor.at("/check"), None);
    house.until("both regions are at it", || slow.requests() >= 4);
    point(&house, &monitor, good.url());
    house.until("the new target is checked", || good.requests() >= 2);
    let late = format!("select count(*) from results where monitor = {} and reason = 'timeout_response'", monitor.key);
    house.until("the old one's answers are stored", || house.number(&late) == 2);
    let settled = house.now() + 2;
    house.until("there was time to judge", || house.now() > settled);
    assert_eq!(house.status(&monitor), "up");
    assert_eq!(house.number("select count(*) from incidents"), 0);
}

/// Points a monitor elsewhere while Redis takes no job, so that the new target is not checked at once.
fn point_unseen(house: &House, monitor: &Monitor, url: &str) -> String {
    house.redis(&["CONFIG", "SET", "maxmemory", "1"]);
    let status = point(house, monitor, url);
    house.redis(&["CONFIG", "SET", "maxmemory", "0"]);
    status
}

/// The frontier stands still for a while: what an edit changes lies beyond it, and nobody reads that before.
fn let_frontier_stand(house: &House) {
    house.sql("update lanes set frontier = frontier + 15");
    let stood = house.now();
    house.until("that was read", || house.number("select heard from lanes") > stood);
}

#[test]
fn a_new_target_is_pending_until_it_was_checked_itself() {
    let house = Plan::default().set("UPGUARD_QUOTA__REQUESTED_CHECKS", "1").start();
    let (good, bad) = (house.site("good"), house.site("bad"));
    bad.answer(503);
    let monitor = house.monitor(&json!({"url": good.url(), "interval": 10}));
    house.expect_status(&monitor, "up");
    let asked = house.ask(Method::POST, &monitor.at("/check"), None);
    assert_eq!(asked.status, 429, "nothing is left to ask with: {}", asked.body);
    assert_eq!(point(&house, &monitor, bad.url()), "pending");
    house.until("the new target is found down", || {
        let status = house.status(&monitor);
        assert_ne!(status, "up", "nobody has looked at it");
        status == "down"
    });
    assert!(bad.requests() > 0);
    // The same where Redis takes no job.
    assert_eq!(point_unseen(&house, &monitor, good.url()), "pending");
    house.expect_status(&monitor, "up");
    house
        .until("its incident is over", || house.number("select count(*) from incidents where state = 'resolved'") == 1);
}

#[test]
fn an_answer_about_the_old_target_is_no_status_of_the_new_one() {
    let house = House::start();
    let (old, new) = (house.site("old"), house.site("new"));
    let monitor = house.monitor(
        &json!({"url": old.url(), "interval": 3600, "timeout": 10, "confirm": {"failures": 1, "recoveries": 1}}),
    );
    house.expect_status(&monitor, "up");
    old.answer(503);
    old.delay(Duration::from_secs(5));
    // Of one second and one target, the first check counts.
    let first = house.now();
    house.until("another second begins", || house.now() > first);
    house.post(&monitor.at("/check"), None);
    house.until("both regions are at it", || old.requests() >= 4);
    let_frontier_stand(&house);
    point_unseen(&house, &monitor, new.url());
    let late = format!("select count(*) from results where monitor = {} and reason = 'status'", monitor.key);
    assert_eq!(house.number(&late), 0, "the answers are still to come");
    house.until("they are stored", || house.number(&late) == 2);
    assert_eq!(house.status(&monitor), "pending");
    assert_eq!(house.number("select count(*) from incidents"), 0);
    assert_eq!(house.number("select count(*) from monitor_status where voices is not null"), 0);
    house.until("the button may be pressed again", || {
        house.ask(Method::POST, &monitor.at("/check"), None).status == 202
    });
    house.expect_status(&monitor, "up");
    assert_eq!(house.number("select count(*) from incidents"), 0);
}

#[test]
fn a_certificate_of_the_old_target_is_none_of_the_new_one() {
    let house = House::start();
    let mut region = Liar::new(&house, "nowhere");
    let monitor = house
        .monitor(&json!({"url": "https://one.example/", "interval": 3600, "regions": ["nowhere"], "quorum": "any"}));
    let presents = |rev: u32, days: i64| {
        let (slot, end) = (house.now(), house.now() + days * 86_400);
        Outcome { rev: Some(rev), cert_not_after: Some(end), ..up(&monitor.id, slot, 255) }
    };
    let open = || house.number("select count(*) from incidents where kind = 'certificate' and state <> 'resolved'");
    let known = || house.number("select count(cert_not_after) from monitor_status");
    region.say(vec![presents(0, 1)]);
    house.until("an incident opens", || open() == 1);
    point(&house, &monitor, "https://two.example/");
    assert_eq!((known(), open()), (0, 0));
    region.say(vec![presents(1, 1)]);
    house.until("the new target's own opens", || open() == 1);
    point(&house, &monitor, "https://three.example/");
    region.say(vec![presents(2, 90)]);
    house.until("its end is known", || known() == 1);
    assert_eq!(open(), 0, "and far away");

    let_frontier_stand(&house);
    point(&house, &monitor, "http://three.example/");
    let rows = "select count(*) from results where attempt = 255 + 2";
    let before = house.number(rows);
    let first = house.now();
    house.until("another second begins", || house.now() > first);
    region.say(vec![presents(2, 1)]);
    house.until("what was said is stored", || house.number(rows) == before + 1);
    assert_eq!((known(), open()), (0, 0));
    assert_eq!(house.number("select count(*) from incidents where kind = 'certificate'"), 2);
    region.leave();
}

#[test]
fn who_takes_the_lane_over_goes_by_the_target_there_is() {
    let house = House::start();
    let (bad, good) = (house.site("bad"), house.site("good"));
    bad.answer(503);
    let monitor = rare(&house, bad.url());
    house.expect_status(&monitor, "down");
    // Nobody ingests while the target changes.
    let db = house.session();
    house.runtime().block_on(db.batch_execute("begin; lock table results in share mode")).unwrap();
    point(&house, &monitor, good.url());
    house.until("the new target is checked", || good.requests() >= 2);
    let epoch = house.number("select epoch from lanes");
    house.sql("update lanes set epoch = epoch + 1, lease_until = '-infinity'");
    house.runtime().block_on(db.batch_execute("commit")).unwrap();
    house.until("somebody takes the lane over", || house.number("select epoch from lanes") > epoch + 1);
    house.expect_status(&monitor, "up");
}
