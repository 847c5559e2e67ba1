//! A backup, the loss of everything, and the way back: the commands are those of docs/operations.md.

use serde_json::json;

use crate::{deployment::Plan, page::follow};

#[test]
fn what_was_backed_up_is_there_again_and_nothing_is_made_up() {
    let mut system = Plan::default().times("3s", "5s", "8s").start();
    let (up, down) = (system.site("up"), system.site("down"));
    let monitors = system.monitors(10, &json!({"url": up.url()}));
    let broken = system.monitor(&json!({"url": down.url()}));
    down.answer(503);
    system.expect_status(&monitors[0], "up");
    system.expect_status(&broken, "down");
    let incident = system.get("/api/v1/incidents?state=open")["items"][0]["id"].clone();
    assert!(incident.is_string());
    system.until("slots are closed", || system.closed() > system.number("select min(slot) from results"));

    let folder = tempfile::tempdir().unwrap();
    follow(&system, "operations.md", "### Back up", &[], folder.path());
    let saved = system.now();
    // More happens, which will be lost, and then all of it is.
    system.until("more is stored", || system.number("select max(slot) from results") > saved + 2);
    system.controls[0].service.kill9();
    let admin = |sql: &str| system.servers().postgres().psql("postgres", sql).unwrap();
    admin("drop database upguard with (force)");
    system.redis(&["FLUSHALL"]);
    // As long as it takes to notice, and longer than a slot may be late.
    system.until("a while has passed", || system.now() > saved + 8);
    follow(&system, "operations.md", "### Restore", &[], folder.path());
    let back = system.now();
    system.controls[0].service.start().unwrap();

    let fresh = format!("select count(*) from results where verdict = 'up' and slot > {back}");
    system.until("it checks again", || system.number(&fresh) > 20);
    let signed_in = system.get("/api/v1/auth/me");
    assert_eq!(signed_in["user"]["email"].as_str().or(signed_in["email"].as_str()), Some("testbed@example.org"));
    let open = system.get("/api/v1/incidents?state=open");
    assert_eq!(open["items"][0]["id"], incident, "the incident goes on: {open}");
    down.answer(200);
    system.expect_status(&broken, "up");
    assert_eq!(system.get(&format!("/api/v1/incidents/{}", incident.as_str().unwrap()))["state"], "resolved");

    system.audit().expect_some("missed");
    let between = format!("from results where attempt = 0 and slot between {saved} + 1 and {back} - 4");
    assert!(system.number(&format!("select count(*) {between}")) > 0);
    assert_eq!(system.number(&format!("select count(*) {between} and verdict <> 'missed'")), 0, "made up");
}
