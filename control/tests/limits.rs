//! What tenants may have, and what they may have done to others. Only the test itself pushes and stores.

#![allow(clippy::unwrap_used, reason = "a test that finds nothing fails")]

mod support;

use std::thread;

use serde_json::{Value, json};
use support::{Answer, Server, User};

const PATH: &str = "/api/v1/monitors";

/// A replica that serves and does nothing else, with two regions, and limits of the test's own.
fn server(quota: &[(&str, &str)]) -> Server {
    let variables: Vec<_> = quota.iter().map(|(name, value)| (format!("UPGUARD_QUOTA__{name}"), *value)).collect();
    let mut variables: Vec<_> = variables.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    variables.push(("UPGUARD_STREAM__WORK", "false"));
    let server = Server::start_with(&variables);
    server.psql("insert into regions (id, from_slot) values ('eu-west', 0), ('us-east', 0)");
    server
}

fn create(user: &User<'_>, url: &str) -> String {
    let body = json!({"name": url, "url": url, "interval": 60});
    let made = user.post(PATH, &body).expect(201);
    format!("{PATH}/{}", made["id"].as_str().unwrap())
}

fn check(user: &User<'_>, monitor: &str) -> Answer {
    user.post(&format!("{monitor}/check"), &json!({}))
}

/// Jobs on both regions' streams: what probes will ask of sites.
fn jobs(server: &Server) -> usize {
    let length = |region: &str| {
        server.redis.cli(&["XLEN", &format!("{{betteruptime:website}}:{region}")]).unwrap().parse::<usize>().unwrap()
    };
    length("eu-west") + length("us-east")
}

#[track_caller]
fn is_turned_away(answer: &Answer, setting: &str) {
    answer.problem(429);
    let wait: u64 = answer.header("retry-after").unwrap().parse().unwrap();
    let said = answer.body["detail"].as_str().unwrap();
    assert!(wait >= 1 && said.contains(setting) && said.ends_with(&format!("wait {wait} s")), "{said}");
}

#[test]
fn a_button_rests_after_it_was_pressed() {
    let server = server(&[("REQUESTED_CHECKS_PAUSE", "1h")]);
    let ann = server.sign_up("ann@example.org");
    let (one, other) = (create(&ann, "http://a.example/"), create(&ann, "http://b.example/"));
    check(&ann, &one).expect(202);
    is_turned_away(&check(&ann, &one), "quota.requested_checks_pause");
    check(&ann, &other).expect(202);
    // Another target is looked at at once all the same.
    let before = jobs(&server);
    ann.patch(&one, &json!({"url": "http://a.example/other"})).expect(200);
    assert_eq!(jobs(&server), before + 2);
}

#[test]
fn an_organisation_has_so_many_checks_on_request() {
    let server = server(&[("REQUESTED_CHECKS", "20")]);
    let (ann, bob) = (server.sign_up("ann@example.org"), server.sign_up("bob@example.org"));
    let monitors: Vec<_> = (0..10).map(|n| create(&ann, &format!("http://site-{n}.example/"))).collect();
    // Half of 20 at once, by two regions each; then one in three seconds.
    assert!((10..=16).contains(&jobs(&server)), "{}", jobs(&server));
    is_turned_away(&check(&ann, &monitors[0]), "quota.requested_checks)");
    let body = json!({"url": "http://a.example/", "name": "a"});
    let free = create(&bob, "http://b.example/");
    check(&bob, &free).expect(202);
    ann.patch(&monitors[0], &json!({"url": "http://c.example/"})).expect(200);
    ann.post(PATH, &body).expect(201);
    assert!(jobs(&server) <= 24, "{}", jobs(&server));
}

#[test]
fn a_host_is_spared_by_all_together_and_by_bulk() {
    let server = server(&[("REQUESTED_CHECKS_HOST", "20")]);
    let (ann, bob) = (server.sign_up("ann@example.org"), server.sign_up("bob@example.org"));
    server.psql("create sequence n");
    let rows = "insert into monitors (id, organisation, lane, name, url, interval, phase, enabled)
         select gen_random_uuid(), (select id from organisations order by number limit 1), 0, 'm',
                'https://Victim.example/' || nextval('n'), 60, 0, false from generate_series(1, 1000);
         insert into monitor_status (monitor, status, since) select key, 'paused', 0 from monitors";
    server.psql(rows);
    let ids: Vec<_> = server.psql("select id from monitors").lines().map(str::to_owned).collect();
    let done = ann.post("/api/v1/monitors/bulk", &json!({"action": "resume", "ids": ids})).expect(200);
    assert!(done["items"].as_array().unwrap().iter().all(|item| item["ok"] == true));
    assert_eq!(server.psql("select count(*) from monitors where enabled"), "1000");
    assert!((10..=14).contains(&jobs(&server)), "{}", jobs(&server));
    let bobs = create(&bob, "http://victim.example:8080/");
    is_turned_away(&check(&bob, &bobs), "quota.requested_checks_host");
    let other = create(&bob, "http://b.example/");
    check(&bob, &other).expect(202);
    let keys = server.redis.cli(&["--scan", "--pattern", "*_budget*"]).unwrap();
    assert!(!keys.contains("victim") && keys.lines().count() == 2, "{keys}");
}

