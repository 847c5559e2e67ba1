//! An outcome says what it looked at: evidence about a target the monitor does not have any more changes nothing, and none is
//! lost because another check of the same second looked at something else.

use std::time::Duration;

use http::Method;
use serde_json::json;
use wire::Outcome;

use super::nonsense::{Liar, up};
use crate::deployment::{Deployment, Monitor, Plan};

/// Returns the status that the answer shows.
fn point(system: &Deployment, monitor: &Monitor, url: &str) -> String {
    let answer = system.ask(Method::PATCH, &monitor.at(""), Some(json!({ "url": url })));
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body["status"].as_str().unwrap().to_owned()
}

/// The schedule has nothing to say for an hour: all that is known comes from checks on request.
fn rare(system: &Deployment, url: &str) -> Monitor {
    system.monitor(&json!({"url": url, "interval": 3600}))
}

#[test]
fn a_target_that_is_changed_in_the_second_of_its_first_check_is_judged_as_it_is_now() {
    let system = Deployment::start();
    let (good, bad) = (system.site("good"), system.site("bad"));
    bad.answer(503);
    // However soon after it was made.
    for wait_ms in [0, 30, 90, 200, 400, 700] {
        let monitor = rare(&system, good.url());
        std::thread::sleep(Duration::from_millis(wait_ms));
        point(&system, &monitor, bad.url());
        system.expect_status(&monitor, "down");
        let rows = system.number(&format!("select count(*) from results where monitor = {}", monitor.key));
        assert!(rows >= 4, "of both targets, from both regions, and rechecks: {rows}");
    }
}

#[test]
fn a_check_on_request_does_not_hide_what_is_found_of_the_next_target() {
    let system = Deployment::start();
    let (good, bad) = (system.site("good"), system.site("bad"));
    bad.answer(503);
    let monitor = rare(&system, good.url());
    system.expect_status(&monitor, "up");
    system.post(&monitor.at("/check"), None);
    point(&system, &monitor, bad.url());
    system.expect_status(&monitor, "down");
    point(&system, &monitor, good.url());
    system.expect_status(&monitor, "up");
}

#[test]
fn a_late_answer_about_the_old_target_changes_no_status() {
    let system = Deployment::start();
    let (slow, good) = (system.site("slow"), system.site("good"));
    let monitor =
        system.monitor(&json!({"url": slow.url(), "interval": 3600, "timeout": 3, "confirm": {"failures": 1}}));
    system.expect_status(&monitor, "up");
    slow.delay(Duration::from_secs(10));
    // Of one second and one target, the first check counts.
    let first = system.now();
    system.until("another second begins", || system.now() > first);
    system.post(&monitor.at("/check"), None);
    system.until("both regions are at it", || slow.requests() >= 4);
    point(&system, &monitor, good.url());
    system.until("the new target is checked", || good.requests() >= 2);
    let late = format!("select count(*) from results where monitor = {} and reason = 'timeout_response'", monitor.key);
    system.until("the old one's answers are stored", || system.number(&late) == 2);
    let settled = system.now() + 2;
    system.until("there was time to judge", || system.now() > settled);
    assert_eq!(system.status(&monitor), "up");
    assert_eq!(system.number("select count(*) from incidents"), 0);
}

/// Points a monitor elsewhere while Redis takes no job, so that the new target is not checked at once.
fn point_unseen(system: &Deployment, monitor: &Monitor, url: &str) -> String {
    system.redis(&["CONFIG", "SET", "maxmemory", "1"]);
    let status = point(system, monitor, url);
    system.redis(&["CONFIG", "SET", "maxmemory", "0"]);
    status
}

/// The frontier stands still for a while: what an edit changes lies beyond it, and nobody reads that before.
fn let_frontier_stand(system: &Deployment) {
    system.sql("update lanes set frontier = frontier + 15");
    let stood = system.now();
    system.until("that was read", || system.number("select heard from lanes") > stood);
}

#[test]
fn a_new_target_is_pending_until_it_was_checked_itself() {
    let system = Plan::default().set("UPGUARD_QUOTA__REQUESTED_CHECKS", "1").start();
    let (good, bad) = (system.site("good"), system.site("bad"));
    bad.answer(503);
    let monitor = system.monitor(&json!({"url": good.url(), "interval": 10}));
    system.expect_status(&monitor, "up");
    let asked = system.ask(Method::POST, &monitor.at("/check"), None);
    assert_eq!(asked.status, 429, "nothing is left to ask with: {}", asked.body);
    assert_eq!(point(&system, &monitor, bad.url()), "pending");
    system.until("the new target is found down", || {
        let status = system.status(&monitor);
        assert_ne!(status, "up", "nobody has looked at it");
        status == "down"
    });
    assert!(bad.requests() > 0);
    // The same where Redis takes no job.
    assert_eq!(point_unseen(&system, &monitor, good.url()), "pending");
    system.expect_status(&monitor, "up");
    system.until("its incident is over", || {
        system.number("select count(*) from incidents where state = 'resolved'") == 1
    });
}

