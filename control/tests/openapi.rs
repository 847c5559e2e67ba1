//! The API's document and the API: what it says of roles is true, every list and page it names answers, and other people's
//! programs can read it. That each answer looks as it says is checked wherever a test gets one: see `support/contract.rs`.

#![allow(clippy::unwrap_used, reason = "a test that finds nothing fails")]

mod support;

use std::{fs, time::Duration};

use serde_json::{Value, json};
use support::{Answer, Server, User, contract::DOCUMENT, incidents::down};
use uuid::Uuid;

const OPENED: i64 = 1_700_000_000;

/// A replica that serves and does nothing else.
fn server() -> Server {
    Server::start_with(&[("UPGUARD_STREAM__WORK", "false")])
}

/// Every operation: method, path, itself.
fn operations() -> impl Iterator<Item = (String, &'static str, &'static Value)> {
    let paths = DOCUMENT["paths"].as_object().unwrap();
    paths.iter().flat_map(|(path, item)| {
        item.as_object().unwrap().iter().map(|(method, it)| (method.to_uppercase(), path.as_str(), it))
    })
}

/// The least role an operation names; nothing where everybody who is signed in may. What it says of API keys is judged in
/// `api_keys.rs`.
fn role(operation: &Value) -> Option<&str> {
    operation["security"][0]["bearer"][0].as_str().filter(|word| !["person", "metrics"].contains(word))
}

fn is_open(operation: &Value) -> bool {
    operation["security"].as_array().is_some_and(|ways| ways.iter().any(|way| way.as_object().unwrap().is_empty()))
}

/// Asks with ids that are nobody's; a body where one belongs.
fn ask(server: &Server, token: Option<&str>, method: &str, path: &str, operation: &Value) -> Answer {
    let path = path.replace("{id}", &Uuid::nil().to_string()).replace("{key}", "1");
    let body = operation.get("requestBody").map(|_| json!({}));
    server.send(method, &path, token, body.as_ref())
}

#[test]
fn roles_are_as_it_says() {
    let server = server();
    let ann = server.sign_up("ann@example.org");
    for (method, path, operation) in operations() {
        if is_open(operation) {
            assert_ne!(ask(&server, None, &method, path, operation).status, 415, "{method} {path}");
            continue;
        }
        assert_eq!(ask(&server, None, &method, path, operation).status, 401, "{method} {path} without a token");
    }
    for (rank, held) in ["viewer", "editor", "admin"].into_iter().enumerate() {
        server.psql(&format!("update memberships set role = '{held}'"));
        for (method, path, operation) in operations().filter(|(_, path, it)| !is_open(it) && *path != "/api/v1/events")
        {
            let needed =
                ["viewer", "editor", "admin"].iter().position(|one| *one == role(operation).unwrap_or("viewer"));
            let answer = ask(&server, Some(&ann.access), &method, path, operation);
            assert_eq!(answer.status == 403, rank < needed.unwrap(), "{method} {path} for {held}: {}", answer.body);
        }
    }
}

#[test]
fn whatever_can_be_looked_at_looks_as_it_says() {
    let server = server();
    let ann = server.sign_up("ann@example.org");
    let (monitor, channel, policy, incident) = scene(&server, &ann);
    let id_of = |path: &str| match path.split('/').nth(3).unwrap() {
        "monitors" => monitor.clone(),
        "channels" => channel.clone(),
        "policies" => policy.clone(),
        _ => incident.clone(),
    };
    // What a mail's link leads to needs the mail: see `strangers.rs`.
    let is_page = |path: &str| path != "/api/v1/events" && !path.starts_with("/api/v1/public/");
    for (_, path, _) in operations().filter(|(method, path, _)| method == "GET" && is_page(path)) {
        let mut path = path.replace("{id}", &id_of(path));
        if path.ends_with("/beats") {
            path = format!("{path}?ids={monitor}");
        }
        let answer = ann.get(&path).expect(200);
        if let Some(items) = answer["items"].as_array() {
            assert!(!items.is_empty(), "{path} lists nothing: the scene lacks something to look at");
        }
    }
    assert!(!ann.get("/api/v1/monitors?view=live").expect(200)["items"].as_array().unwrap().is_empty());
}

