//! API keys as programs and admins use them, and what each route asks of whoever asks.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test says where it fails")]

mod sse;
mod support;

use std::{collections::BTreeSet, thread};

use api::routes;
use serde_json::{Value, json};
use sse::Stream;
use support::{Answer, Server, User, contract::DOCUMENT, eventually};

const KEYS: &str = "/api/v1/api-keys";

/// A replica that serves and does nothing else.
fn server() -> Server {
    Server::start_with(&[("UPGUARD_STREAM__WORK", "false")])
}

/// A new key: its id and the key itself.
fn key(user: &User<'_>, scopes: &[&str]) -> (String, String) {
    let made = user.post(KEYS, &json!({"name": scopes.join(" and "), "scopes": scopes})).expect(201);
    let text = |field: &str| made[field].as_str().unwrap().to_owned();
    (text("id"), text("key"))
}

fn get(server: &Server, path: &str, key: &str) -> Answer {
    server.send("GET", path, Some(key), None)
}

#[test]
fn a_key_is_shown_once_used_and_revoked() {
    let server = server();
    let ann = server.sign_up("ann@example.org");
    let body = json!({"name": " Deploys ", "scopes": ["write", "read", "read"], "expires_at": "2999-01-01T00:00:00Z"});
    let answer = ann.post(KEYS, &body);
    let place = answer.header("location").unwrap().to_owned();
    let mut made = answer.expect(201);
    let text = made.as_object_mut().unwrap().remove("key").unwrap().as_str().unwrap().to_owned();
    assert_eq!(place, format!("{KEYS}/{}", made["id"].as_str().unwrap()));
    assert_eq!((&made["name"], &made["scopes"]), (&json!("Deploys"), &json!(["read", "write"])));
    assert!(text.starts_with(made["prefix"].as_str().unwrap()) && text.len() == 49, "{text}");
    assert_eq!(
        (&made["created_by"]["name"], &made["created_by"]["kind"]),
        (&json!("ann@example.org"), &json!("person"))
    );
    assert_eq!((&made["expires_at"], &made["last_used_at"]), (&json!("2999-01-01T00:00:00.000Z"), &Value::Null));
    let list = ann.get(KEYS).expect(200);
    assert_eq!(list, json!({"items": [made], "next": null}), "the key itself is in no list");

    get(&server, "/api/v1/monitors", &text).expect(200);
    let used = || ann.get(KEYS).expect(200)["items"][0]["last_used_at"].clone();
    let first = used();
    assert!(first.is_string(), "{first}");
    get(&server, "/api/v1/monitors", &text).expect(200);
    assert_eq!(used(), first, "noted once a minute");
    server.psql("update api_keys set last_used_at = last_used_at - interval '61 seconds'");
    get(&server, "/api/v1/monitors", &text).expect(200);
    assert!(used().as_str() >= first.as_str(), "noted again after a minute");

    let stored = server.psql(&format!("select count(*) from api_keys k where k::text like '%{}%'", &text[9..]));
    assert_eq!((stored.as_str(), server.log().contains(&text)), ("0", false));
    assert_eq!(server.psql("select hash = sha256('x') or length(hash) <> 32 from api_keys"), "f");

    ann.delete(&place).expect(204);
    get(&server, "/api/v1/monitors", &text).problem(401);
    ann.delete(&place).problem(404);
    assert_eq!(ann.get(KEYS).expect(200)["items"], json!([]));

    let activity = ann.get("/api/v1/activity").expect(200);
    assert_eq!(activity["items"], json!([]));
    let done: Vec<_> =
        activity["keys"].as_array().unwrap().iter().map(|it| (&it["what"], &it["key"], &it["who"])).collect();
    let (key, who) = (json!({"id": made["id"], "name": "Deploys"}), &made["created_by"]);
    assert_eq!(done, [(&json!("revoked"), &key, who), (&json!("made"), &key, who)]);
    let one = ann.get("/api/v1/activity?limit=1").expect(200);
    assert_eq!(one["keys"], json!([activity["keys"][0]]));
}

