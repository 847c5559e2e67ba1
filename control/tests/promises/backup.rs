//! A backup, the loss of everything, and the way back: the commands are those of docs/operations.md.

use serde_json::json;

use crate::{house::Plan, page::follow};

#[test]
fn what_was_backed_up_is_there_again_and_nothing_is_made_up() {
    let mut house = Plan::default().times("3s", "5s", "8s").start();
    let (up, down) = (house.site("up"), house.site("down"));
    let monitors = house.monitors(10, &json!({"url": up.url()}));
    let broken = house.monitor(&json!({"url": down.url()}));
    down.answer(503);
    house.expect_status(&monitors[0], "up");
    house.expect_status(&broken, "down");
    let incident = house.get("/api/v1/incidents?state=open")["items"][0]["id"].clone();
    assert!(incident.is_string());
    house.until("slots are closed", || house.closed() > house.number("select min(slot) from results"));

    let folder = tempfile::tempdir().unwrap();
    follow(&house, "operations.md", "### Back up", &[], folder.path());
    let saved = house.now();
    // More happens, which will be lost, and then all of it is.
    house.until("more is stored", || house.number("select max(slot) from results") > saved + 2);
    house.controls[0].service.kill9();
    let admin = |sql: &str| house.ground().postgres().psql("postgres", sql).unwrap();
    admin("drop database upguard with (force)");
    house.redis(&["FLUSHALL"]);
    // As long as it takes to notice, and longer than a slot may be late.
    house.until("a while has passed", || house.now() > saved + 8);
    follow(&house, "operations.md", "### Restore", &[], folder.path());
    let back = house.now();
    house.controls[0].service.start().unwrap();

    let fresh = format!("select count(*) from results where verdict = 'up' and slot > {back}");
    house.until("it checks again", || house.number(&fresh) > 20);
    let signed_in = house.get("/api/v1/auth/me");
    assert_eq!(signed_in["user"]["email"].as_str().or(signed_in["email"].as_str()), Some("loadtest@example.org"));
    let open = house.get("/api/v1/incidents?state=open");
    assert_eq!(open["items"][0]["id"], incident, "the incident goes on: {open}");
    down.answer(200);
    house.expect_status(&broken, "up");
    assert_eq!(house.get(&format!("/api/v1/incidents/{}", incident.as_str().unwrap()))["state"], "resolved");

    house.audit().expect_some("missed");
    let between = format!("from results where attempt = 0 and slot between {saved} + 1 and {back} - 4");
    assert!(house.number(&format!("select count(*) {between}")) > 0);
    assert_eq!(house.number(&format!("select count(*) {between} and verdict <> 'missed'")), 0, "made up");
}
