//! Channels and policies as a client sees them.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test says where it fails")]

mod support;

use serde_json::{Value, json};
use support::{Server, User};

const PATH: &str = "/api/v1/channels";
const POLICIES: &str = "/api/v1/policies";
const NOBODYS: &str = "00000000-0000-7000-8000-000000000000";
const IDLE: (&str, &str) = ("UPGUARD_STREAM__WORK", "false");

fn make(user: &User<'_>, body: &Value) -> Value {
    user.post("/api/v1/channels", body).expect(201)
}

fn webhook(url: &str) -> Value {
    json!({"name": "Hook", "kind": "webhook", "settings": {"url": url}})
}

fn at(row: &Value, rest: &str) -> String {
    format!("{PATH}/{}{rest}", row["id"].as_str().unwrap())
}

fn test(user: &User<'_>, channel: &Value) -> Value {
    user.post(&at(channel, "/test"), &json!({})).expect(200)
}

#[test]
fn a_channel_is_made_changed_and_taken_away() {
    let server = Server::start_with(&[IDLE]);
    let ann = server.sign_up("ann@example.org");
    let answer = ann.post("/api/v1/channels", &webhook("https://hooks.example.org/up"));
    let location = answer.header("location").unwrap().to_owned();
    let made = answer.expect(201);
    assert_eq!(location, at(&made, ""));
    assert!(made["secret"].as_str().unwrap().starts_with("whsec_"));
    assert_eq!((&made["secrets"], &made["able"], &made["why_not"]), (&json!(["secret"]), &json!(true), &Value::Null));

    let seen = ann.get(&format!("/api/v1/channels/{}", made["id"].as_str().unwrap())).expect(200);
    assert_eq!((seen.get("secret"), &seen["settings"]), (None, &json!({"url": "https://hooks.example.org/up"})));
    let patched = ann
        .patch(&at(&made, ""), &json!({"name": "Night", "enabled": false, "settings": {"url": "https://b.example/"}}));
    let patched = patched.expect(200);
    assert_eq!((&patched["name"], &patched["settings"]["url"]), (&json!("Night"), &json!("https://b.example/")));
    assert_eq!(patched["why_not"], "the channel is switched off");
    assert!(patched.get("secret").is_none());

    let all = ann.get("/api/v1/channels").expect(200);
    let names: Vec<_> = all["items"].as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap()).collect();
    assert_eq!(names.len(), 2, "the owners' mail is there from the beginning: {names:?}");
    let first = ann.get(&format!("{PATH}?limit=1")).expect(200);
    let rest = ann.get(&format!("{PATH}?limit=1&after={}", first["next"].as_str().unwrap())).expect(200);
    assert_eq!((rest["items"].as_array().unwrap().len(), &rest["next"]), (1, &Value::Null));

    ann.delete(&format!("/api/v1/channels/{}", made["id"].as_str().unwrap())).expect(204);
    ann.get(&at(&made, "")).problem(404);
    ann.delete(&at(&made, "")).problem(404);
    assert_eq!(server.psql("select count(*) from channels where deleted_at is not null and secrets is null"), "1");
}

#[test]
fn secrets_are_sealed_and_never_shown() {
    let server = Server::start_with(&[IDLE]);
    let ann = server.sign_up("ann@example.org");
    let bodies = [
        json!({"name": "a", "kind": "slack", "settings": {"url": "https://hooks.slack.com/services/HUSH"}}),
        json!({"name": "b", "kind": "discord", "settings": {"url": "https://discord.com/api/webhooks/1/HUSH"}}),
        json!({"name": "c", "kind": "telegram", "settings": {"token": "1:HUSH", "chat_id": "@ops"}}),
        json!({"name": "d", "kind": "pagerduty", "settings": {"routing_key": "HUSH".repeat(8)}}),
        json!({"name": "e", "kind": "ntfy", "settings": {"topic": "ops", "token": "HUSH"}}),
        json!({"name": "f", "kind": "webhook", "settings": {"url": "https://a.example/", "secret": "whsec_HUSHHUSHHUSHHUSHHUSHHUSHHUSHHUSH"}}),
    ];
    for body in &bodies {
        let made = make(&ann, body).to_string();
        assert!(!made.contains("HUSH"), "{made}");
    }
    let all = ann.get(PATH).expect(200);
    assert!(!all.to_string().contains("HUSH"));
    assert_eq!(all["items"].as_array().unwrap().len(), 7);
    let stored = server.psql("select coalesce(encode(secrets, 'escape'), '') || settings from channels");
    assert!(!stored.contains("HUSH"), "{stored}");
    assert!(!server.log().contains("HUSH"));
}