#[test]
fn every_bad_field_of_a_key_is_named() {
    let server = server();
    let ann = server.sign_up("ann@example.org");
    let bad = json!({"name": "", "scopes": ["admin"], "expires_at": "2020-01-01T00:00:00Z", "key": "ug_mine"});
    assert_eq!(ann.post(KEYS, &bad).problem(422), ["/key", "/name", "/scopes/0", "/expires_at"]);
    assert_eq!(ann.post(KEYS, &json!({"name": "a", "scopes": []})).problem(422), ["/scopes"]);
    ann.get(&format!("{KEYS}?scope=read")).problem(400);
    for role in ["viewer", "editor"] {
        server.psql(&format!("update memberships set role = '{role}'"));
        ann.post(KEYS, &json!({"name": "a", "scopes": ["read"]})).problem(403);
        ann.delete(&format!("{KEYS}/{}", uuid::Uuid::now_v7())).problem(403);
        ann.get(KEYS).expect(200);
    }
}

#[test]
fn what_is_no_good_key_is_refused() {
    let server = server();
    let ann = server.sign_up("ann@example.org");
    let (id, good) = key(&ann, &["read"]);
    let other = |text: &str| if text.ends_with('A') { "B" } else { "A" };
    let shorter = &good[..good.len() - 1];
    let forged = [
        "ug_".to_owned(),
        "ug_x".to_owned(),
        shorter.to_owned(),
        format!("{shorter}{}", other(&good)),
        good.to_uppercase(),
        format!("{good}A"),
        format!("ug_{}", "0".repeat(46)),
        good.trim_start_matches("ug_").to_owned(),
        // A key as it should look, and nobody's.
        domain::api_key::KeyText::random().reveal().to_owned(),
    ];
    for forged in &forged {
        let refused = get(&server, "/api/v1/monitors", forged);
        refused.problem(401);
        assert_eq!(refused.header("www-authenticate"), Some("Bearer"));
    }
    // A person's token is no key, and a key no refresh token.
    server.post("/api/v1/auth/refresh", &json!({"refresh_token": good})).problem(401);
    server.send("POST", "/api/v1/auth/logout", Some(&good), None).problem(401);
    get(&server, "/api/v1/monitors", &good).expect(200);

    server.psql("update api_keys set expires_at = now() + interval '1 hour'");
    get(&server, "/api/v1/monitors", &good).expect(200);
    server.psql("update api_keys set expires_at = now() - interval '1 millisecond'");
    get(&server, "/api/v1/monitors", &good).problem(401);
    assert_eq!(
        ann.get(KEYS).expect(200)["items"][0]["id"],
        id.as_str(),
        "an expired one is listed until it is revoked"
    );
}

#[test]
fn who_guesses_has_to_wait_and_good_keys_do_not() {
    let server = Server::start_with(&[
        ("UPGUARD_STREAM__WORK", "false"),
        ("UPGUARD_AUTH__RATE__ADDRESS", "5"),
        ("UPGUARD_HTTP__TRUSTED_PROXIES", "127.0.0.0/8"),
    ]);
    let ann = server.sign_up("ann@example.org");
    let (_, good) = key(&ann, &["read"]);
    let from = |address: &str, key: &str| {
        let headers = [("authorization", &*format!("Bearer {key}")), ("x-forwarded-for", address)];
        server.raw("GET", "/api/v1/monitors", &headers, "")
    };
    for _ in 0..5 {
        from("192.0.2.1", "ug_guess").problem(401);
    }
    let limited = from("192.0.2.1", domain::api_key::KeyText::random().reveal());
    limited.problem(429);
    assert!(limited.header("retry-after").unwrap().parse::<u32>().unwrap() > 0);
    from("192.0.2.2", "ug_guess").problem(401);
    from("192.0.2.1", &good).expect(200);
}