#[test]
fn an_answer_about_the_old_target_is_no_status_of_the_new_one() {
    let system = Deployment::start();
    let (old, new) = (system.site("old"), system.site("new"));
    let monitor = system.monitor(
        &json!({"url": old.url(), "interval": 3600, "timeout": 10, "confirm": {"failures": 1, "recoveries": 1}}),
    );
    system.expect_status(&monitor, "up");
    old.answer(503);
    old.delay(Duration::from_secs(5));
    // Of one second and one target, the first check counts.
    let first = system.now();
    system.until("another second begins", || system.now() > first);
    system.post(&monitor.at("/check"), None);
    system.until("both regions are at it", || old.requests() >= 4);
    let_frontier_stand(&system);
    point_unseen(&system, &monitor, new.url());
    let late = format!("select count(*) from results where monitor = {} and reason = 'status'", monitor.key);
    assert_eq!(system.number(&late), 0, "the answers are still to come");
    system.until("they are stored", || system.number(&late) == 2);
    assert_eq!(system.status(&monitor), "pending");
    assert_eq!(system.number("select count(*) from incidents"), 0);
    assert_eq!(system.number("select count(*) from monitor_status where region_states is not null"), 0);
    system.until("the button may be pressed again", || {
        system.ask(Method::POST, &monitor.at("/check"), None).status == 202
    });
    system.expect_status(&monitor, "up");
    assert_eq!(system.number("select count(*) from incidents"), 0);
}

#[test]
fn a_certificate_of_the_old_target_is_none_of_the_new_one() {
    let system = Deployment::start();
    let mut region = Liar::new(&system, "nowhere");
    let monitor = system
        .monitor(&json!({"url": "https://one.example/", "interval": 3600, "regions": ["nowhere"], "quorum": "any"}));
    let presents = |rev: u32, days: i64| {
        let (slot, end) = (system.now(), system.now() + days * 86_400);
        Outcome { rev: Some(rev), cert_not_after: Some(end), ..up(&monitor.id, slot, 255) }
    };
    let open = || system.number("select count(*) from incidents where kind = 'certificate' and state <> 'resolved'");
    let known = || system.number("select count(cert_not_after) from monitor_status");
    region.say(vec![presents(0, 1)]);
    system.until("an incident opens", || open() == 1);
    point(&system, &monitor, "https://two.example/");
    assert_eq!((known(), open()), (0, 0));
    region.say(vec![presents(1, 1)]);
    system.until("the new target's own opens", || open() == 1);
    point(&system, &monitor, "https://three.example/");
    region.say(vec![presents(2, 90)]);
    system.until("its end is known", || known() == 1);
    assert_eq!(open(), 0, "and far away");

    let_frontier_stand(&system);
    point(&system, &monitor, "http://three.example/");
    let rows = "select count(*) from results where attempt = 255 + 2";
    let before = system.number(rows);
    let first = system.now();
    system.until("another second begins", || system.now() > first);
    region.say(vec![presents(2, 1)]);
    system.until("what was said is stored", || system.number(rows) == before + 1);
    assert_eq!((known(), open()), (0, 0));
    assert_eq!(system.number("select count(*) from incidents where kind = 'certificate'"), 2);
    region.leave();
}

#[test]
fn who_takes_the_lane_over_goes_by_the_target_there_is() {
    let system = Deployment::start();
    let (bad, good) = (system.site("bad"), system.site("good"));
    bad.answer(503);
    let monitor = rare(&system, bad.url());
    system.expect_status(&monitor, "down");
    // Nobody ingests while the target changes.
    let db = system.session();
    system.runtime().block_on(db.batch_execute("begin; lock table results in share mode")).unwrap();
    point(&system, &monitor, good.url());
    system.until("the new target is checked", || good.requests() >= 2);
    let epoch = system.number("select epoch from lanes");
    system.sql("update lanes set epoch = epoch + 1, lease_until = '-infinity'");
    system.runtime().block_on(db.batch_execute("commit")).unwrap();
    system.until("somebody takes the lane over", || system.number("select epoch from lanes") > epoch + 1);
    system.expect_status(&monitor, "up");
}