#[test]
fn every_bad_field_is_named_at_once() {
    let server = Server::start_with(&[IDLE]);
    let ann = server.sign_up("ann@example.org");
    let bad = json!({"name": "", "kind": "webhook", "settings": {"url": "ftp://x", "colour": 1}, "id": "x"});
    assert_eq!(ann.post(PATH, &bad).problem(422), ["/id", "/name", "/settings/colour", "/settings/url"]);
    assert_eq!(ann.post(PATH, &json!({"name": "a"})).problem(422), ["/kind", "/settings"]);
    let ntfy = make(&ann, &json!({"name": "a", "kind": "ntfy", "settings": {"topic": "a", "token": "x"}}));
    let moved = json!({"settings": {"server": "https://evil.example"}});
    assert_eq!(ann.patch(&at(&ntfy, ""), &moved).problem(422), ["/settings/token"]);
    assert_eq!(ann.patch(&at(&ntfy, ""), &json!({"settings": {"topic": null}})).problem(422), ["/settings/topic"]);
    assert_eq!(ann.patch(&at(&ntfy, ""), &json!({"kind": "slack"})).status, 422);
    ann.get(&format!("{PATH}?colour=red")).problem(400);

    let policy = json!({"name": "", "channels": [NOBODYS, "x"], "sends": ["loud"], "delay": -1, "reminder": 1});
    assert_eq!(ann.post(POLICIES, &policy).problem(422), ["/channels/1", "/delay", "/name", "/reminder", "/sends/0"]);
    assert_eq!(ann.post(POLICIES, &json!({"name": "a", "channels": [NOBODYS]})).problem(422), ["/channels/0"]);
}

#[test]
fn other_peoples_channels_and_policies_are_not_there() {
    let server = Server::start_with(&[IDLE]);
    let (ann, bob) = (server.sign_up("ann@example.org"), server.sign_up("bob@example.org"));
    let channel = make(&ann, &webhook("https://hooks.example.org/up"));
    let policy = ann.post(POLICIES, &json!({"name": "Night", "channels": [channel["id"]]})).expect(201);
    let before = server.psql("select c, p from channels c, policies p order by c.id, p.id");
    let (id, policy) = (channel["id"].as_str().unwrap(), policy["id"].as_str().unwrap());
    for (method, path, of, body) in [
        ("GET", "/api/v1/channels/{id}", id, None),
        ("PATCH", "/api/v1/channels/{id}", id, Some(json!({"name": "mine"}))),
        ("DELETE", "/api/v1/channels/{id}", id, None),
        ("POST", "/api/v1/channels/{id}/test", id, None),
        ("POST", "/api/v1/channels/{id}/rotate-secret", id, None),
        ("GET", "/api/v1/policies/{id}", policy, None),
        ("PATCH", "/api/v1/policies/{id}", policy, Some(json!({"name": "mine"}))),
        ("DELETE", "/api/v1/policies/{id}", policy, None),
    ] {
        let with = |id: &str| path.replace("{id}", id);
        server.send(method, &with(of), Some(&bob.access), body.as_ref()).problem(404);
        server.send(method, &with(NOBODYS), Some(&ann.access), body.as_ref()).problem(404);
        server.send(method, &with(of), None, body.as_ref()).problem(401);
        server.send(method, &with("7"), Some(&ann.access), body.as_ref()).problem(404);
    }
    assert_eq!(bob.post(POLICIES, &json!({"name": "a", "channels": [id]})).problem(422), ["/channels/0"]);
    assert_eq!(server.psql("select c, p from channels c, policies p order by c.id, p.id"), before);

    server.psql("update memberships set role = 'editor'");
    ann.get(&at(&channel, "")).expect(200);
    ann.get(POLICIES).expect(200);
    ann.post(PATH, &webhook("https://a.example/")).problem(403);
    ann.post(&at(&channel, "/test"), &json!({})).problem(403);
    ann.post(POLICIES, &json!({"name": "a"})).problem(403);
}

#[test]
fn policies_say_whom_they_tell() {
    let server = Server::start_with(&[IDLE]);
    let ann = server.sign_up("ann@example.org");
    let all = ann.get("/api/v1/policies").expect(200);
    let usual = &all["items"][0];
    assert_eq!((&usual["name"], &usual["default"]), (&json!("Default"), &json!(true)));
    assert_eq!(usual["sends"], json!(["certificate", "region", "lane", "down"]));
    assert_eq!(usual["warning"], "nobody will be told: smtp.host is not set");
    let mail = &usual["tells"][0];
    assert_eq!((&mail["why_not"], &mail["why_not_code"]), (&json!("smtp.host is not set"), &json!("no_mail_server")));

    let hook = make(&ann, &webhook("https://hooks.example.org/up"));
    let body = json!({"name": "Night", "channels": [hook["id"]], "sends": ["down", "regional"], "delay": 60, "reminder": 3600});
    let answer = ann.post("/api/v1/policies", &body);
    let location = answer.header("location").unwrap().to_owned();
    let night = answer.expect(201);
    let id = night["id"].as_str().unwrap();
    assert_eq!(location, format!("{POLICIES}/{id}"));
    assert_eq!((&night["default"], &night["warning"]), (&json!(false), &Value::Null));
    assert_eq!(
        night["tells"],
        json!([{"channel": hook["id"], "name": "Hook", "kind": "webhook", "able": true, "why_not": null, "why_not_code": null}])
    );
    assert_eq!(ann.get(&format!("/api/v1/policies/{id}")).expect(200), night);

    ann.patch(&at(&hook, ""), &json!({"enabled": false})).expect(200);
    let silent = ann.get(&location).expect(200);
    assert_eq!(silent["warning"], "nobody will be told: the channel is switched off");
    ann.delete(&at(&hook, "")).expect(204);
    let empty = ann.get(&location).expect(200);
    assert_eq!(
        (&empty["channels"], &empty["warning"]),
        (&json!([]), &json!("nobody will be told: the policy has no channels"))
    );
}