#[test]
fn a_lost_redis_neither_opens_the_gates_nor_shuts_people_out() {
    let mut server = server(&[("CHANNEL_TESTS", "3")]);
    let access = server.sign_up("ann@example.org").access.clone();
    let hook = json!({"name": "Hook", "kind": "webhook", "settings": {"url": "http://127.0.0.1:9/"}});
    let hook = server.send("POST", "/api/v1/channels", Some(&access), Some(&hook)).expect(201);
    let test = format!("/api/v1/channels/{}/test", hook["id"].as_str().unwrap());
    server.redis.stop().unwrap();
    let statuses: Vec<_> = (0..6).map(|_| server.send("POST", &test, Some(&access), None).status).collect();
    assert_eq!(statuses, [200, 200, 200, 429, 429, 429]);
    let login = json!({"email": "ann@example.org", "password": support::PASSWORD});
    server.post("/api/v1/auth/login", &login).expect(200);
}

#[test]
fn monitors_have_a_quota_that_two_at_once_cannot_both_fit_into() {
    let server = server(&[("MONITORS", "5")]);
    let ann = server.sign_up("ann@example.org");
    let body = json!({"name": "a", "url": "http://a.example/"});
    let statuses: Vec<u16> = thread::scope(|scope| {
        let ask = || server.send("POST", PATH, Some(&ann.access), Some(&body)).status;
        let asking: Vec<_> = (0..12).map(|_| scope.spawn(ask)).collect();
        asking.into_iter().map(|it| it.join().unwrap()).collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 5, "{statuses:?}");
    assert_eq!(server.psql("select count(*) from monitors"), "5");
    let refused = ann.post(PATH, &body);
    assert_eq!(refused.problem(422), [""]);
    let said = refused.body["errors"][0]["detail"].as_str().unwrap();
    assert!(said.contains("may have 5 monitors and has 5") && said.contains("quota.monitors"), "{said}");
    let quota = ann.get("/api/v1/quota").expect(200);
    assert_eq!(quota["monitors"], json!({"used": 5.0, "limit": 5}));
    assert_eq!(quota["checks_per_minute"], json!({"used": 10.0, "limit": null}));
    let bob = server.sign_up("bob@example.org");
    create(&bob, "http://b.example/");
}

#[test]
fn scheduled_checks_have_a_quota_wherever_they_grow() {
    let server = server(&[("CHECKS_PER_MINUTE", "8")]);
    let ann = server.sign_up("ann@example.org");
    let one = create(&ann, "http://a.example/");
    let refused = |answer: Answer, pointer: &str| {
        assert_eq!(answer.problem(422), [pointer]);
        let said = answer.body["errors"][0]["detail"].as_str().unwrap().to_owned();
        assert!(said.contains("quota.checks_per_minute") && said.contains("may have 8"), "{said}");
    };
    refused(ann.patch(&one, &json!({"interval": 10})), "/interval");
    ann.patch(&one, &json!({"interval": 30})).expect(200);
    let fast = json!({"name": "b", "url": "http://b.example/", "interval": 20, "regions": ["eu-west"]});
    ann.post(PATH, &fast).expect(201);
    refused(ann.post(PATH, &fast), "/interval");
    // Paused monitors cost nothing until they are resumed, by whatever road.
    ann.post(&format!("{one}/pause"), &json!({})).expect(200);
    let two = ann.post(PATH, &fast).expect(201);
    refused(ann.post(&format!("{one}/resume"), &json!({})), "/enabled");
    refused(ann.patch(&one, &json!({"enabled": true})), "/enabled");
    let id = one.rsplit('/').next().unwrap();
    refused(ann.post("/api/v1/monitors/bulk", &json!({"action": "resume", "ids": [id]})), "/action");
    let two = format!("{PATH}/{}", two["id"].as_str().unwrap());
    refused(ann.patch(&two, &json!({"regions": []})), "/regions");
    ann.patch(&two, &json!({"name": "c"})).expect(200);
    let used: Value = ann.get("/api/v1/quota").expect(200)["checks_per_minute"].clone();
    assert_eq!(used, json!({"used": 6.0, "limit": 8}));
}
