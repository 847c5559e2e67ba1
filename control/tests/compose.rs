//! Control under the Redis user that Compose gives it (`deploy/redis/users.sh`): its own keys, and nothing that rules the server.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test says where it fails")]

mod support;

use std::process::Command;

use serde_json::json;
use support::{Server, eventually};

const USERS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../deploy/redis/users.sh");

/// The words of `ACL SETUSER` for control.
fn rule() -> Vec<String> {
    let mut script = Command::new("sh");
    script.arg(USERS).env("CONTROL_PASSWORD", "c0").env("REGIONS", "eu-west:e1");
    let text = String::from_utf8(script.output().unwrap().stdout).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix("user control ")).unwrap();
    ["control"].into_iter().chain(line.split(' ')).map(str::to_owned).collect()
}

#[test]
fn control_needs_no_more_than_its_rule() {
    let server = Server::start_as(|redis| {
        let rule = rule();
        let command: Vec<&str> = ["ACL", "SETUSER"].into_iter().chain(rule.iter().map(String::as_str)).collect();
        redis.cli(&command).unwrap();
        redis.url().replace("redis://", "redis://control:c0@")
    });
    eventually("it is ready", || (server.admin("/readyz").status == 200).then_some(()));
    let ann = server.sign_up("ann@example.org");
    let id =
        ann.post("/api/v1/monitors", &json!({"name": "a", "url": "https://example.org/", "interval": 5})).expect(201);
    server.redis.cli(&["XGROUP", "CREATE", "betteruptime:website", "eu-west", "0", "MKSTREAM"]).unwrap();
    eventually("jobs are pushed", || {
        let length: u32 = server.redis.cli(&["XLEN", "betteruptime:website"]).unwrap().parse().unwrap();
        (length > 0).then_some(())
    });
    ann.get(&format!("/api/v1/monitors/{}", id["id"].as_str().unwrap())).expect(200);
    ann.get("/api/v1/regions").expect(200);
    // Redis remembers whom it refused what.
    let refused = server.redis.cli(&["ACL", "LOG"]).unwrap();
    assert_eq!(refused, "", "{}", server.log());
    for command in ["FLUSHALL", "CONFIG", "SHUTDOWN", "ACL", "KEYS", "DEBUG", "MONITOR"] {
        let answer = server.redis.cli(&["ACL", "DRYRUN", "control", command, "x"]);
        assert_ne!(answer.unwrap_or_default(), "OK", "{command}");
    }
    assert_ne!(server.redis.cli(&["ACL", "DRYRUN", "control", "GET", "another:key"]).unwrap(), "OK");
}
