//! What every route has in common beyond its own answer: methods, slashes, origins, names, and what is told to whom.

#![allow(clippy::unwrap_used, reason = "a test says where it fails")]

mod support;

use nix::sys::signal::Signal;
use serde_json::json;
use support::{PASSWORD, Server, eventually};

const IDLE: (&str, &str) = ("UPGUARD_STREAM__WORK", "false");

#[test]
fn methods_that_a_path_knows_are_told() {
    let server = Server::start_with(&[IDLE]);
    let ann = server.sign_up("ann@example.org");
    for (method, path, allowed) in [
        ("DELETE", "/api/v1/monitors", "GET, HEAD, POST"),
        ("PUT", "/api/v1/monitors/00000000-0000-7000-8000-000000000000", "DELETE, GET, HEAD, PATCH"),
        ("GET", "/api/v1/auth/login", "POST"),
        ("OPTIONS", "/api/v1/auth/me", "GET, HEAD"),
    ] {
        let answer = server.raw(method, path, &[], "");
        answer.problem(405);
        assert_eq!(answer.header("allow"), Some(allowed), "{method} {path}");
    }
    let bearer = format!("Bearer {}", ann.access);
    for path in ["/api/v1/auth/me", "/api/v1/monitors", "/api/openapi.json", "/docs", "/"] {
        let (get, head) = (
            server.raw("GET", path, &[("authorization", &bearer)], ""),
            server.raw("HEAD", path, &[("authorization", &bearer)], ""),
        );
        assert_eq!((head.status, head.header("content-type")), (get.status, get.header("content-type")), "{path}");
        assert_eq!(head.body, "", "{path}");
    }
    server.raw("HEAD", "/api/v1/auth/me", &[], "");
}

#[test]
fn no_path_ends_in_a_slash() {
    let server = Server::start_with(&[IDLE]);
    let ann = server.sign_up("ann@example.org");
    for path in ["/api/v1/monitors/", "/api/v1/auth/me/", "/api/v1/monitors//", "/api/openapi.json/", "/docs/"] {
        let answer = server.raw("GET", path, &[("authorization", &format!("Bearer {}", ann.access))], "");
        answer.problem(404);
        let detail = answer.body["detail"].as_str().unwrap();
        assert!(detail.ends_with(&format!("ask for {}", path.trim_end_matches('/'))), "{detail}");
    }
}

#[test]
fn foreign_pages_do_not_use_the_cookie() {
    let server = Server::start_with(&[IDLE]);
    let body = json!({"email": "ann@example.org", "password": PASSWORD}).to_string();
    server.raw("POST", "/api/v1/auth/register", &[("content-type", "application/json")], &body).expect(201);
    let json = ("content-type", "application/json");
    let login = server.raw("POST", "/api/v1/auth/login?cookie=true", &[json, ("origin", server.url())], &body);
    let cookie = login.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
    let own = ("origin", server.url());
    for path in ["/api/v1/auth/refresh", "/api/v1/auth/logout", "/api/v1/auth/login?cookie=true"] {
        for origin in ["https://evil.example", "null", "http://127.0.0.1:1"] {
            let answer = server.raw("POST", path, &[json, ("cookie", &cookie), ("origin", origin)], &body);
            answer.problem(403);
            assert!(answer.header("set-cookie").is_none());
        }
    }
    let renewed = server.raw("POST", "/api/v1/auth/refresh", &[("cookie", &cookie), own], "");
    let cookie = renewed.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
    // Where people reach it may be another name than the one it is asked by.
    let public = ("origin", "http://localhost:8080");
    server.raw("POST", "/api/v1/auth/logout", &[("cookie", &cookie), public], "").expect(204);
}