/// One of everything; the ids of a monitor, a channel, a policy and an incident.
fn scene(server: &Server, ann: &User<'_>) -> (String, String, String, String) {
    server.psql(
        "insert into regions (id, from_slot) values ('eu-west', 0);
         select make_partitions(frontier, frontier + 86400) from lanes;
         insert into workers (region, worker, version, in_flight, concurrency, queue_age_ms, clock_offset_ms, seen_at)
         select key, 'w', '1', 0, 1, 0, 0, now() from regions",
    );
    let id = |answer: Value| answer["id"].as_str().unwrap().to_owned();
    let settings = json!({"url": "https://ops.example/hook"});
    let channel = json!({"name": "Ops", "kind": "webhook", "settings": settings});
    let channel = id(ann.post("/api/v1/channels", &channel).expect(201));
    let policy = id(ann.post("/api/v1/policies", &json!({"name": "Ops", "channels": [channel]})).expect(201));
    ann.post("/api/v1/api-keys", &json!({"name": "CI", "scopes": ["read"]})).expect(201);
    let monitor = json!({"name": "Shop", "url": "https://shop.example/", "alert_policy": policy, "tags": ["shop"]});
    let monitor = id(ann.post("/api/v1/monitors", &monitor).expect(201));
    let key = server.psql("select key from monitors").parse().unwrap();
    let incident = server.open(vec![down(key)], OPENED, Duration::ZERO).remove(0);
    server.psql(&format!(
        r#"insert into results (slot, monitor, region, attempt, verdict, reason, started_ms)
           select extract(epoch from now())::bigint - 2, m.key, r.key, 255, 'down', 'connect', 0 from monitors m, regions r;
           insert into incident_failures (incident, region, slot, attempt, reason, detail, evidence)
           select '{incident}', key, {OPENED}, 0, 'connect', 'refused', '{{"request": "GET /", "response_head": null, "body": null,
                  "body_cut": false, "certificate": {{"subject": "CN=a", "issuer": "CN=b", "not_before": 1, "not_after": 2, "names": []}}}}'
           from regions"#
    ));
    // Two messages: one that was given up after a try, and one that is still to be sent.
    ann.post(&format!("/api/v1/incidents/{incident}/acknowledge"), &json!({})).expect(200);
    server.psql(
        "insert into deliveries (channel, outbox, attempt, ok, status, answer, took_ms)
         select channel, key, 1, false, 500, 'no', 7 from outbox where what = 'opened'",
    );
    (monitor, channel, policy, incident)
}

#[test]
fn people_and_programs_can_read_it() {
    let server = server();
    let served = server.get("/api/openapi.json").expect(200);
    assert_eq!(served, *DOCUMENT);
    let page = server.get("/docs");
    assert_eq!(page.headers["content-type"], "text/html; charset=utf-8");
    assert!(
        page.headers["content-security-policy"].to_str().unwrap().starts_with("default-src 'none'; script-src 'self'")
    );
    for (file, kind) in [("docs.css", "text/css; charset=utf-8"), ("docs.js", "text/javascript; charset=utf-8")] {
        let answer = server.get(&format!("/docs/{file}"));
        assert_eq!((answer.status, &answer.headers["content-type"]), (200, &kind.parse().unwrap()));
    }
    server.get("/docs/nothing.js").problem(404);
}

/// By the reference validator of the OpenAPI Initiative's schema.
#[test]
fn it_is_valid() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("openapi.json");
    fs::write(&path, DOCUMENT.to_string()).unwrap();
    let mut python = testbed::python::with_packages(&["openapi-spec-validator"]).unwrap();
    let output = python.args(["-m", "openapi_spec_validator"]).arg(&path).output().unwrap();
    assert!(
        output.status.success(),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}