#[test]
fn keys_are_the_organisations_own() {
    let server = server();
    let (ann, bob) = (server.sign_up("ann@example.org"), server.sign_up("bob@example.org"));
    let ((anns, ann_key), (_, bob_key)) = (key(&ann, &["write"]), key(&bob, &["write"]));
    let monitor = json!({"name": "shop", "url": "http://a.example/"});
    let made = server.send("POST", "/api/v1/monitors", Some(&ann_key), Some(&monitor)).expect(201);
    let path = format!("/api/v1/monitors/{}", made["id"].as_str().unwrap());
    get(&server, &path, &bob_key).problem(404);
    server.send("DELETE", &path, Some(&bob_key), None).problem(404);
    assert_eq!(get(&server, "/api/v1/monitors", &bob_key).expect(200)["items"], json!([]));
    bob.delete(&format!("{KEYS}/{anns}")).problem(404);
    assert_eq!(bob.get(KEYS).expect(200)["items"].as_array().unwrap().len(), 1);
    get(&server, &path, &ann_key).expect(200);

    // Whoever made it is gone; the key is the organisation's.
    server.psql("delete from memberships m using users u where u.id = m.user_id and u.email = 'ann@example.org'");
    ann.get(KEYS).problem(401);
    get(&server, &path, &ann_key).expect(200);
    server.psql("delete from users where email = 'ann@example.org'");
    get(&server, &path, &ann_key).expect(200);
}

#[test]
fn there_are_a_hundred_at_most_however_many_are_made_at_once() {
    let server = server();
    let ann = server.sign_up("ann@example.org");
    server.psql(
        "insert into api_keys (id, organisation, name, scopes, hash, prefix)
         select gen_random_uuid(), o.id, 'k' || n, '{read}', sha256(n::text::bytea), 'ug_' from organisations o, generate_series(1, 96) n",
    );
    let make = || ann.post(KEYS, &json!({"name": "one more", "scopes": ["read"]})).status;
    let made: Vec<u16> = thread::scope(|all| {
        let asked: Vec<_> = (0..8).map(|_| all.spawn(make)).collect();
        asked.into_iter().map(|asked| asked.join().unwrap()).collect()
    });
    let how_many = |status: u16| made.iter().filter(|it| **it == status).count();
    assert_eq!((how_many(201), how_many(409)), (4, 4), "{made:?}");

    // All of them, a page after the other, newest first.
    let (mut seen, mut path) = (Vec::new(), format!("{KEYS}?limit=30"));
    loop {
        let page = ann.get(&path).expect(200);
        seen.extend(page["items"].as_array().unwrap().iter().map(|it| it["id"].as_str().unwrap().to_owned()));
        let Some(next) = page["next"].as_str() else { break };
        path = format!("{KEYS}?limit=30&after={next}");
    }
    assert!(seen.is_sorted_by(|a, b| a > b) && seen.len() == 100, "{}", seen.len());
    ann.delete(&format!("{KEYS}/{}", seen[0])).expect(204);
    assert_eq!(make(), 201, "a revoked one makes room");
}

#[test]
fn what_a_key_does_to_an_incident_is_told_as_the_keys() {
    let server = server();
    server.psql("insert into regions (id, from_slot) values ('eu-west', 0)");
    let ann = server.sign_up("ann@example.org");
    let (id, robot) = key(&ann, &["write"]);
    ann.post("/api/v1/monitors", &json!({"name": "shop", "url": "http://a.example/"})).expect(201);
    let incident = server.open_down("select key from monitors").remove(0);
    let path = format!("/api/v1/incidents/{incident}");
    let act = |what: &str, body: &Value| {
        server.send("POST", &format!("/api/v1/incidents/{incident}/{what}"), Some(&robot), Some(body)).expect(200)
    };
    let who = json!({"kind": "api_key", "id": id, "name": "API key write"});
    assert_eq!(act("acknowledge", &json!({}))["acknowledged_by"], who);
    act("comments", &json!({"text": "rolled back"}));
    ann.post(&format!("{path}/comments"), &json!({"text": "thanks"})).expect(200);
    act("resolve", &json!({}));
    let told = ann.get(&path).expect(200);
    let timeline: Vec<_> = told["timeline"].as_array().unwrap().iter().map(|it| (&it["what"], &it["who"])).collect();
    assert_eq!(timeline[0], (&json!("opened"), &Value::Null));
    assert_eq!(timeline[1], (&json!("acknowledged"), &who));
    assert_eq!(timeline[2], (&json!("commented"), &who));
    assert_eq!((&timeline[3].1["kind"], &timeline[3].1["name"]), (&json!("person"), &json!("ann@example.org")));
    assert_eq!(timeline[4], (&json!("resolved"), &who));

    ann.delete(&format!("{KEYS}/{id}")).expect(204);
    assert_eq!(ann.get(&path).expect(200)["acknowledged_by"], who, "what it did stays its doing");
    let happened = ann.get("/api/v1/activity").expect(200);
    assert_eq!((&happened["items"][0]["who"], &happened["items"][2]["who"]), (&who, &Value::Null));
    // Messages say so as well.
    assert_eq!(server.psql("select string_agg(distinct name, ',') from timeline_shown where by_key"), "API key write");
}