#[test]
fn names_deceive_nobody() {
    let server = Server::start_with(&[IDLE]);
    let ann = server.sign_up("ann@example.org");
    for name in ["pay\u{202e}lap", "a\u{200b}b", "a\u{2066}b", "a\u{feff}b", "a\u{e0041}b", "a\u{2028}b", "a\u{85}b"] {
        let hook = json!({"url": "https://a.example/"});
        let named = |pointer: &str, answer: support::Answer| {
            assert_eq!(answer.problem(422), [pointer], "{name:?}");
            let said = answer.body["errors"][0]["detail"].as_str().unwrap();
            let code = format!("U+{:04X}", u32::from(name.chars().find(|c| !c.is_ascii()).unwrap()));
            assert!(said.contains(&code), "{said}");
        };
        named("/name", ann.post("/api/v1/monitors", &json!({"name": name, "url": "http://a.example/"})));
        named(
            "/tags/0",
            ann.post("/api/v1/monitors", &json!({"name": "a", "url": "http://a.example/", "tags": [name]})),
        );
        named("/name", ann.post("/api/v1/channels", &json!({"name": name, "kind": "webhook", "settings": hook})));
        named("/name", ann.post("/api/v1/policies", &json!({"name": name})));
        named("/name", ann.post("/api/v1/api-keys", &json!({"name": name, "scopes": ["read"]})));
        let account = json!({"email": "bob@example.org", "password": PASSWORD, "name": name});
        named("/name", server.post("/api/v1/auth/register", &account));
        ann.post("/api/v1/regions", &json!({"id": name})).problem(422);
    }
    let family = "👩\u{200d}👩\u{200d}👧 נמר می\u{200c}خواهم";
    ann.post("/api/v1/monitors", &json!({"name": family, "url": "http://a.example/"})).expect(201);
}

#[test]
fn workers_have_names_for_operators_alone() {
    let server = Server::start_with(&[IDLE]);
    let (ann, bob) = (server.sign_up("ann@example.org"), server.sign_up("bob@example.org"));
    server.psql("insert into regions (id, from_slot) values ('eu-west', 0)");
    server.psql(
        "insert into workers select key, w, '0.1.0', 3, 512, 20, -4, null, now() from regions, unnest(array['node-7.dc.internal', 'x']) w",
    );
    let names = |user: &support::User<'_>| {
        let regions = user.get("/api/v1/regions").expect(200);
        let workers = regions["items"][0]["workers"].as_array().unwrap().clone();
        workers.iter().map(|worker| worker["worker"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(&ann), ["node-7.dc.internal", "x"]);
    assert_eq!(names(&bob), ["1", "2"]);
}

#[test]
fn a_refused_receiver_does_not_tell_where_its_name_leads() {
    let server = Server::start_with(&[IDLE]);
    let ann = server.sign_up("ann@example.org");
    let hook = json!({"name": "Hook", "kind": "webhook", "settings": {"url": "http://localhost:9/"}});
    let hook = ann.post("/api/v1/channels", &hook).expect(201);
    let path = format!("/api/v1/channels/{}", hook["id"].as_str().unwrap());
    let tested = ann.post(&format!("{path}/test"), &json!({})).expect(200);
    let log = ann.get(&format!("{path}/deliveries")).expect(200);
    for said in [tested["answer"].to_string(), log["items"][0]["answer"].to_string()] {
        assert!(said.contains("is not dialled: loopback address"), "{said}");
        assert!(!said.contains("127.0.0.1") && !said.contains("::1"), "{said}");
    }
}

#[test]
fn readyz_says_what_has_to_be_mended() {
    let server = Server::start_with(&[IDLE]);
    let condition = |name: &str| server.admin("/readyz").body["conditions"][name].as_str().unwrap().to_owned();
    eventually("it is ready", || (condition("redis") == "ok").then_some(()));
    server.redis.cli(&["CONFIG", "SET", "requirepass", "another"]).unwrap();
    server.redis.cli(&["-a", "another", "CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"]).unwrap();
    eventually("the password is named", || condition("redis").contains("password").then_some(()));
    server.redis.cli(&["-a", "another", "CONFIG", "SET", "requirepass", ""]).unwrap();
    eventually("Redis is there again", || (condition("redis") == "ok").then_some(()));

    server.psql("alter database upguard with allow_connections true connection limit 0");
    server.psql("select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'upguard%'");
    assert_ne!(condition("postgres"), "no answer within 1 s");
}

#[test]
fn a_hangup_lets_requests_finish() {
    let mut server = Server::start_with(&[IDLE]);
    server.control.signal(Signal::SIGHUP).unwrap();
    let ended = server.control.wait(std::time::Duration::from_secs(10)).unwrap();
    assert!(ended.success(), "{ended}\n{}", server.log());
    assert!(server.log().contains("stopping: requests and transactions finish first"));
}