#[test]
fn there_is_always_one_default() {
    let server = Server::start_with(&[IDLE]);
    let ann = server.sign_up("ann@example.org");
    let usual = ann.get(POLICIES).expect(200)["items"][0]["id"].as_str().unwrap().to_owned();
    let one = |id: &str| format!("/api/v1/policies/{id}");
    ann.delete(&one(&usual)).problem(409);
    assert_eq!(ann.patch(&one(&usual), &json!({"default": false})).problem(422), ["/default"]);

    let night = ann.post(POLICIES, &json!({"name": "Night", "default": true})).expect(201);
    assert_eq!((&night["default"], &ann.get(&one(&usual)).expect(200)["default"]), (&json!(true), &json!(false)));
    ann.patch(&one(&usual), &json!({"default": true, "delay": 5})).expect(200);
    assert_eq!(server.psql("select name, delay from policies where is_default"), "Default|5");
    ann.delete(&format!("/api/v1/policies/{}", night["id"].as_str().unwrap())).expect(204);
    ann.get(&one(night["id"].as_str().unwrap())).problem(404);
}

#[test]
fn tests_are_limited() {
    let server = Server::start_with(&[IDLE]);
    let (ann, bob) = (server.sign_up("ann@example.org"), server.sign_up("bob@example.org"));
    let hook = make(&ann, &webhook("http://127.0.0.1:9/"));
    let answers: Vec<_> = (0..30).map(|_| ann.post(&at(&hook, "/test"), &json!({})).status).collect();
    assert!(answers.contains(&429), "{answers:?}");
    let refused = ann.post(&at(&hook, "/test"), &json!({}));
    assert!(refused.header("retry-after").is_some());
    let bobs = make(&bob, &webhook("http://127.0.0.1:9/"));
    assert_eq!(test(&bob, &bobs)["ok"], false);
}

#[test]
fn without_a_key_nothing_secret_is_stored() {
    let server = Server::start_with(&[IDLE, ("UPGUARD_SECRETS__KEY", "")]);
    let ann = server.sign_up("ann@example.org");
    let refused = ann.post(PATH, &webhook("https://a.example/"));
    refused.problem(409);
    assert!(refused.body["detail"].as_str().unwrap().contains("UPGUARD_SECRETS__KEY"), "{}", refused.body);
    make(&ann, &json!({"name": "a", "kind": "ntfy", "settings": {"topic": "a"}}));
    make(&ann, &json!({"name": "b", "kind": "email", "settings": {"to": ["a@example.org"]}}));
}

#[test]
fn the_key_can_be_changed() {
    let server = Server::start_with(&[IDLE]);
    let ann = server.sign_up("ann@example.org");
    make(&ann, &webhook("https://a.example/"));
    let reseal = |keys: &str| {
        let mut command = server.command();
        command.args(["admin", "reseal"]).env("UPGUARD_SECRETS__KEY", "").env("UPGUARD_SECRETS__KEYS", keys);
        let output = command.output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8(said).unwrap())
    };
    let new = "b".repeat(32);
    let blob = || server.psql("select encode(secrets, 'hex') from channels where secrets is not null");
    let before = blob();
    let (ok, said) = reseal(&new);
    assert!(!ok && said.contains("cannot be read"), "{said}");
    assert_eq!(blob(), before);
    // Texts in a list may have commas and blanks of their own.
    let both = json!([new, support::SECRET]).to_string();
    let (ok, said) = reseal(&both);
    assert!(ok && said.contains("1 channels were sealed anew"), "{said}");
    assert_ne!(blob(), before);
    let (ok, said) = reseal(&new);
    assert!(ok && said.contains("0 channels"), "{said}");
    // This replica knows the old key alone: it says so, and still shows and takes what it can.
    let hook = ann.get(PATH).expect(200)["items"][1].clone();
    assert!(hook["why_not"].as_str().unwrap().contains("sealed with a key that is not configured"), "{hook}");
    assert_eq!(test(&ann, &hook)["ok"], false);
    assert_eq!(ann.patch(&at(&hook, ""), &json!({"name": "b"})).problem(422), ["/settings/secret"]);
    let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    let entered = ann.patch(&at(&hook, ""), &json!({"settings": {"secret": secret}})).expect(200);
    assert_eq!(entered["able"], true);
}