#[test]
fn a_stream_of_events_ends_with_its_key() {
    let server = server();
    let ann = server.sign_up("ann@example.org");
    let (id, text) = key(&ann, &["read"]);
    let mut stream = Stream::listen(server.url(), &text, "", None);
    ann.post("/api/v1/monitors", &json!({"name": "a", "url": "http://a.example/"})).expect(201);
    assert_eq!(stream.next().unwrap().name, "monitor.changed");
    ann.delete(&format!("{KEYS}/{id}")).expect(204);
    eventually("the stream ends", || stream.next_or_ping().is_none().then_some(()));
    assert!(Stream::open(server.url(), &text, "", None).head.starts_with("http/1.1 401 "));
}

/// What a route asks of whoever asks.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Needs {
    /// Nothing: it hands out sign-ins, or ends them.
    Nothing,
    Look,
    Change,
    Person,
    Admin,
    Series,
}

use Needs::{Admin, Change, Look, Nothing, Person, Series};

const NEEDS: &[(&str, &str, Needs)] = &[
    ("POST", "/api/v1/auth/login", Nothing),
    ("POST", "/api/v1/auth/refresh", Nothing),
    ("POST", "/api/v1/auth/logout", Nothing),
    ("POST", "/api/v1/auth/register", Nothing),
    ("GET", "/api/v1/public/sign-up/{token}", Nothing),
    ("POST", "/api/v1/public/sign-up/{token}", Nothing),
    ("GET", "/api/v1/public/confirm/{token}", Nothing),
    ("POST", "/api/v1/public/confirm/{token}", Nothing),
    ("GET", "/api/v1/auth/me", Person),
    ("POST", "/api/v1/auth/password", Person),
    ("GET", "/api/v1/api-keys", Person),
    ("POST", "/api/v1/api-keys", Admin),
    ("DELETE", "/api/v1/api-keys/{id}", Admin),
    ("GET", "/api/v1/monitors/beats", Look),
    ("POST", "/api/v1/monitors/try", Change),
    ("POST", "/api/v1/monitors/bulk", Change),
    ("GET", "/api/v1/monitors", Look),
    ("POST", "/api/v1/monitors", Change),
    ("GET", "/api/v1/monitors/{id}", Look),
    ("PATCH", "/api/v1/monitors/{id}", Change),
    ("DELETE", "/api/v1/monitors/{id}", Change),
    ("POST", "/api/v1/monitors/{id}/pause", Change),
    ("POST", "/api/v1/monitors/{id}/resume", Change),
    ("POST", "/api/v1/monitors/{id}/check", Change),
    ("GET", "/api/v1/monitors/{id}/results", Look),
    ("GET", "/api/v1/monitors/{id}/verdict", Look),
    ("GET", "/api/v1/monitors/{id}/series", Look),
    ("GET", "/api/v1/monitors/{id}/uptime", Look),
    ("GET", "/api/v1/uptime", Look),
    ("GET", "/api/v1/quota", Look),
    ("GET", "/api/v1/regions", Look),
    ("POST", "/api/v1/regions", Admin),
    ("GET", "/api/v1/channels", Look),
    ("POST", "/api/v1/channels", Admin),
    ("GET", "/api/v1/channels/{id}", Look),
    ("PATCH", "/api/v1/channels/{id}", Admin),
    ("DELETE", "/api/v1/channels/{id}", Admin),
    ("POST", "/api/v1/channels/{id}/test", Admin),
    ("POST", "/api/v1/channels/{id}/rotate-secret", Admin),
    ("POST", "/api/v1/channels/{id}/confirmations", Admin),
    ("GET", "/api/v1/channels/{id}/deliveries", Look),
    ("GET", "/api/v1/policies", Look),
    ("POST", "/api/v1/policies", Admin),
    ("GET", "/api/v1/policies/{id}", Look),
    ("PATCH", "/api/v1/policies/{id}", Admin),
    ("DELETE", "/api/v1/policies/{id}", Admin),
    ("GET", "/api/v1/deliveries", Look),
    ("POST", "/api/v1/deliveries/{key}/resend", Change),
    ("GET", "/api/v1/events", Look),
    ("GET", "/api/v1/incidents", Look),
    ("GET", "/api/v1/incidents/{id}", Look),
    ("POST", "/api/v1/incidents/{id}/acknowledge", Change),
    ("POST", "/api/v1/incidents/{id}/resolve", Change),
    ("POST", "/api/v1/incidents/{id}/comments", Change),
    ("GET", "/api/v1/activity", Look),
    ("GET", "/api/v1/metrics", Series),
];

impl Needs {
    /// Whether a key with this scope, or a viewer, is enough.
    fn admits(self, who: &str) -> bool {
        match self {
            Nothing | Series => true,
            Look => ["read", "write", "viewer"].contains(&who),
            Change => who == "write",
            Person => who == "viewer",
            Admin => false,
        }
    }

    /// As the API's document has it.
    fn documented(self) -> Value {
        match self {
            Nothing => json!({}),
            Look => Value::Null,
            Change => json!({"bearer": ["editor"]}),
            Person => json!({"bearer": ["person"]}),
            Admin => json!({"bearer": ["admin"]}),
            Series => json!({"bearer": ["metrics"]}),
        }
    }
}

#[test]
fn every_route_says_what_it_needs() {
    let listed: BTreeSet<_> = NEEDS.iter().map(|(method, path, _)| (*method, *path)).collect();
    let ours = routes().filter(|(_, path)| path.starts_with("/api/v1/"));
    assert_eq!(listed, ours.copied().collect(), "each route, and nothing else");
    for (method, path, needs) in NEEDS {
        let documented = &DOCUMENT["paths"][path][method.to_lowercase()]["security"][0];
        assert_eq!(*documented, needs.documented(), "{method} {path}");
    }
}

#[test]
fn every_route_admits_whom_it_should_and_nobody_else() {
    let server = server();
    let ann = server.sign_up("ann@example.org");
    let keys = ["read", "write", "metrics"].map(|scope| (scope, key(&ann, &[scope]).1));
    server.psql("update memberships set role = 'viewer'");
    for (method, template, needs) in NEEDS.iter().filter(|(_, _, needs)| *needs != Nothing) {
        let path = template.replace("{id}", &uuid::Uuid::now_v7().to_string()).replace("{key}", "1");
        let body = (*method != "GET" && *method != "DELETE").then(|| json!({}));
        let asked_by = |token: Option<&str>| -> u16 {
            if *template == "/api/v1/events" {
                let head = Stream::open(server.url(), token.unwrap_or_default(), "", None).head;
                return head.split(' ').nth(1).unwrap().parse().unwrap();
            }
            server.send(method, &path, token, body.as_ref()).status
        };
        assert_eq!(asked_by(None), 401, "{method} {template} by nobody");
        let tokens = keys.iter().map(|(scope, key)| (*scope, key.as_str())).chain([("viewer", ann.access.as_str())]);
        for (who, token) in tokens {
            let status = asked_by(Some(token));
            assert_eq!(status != 403, needs.admits(who), "{method} {template} by {who}: {status}");
            assert!(status != 401 && status < 500, "{method} {template} by {who}: {status}");
        }
    }
}
