//! Incidents as people read and answer them. The test opens them itself, as the ingester does.

#![allow(clippy::unwrap_used, reason = "a test that finds nothing fails")]

mod support;

use std::time::Duration;

use domain::{
    incident::{Kind, Level, Subject},
    keys::RegionKey,
};
use serde_json::{Value, json};
use store::incidents::Opening;
use support::{Server, User, incidents::down};
use uuid::Uuid;

const PATH: &str = "/api/v1/incidents";
/// When everything here opens.
const OPENED: i64 = 1_700_000_000;

/// A replica that serves and does nothing else, with one region.
fn server() -> Server {
    let server = Server::start_with(&[("UPGUARD_STREAM__WORK", "false")]);
    server.psql("insert into regions (id, from_slot) values ('eu-west', 0)");
    server
}

/// A new monitor; its id.
fn monitor(user: &User<'_>, name: &str) -> String {
    let made = user.post("/api/v1/monitors", &json!({"name": name, "url": "http://a.example/"})).expect(201);
    made["id"].as_str().unwrap().to_owned()
}

/// Opens an incident of a monitor; its id.
fn open(server: &Server, monitor: &str, kind: &str, level: &str) -> String {
    let key = server.psql(&format!("select key from monitors where id = '{monitor}'"));
    let (kind, level) = (kind.parse().unwrap(), level.parse().unwrap());
    let opening = Opening { kind, level, facts: json!({"rule": "majority"}), ..down(key.parse().unwrap()) };
    server.open(vec![opening], OPENED, Duration::ZERO).remove(0)
}

fn ids(page: &Value) -> Vec<&str> {
    page["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap()).collect()
}

fn timeline(incident: &Value) -> Vec<&str> {
    incident["timeline"].as_array().unwrap().iter().map(|entry| entry["what"].as_str().unwrap()).collect()
}

/// The newest thing dashboards were told: its name and data.
fn told(server: &Server) -> (String, Value) {
    let live = server.redis.cli(&["XREVRANGE", "{betteruptime:website}:_live", "+", "-", "COUNT", "1"]).unwrap();
    let lines: Vec<_> = live.lines().collect();
    (lines[1].split(':').next().unwrap().to_owned(), serde_json::from_str(lines[2]).unwrap())
}

#[test]
fn an_incident_is_acknowledged_talked_about_and_resolved() {
    let server = server();
    let ann = server.sign_up("ann@example.org");
    let monitor = monitor(&ann, "shop");
    let (policy, channel) = (Uuid::now_v7(), Uuid::now_v7());
    server.psql(&format!(
        "insert into policies (id, organisation, name, reminder) select '{policy}', id, 'Night', 600 from organisations;
         insert into channels (id, organisation, kind, name, settings) select '{channel}', id, 'ntfy', 'Pager', '{{}}' from organisations;
         insert into policy_channels (policy, channel) values ('{policy}', '{channel}')"
    ));
    let at = format!("/api/v1/monitors/{monitor}");
    assert_eq!(ann.patch(&at, &json!({"alert_policy": policy})).expect(200)["alert_policy"], json!(policy));
    assert_eq!(ann.get(&at).expect(200)["incident"], Value::Null);

    let id = open(&server, &monitor, "availability", "down");
    server.psql(&format!(
        r#"insert into incident_failures (incident, region, slot, attempt, reason, detail, evidence)
           select '{id}', key, {OPENED}, 0, 'connect', 'refused', '{{"request": "GET /", "response_head": null, "body": null, "body_cut": false, "certificate": null}}' from regions"#
    ));
    server.psql("update outbox set state = 'sent', done_at = now(), attempts = 1");
    let short = json!({"id": id, "state": "open", "level": "down", "opened_at": "2023-11-14T22:13:20.000Z"});
    assert_eq!(ann.get(&at).expect(200)["incident"], short);
    assert_eq!(ann.get("/api/v1/monitors").expect(200)["items"][0]["incident"], short);
    assert_eq!(server.psql("select count(*) from incidents where remind_at is not null"), "1");

    let one = format!("{PATH}/{id}");
    let incident = ann.get(&format!("/api/v1/incidents/{id}")).expect(200);
    let expected = json!({
        "id": id, "kind": "availability", "state": "open", "level": "down", "worst": "down", "reason": "connect",
        "flapping": false, "monitor": {"id": monitor, "name": "shop"}, "region": null, "failed_in": ["eu-west"],
        "opened_at": "2023-11-14T22:13:20.000Z", "acknowledged_at": null, "resolved_at": null, "acknowledged_by": null,
    });
    assert_eq!(ann.get("/api/v1/incidents").expect(200), json!({"items": [expected], "next": null}));
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(incident[name], *value);
    }
    let opened = &incident["timeline"][0];
    assert_eq!(
        (&opened["what"], &opened["who"], &opened["data"]["rule"]),
        (&json!("opened"), &Value::Null, &json!("majority"))
    );
    assert_eq!(opened["data"]["told"], 1);
    assert_eq!(
        incident["failures"],
        json!([{"region": "eu-west", "slot": OPENED, "attempt": 0, "reason": "connect", "detail": "refused",
                "evidence": {"request": "GET /", "response_head": null, "body": null, "body_cut": false, "certificate": null}}])
    );
    let delivered = &incident["deliveries"][0];
    assert_eq!(delivered["channel"], json!({"id": channel, "name": "Pager", "kind": "ntfy"}));
    assert_eq!(delivered["states"], json!({"sent": 1}));
    assert_eq!((&delivered["last"]["what"], &delivered["last"]["state"]), (&json!("opened"), &json!("sent")));

    let incident = ann.post(&format!("/api/v1/incidents/{id}/acknowledge"), &json!({})).expect(200);
    assert_eq!(
        (&incident["state"], &incident["timeline"][1]["who"]["name"]),
        (&json!("acknowledged"), &json!("ann@example.org"))
    );
    assert!(incident["acknowledged_at"].is_string());
    assert_eq!(incident["acknowledged_by"], incident["timeline"][1]["who"]);
    assert_eq!(ann.get(PATH).expect(200)["items"][0]["acknowledged_by"]["name"], "ann@example.org");
    assert_eq!(server.psql("select count(*) from incidents where remind_at is not null"), "0");
    assert_eq!(told(&server), ("incident.acknowledged".to_owned(), json!({"incident": id, "monitor": monitor})));
    let again = ann.post(&format!("{one}/acknowledge"), &json!({}));
    again.problem(409);
    assert_eq!(again.body["detail"], "somebody acknowledged this incident already");

    let incident =
        ann.post(&format!("/api/v1/incidents/{id}/comments"), &json!({"text": "the switch is dead"})).expect(200);
    assert_eq!(incident["timeline"][2]["data"]["text"], "the switch is dead");
    assert_eq!(told(&server).0, "incident.updated");
    assert_eq!(ann.post(&format!("{one}/comments"), &json!({"text": ""})).problem(422), ["/text"]);
    assert_eq!(ann.post(&format!("{one}/comments"), &json!({"txt": "a"})).problem(422), ["/text", "/txt"]);

    let incident = ann.post(&format!("/api/v1/incidents/{id}/resolve"), &json!({})).expect(200);
    assert_eq!(incident["state"], "resolved");
    assert!(incident["resolved_at"].is_string());
    assert_eq!(told(&server).0, "incident.resolved");
    assert_eq!(timeline(&incident), ["opened", "acknowledged", "commented", "resolved"]);
    assert_eq!(ann.get(&at).expect(200)["incident"], Value::Null);
    assert_eq!(ann.post(&format!("{one}/resolve"), &json!({})).body["detail"], "this incident is over already");
    ann.post(&format!("{one}/acknowledge"), &json!({})).problem(409);
    ann.post(&format!("{one}/comments"), &json!({"text": "it was the switch"})).expect(200);
    assert_eq!(
        server.psql("select string_agg(what::text, ' ' order by change) from outbox"),
        "opened acknowledged resolved"
    );
}

#[test]
fn lists_are_filtered_and_paged() {
    let server = server();
    let ann = server.sign_up("ann@example.org");
    let (first, second) = (monitor(&ann, "a"), monitor(&ann, "b"));
    let a = open(&server, &first, "availability", "down");
    let b = open(&server, &first, "certificate", "certificate");
    let c = open(&server, &second, "availability", "regional");
    ann.post(&format!("{PATH}/{a}/resolve"), &json!({})).expect(200);
    server.psql(&format!("update incidents set resolved_at = {OPENED} + 60 where id = '{a}'"));
    ann.post(&format!("{PATH}/{b}/acknowledge"), &json!({})).expect(200);
    let list = |query: &str| ann.get(&format!("{PATH}{query}")).expect(200);
    for (query, expected) in [
        (String::new(), vec![&c, &b, &a]),
        ("?state=open".to_owned(), vec![&c]),
        ("?state=open,acknowledged".to_owned(), vec![&c, &b]),
        ("?kind=certificate".to_owned(), vec![&b]),
        (format!("?monitor={first}"), vec![&b, &a]),
        (format!("?monitor={first}&state=resolved"), vec![&a]),
        (format!("?since={}", OPENED + 60), vec![&c, &b, &a]),
        ("?since=2023-11-14T22:14:21Z".to_owned(), vec![&c, &b]),
    ] {
        assert_eq!(ids(&list(&query)), expected, "{query}");
    }
    let page = list("?limit=2");
    assert_eq!((ids(&page), &page["next"]), (vec![c.as_str(), b.as_str()], &json!(b)));
    let page = list(&format!("?limit=2&after={b}"));
    assert_eq!((ids(&page), &page["next"]), (vec![a.as_str()], &Value::Null));
    for bad in ["?state=closed", "?kind=fire", "?monitor=x", "?since=yesterday", "?sort=up"] {
        ann.get(&format!("{PATH}{bad}")).problem(400);
    }
    // The worst of a monitor's incidents is the one that is shown with it.
    let d = open(&server, &first, "coverage", "coverage");
    assert_eq!(ann.get(&format!("/api/v1/monitors/{first}")).expect(200)["incident"]["id"], json!(b));
    assert_eq!(ids(&list("?limit=1")), [d.as_str()]);
}

#[test]
fn others_incidents_are_not_there_and_regions_are_the_operators() {
    let server = server();
    let (ann, bob) = (server.sign_up("ann@example.org"), server.sign_up("bob@example.org"));
    let id = open(&server, &monitor(&bob, "b"), "availability", "down");
    for action in ["acknowledge", "resolve"] {
        ann.post(&format!("{PATH}/{id}/{action}"), &json!({})).problem(404);
    }
    ann.get(&format!("{PATH}/{id}")).problem(404);
    ann.post(&format!("{PATH}/{id}/comments"), &json!({"text": "hello"})).problem(404);
    assert_eq!(ids(&ann.get(PATH).expect(200)), Vec::<&str>::new());
    bob.get(&format!("{PATH}/{id}")).expect(200);

    let region = Subject::Region(RegionKey(server.psql("select key from regions").parse().unwrap()));
    let opening = Opening { kind: Kind::Region, subject: region, level: Level::Region, reason: None, ..down(0) };
    let sick = server.open(vec![opening], OPENED, Duration::ZERO).remove(0);
    let seen = ann.get(&format!("{PATH}/{sick}")).expect(200);
    assert_eq!((&seen["region"], &seen["monitor"]), (&json!("eu-west"), &Value::Null));
    bob.get(&format!("{PATH}/{sick}")).problem(404);

    server.psql("update memberships set role = 'viewer'");
    bob.get(&format!("{PATH}/{id}")).expect(200);
    for action in ["acknowledge", "resolve"] {
        bob.post(&format!("{PATH}/{id}/{action}"), &json!({})).problem(403);
    }
    bob.post(&format!("{PATH}/{id}/comments"), &json!({"text": "hello"})).problem(403);
}

#[test]
fn who_stops_watching_ends_what_is_open() {
    let server = server();
    let ann = server.sign_up("ann@example.org");
    let (paused, deleted) = (monitor(&ann, "paused"), monitor(&ann, "deleted"));
    let first = open(&server, &paused, "availability", "down");
    let second = open(&server, &deleted, "certificate", "certificate");
    ann.post(&format!("/api/v1/monitors/{paused}/pause"), &json!({})).expect(200);
    ann.delete(&format!("/api/v1/monitors/{deleted}")).expect(204);
    assert_eq!(told(&server).0, "monitor.deleted");
    for (id, closed, why) in
        [(first, "paused", "the monitor was paused"), (second, "deleted", "the monitor was deleted")]
    {
        let incident = ann.get(&format!("{PATH}/{id}")).expect(200);
        let over = &incident["timeline"][1];
        assert_eq!((&incident["state"], &over["data"]["why"]), (&json!("resolved"), &json!(why)));
        assert_eq!((&over["data"]["closed"], &over["who"]["name"]), (&json!(closed), &json!("ann@example.org")));
    }
}

#[test]
fn the_certificate_of_a_server_that_is_not_asked_any_more_is_nobodys_trouble() {
    let server = server();
    let ann = server.sign_up("ann@example.org");
    let (told, late) = (Uuid::now_v7(), Uuid::now_v7());
    server.psql(&format!(
        "insert into channels (id, organisation, kind, name, settings) select c.id, o.id, 'ntfy', 'Pager', '{{}}'
         from organisations o, unnest(array['{told}', '{late}']::uuid[]) c (id);
         insert into policy_channels (policy, channel) select id, '{told}' from policies"
    ));
    let monitor = monitor(&ann, "shop");
    let at = format!("/api/v1/monitors/{monitor}");
    let ends = "select cert_not_after from monitor_status";
    for (from, to) in [
        ("https://a.example/", "http://a.example/"),
        ("https://a.example/", "https://b.example/"),
        ("https://a.example/", "https://a.example:8443/"),
    ] {
        ann.patch(&at, &json!({ "url": from })).expect(200);
        server.psql("update monitor_status set cert_not_after = 1700000000");
        server.psql(&format!("delete from policy_channels where channel = '{late}'"));
        let id = open(&server, &monitor, "certificate", "certificate");
        server.psql("update outbox set state = 'sent', done_at = now(), attempts = 1");
        server.psql(&format!("insert into policy_channels (policy, channel) select id, '{late}' from policies"));
        let one = format!("{PATH}/{id}");

        // Another page of the same server has the same certificate.
        ann.patch(&at, &json!({"url": format!("{from}page"), "timeout": 3})).expect(200);
        assert_eq!((server.psql(ends).as_str(), &ann.get(&one).expect(200)["state"]), ("1700000000", &json!("open")));
        let answer = ann.patch(&at, &json!({"url": to, "timeout": 10})).expect(200);
        assert_eq!((&answer["certificate"], &answer["incident"]), (&Value::Null, &Value::Null), "{to}");
        let incident = ann.get(&one).expect(200);
        assert_eq!(incident["state"], "resolved", "{to}");
        assert_eq!(incident["timeline"][1]["data"]["why"], "the monitor asks another server now");
        let live = server.redis.cli(&["XREVRANGE", "{betteruptime:website}:_live", "+", "-", "COUNT", "1"]).unwrap();
        assert!(live.contains("incident.resolved") && live.contains(&id), "{live}");
        let hear = |what: &str| {
            server.psql(&format!(
                "select channel from outbox where incident = '{id}' and what = '{what}' order by channel"
            ))
        };
        assert_eq!(hear("resolved"), hear("opened"), "who was told, and nobody else");
        assert!(hear("opened").contains(&told.to_string()) && !hear("opened").contains(&late.to_string()));
    }
    // What is open about the monitor itself is about whatever it looks at.
    let id = open(&server, &monitor, "availability", "down");
    ann.patch(&at, &json!({"url": "http://c.example/"})).expect(200);
    assert_eq!(ann.get(&format!("{PATH}/{id}")).expect(200)["state"], "open");
}

#[test]
fn rules_and_policies_of_a_monitor() {
    let server = server();
    let (ann, bob) = (server.sign_up("ann@example.org"), server.sign_up("bob@example.org"));
    let org = bob.get("/api/v1/auth/me").expect(200)["organisation"].as_str().unwrap().to_owned();
    let foreign = Uuid::now_v7();
    server.psql(&format!("insert into policies (id, organisation, name) values ('{foreign}', '{org}', 'Bob''s')"));
    let body = |more: Value| {
        let mut body = json!({"name": "a", "url": "http://a.example/"});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    for unknown in [foreign, Uuid::nil()] {
        let refused = ann.post("/api/v1/monitors", &body(json!({ "alert_policy": unknown })));
        assert_eq!(refused.problem(422), ["/alert_policy"]);
    }
    let rules = json!({"confirm": {"failures": 3, "recoveries": 1, "recheck_every": 10}, "quorum": {"count": 2}});
    let made = ann.post("/api/v1/monitors", &body(rules.clone())).expect(201);
    assert_eq!(
        (&made["confirm"], &made["quorum"], &made["alert_policy"]),
        (&rules["confirm"], &rules["quorum"], &Value::Null)
    );
    assert_eq!((&made["reason"], &made["certificate"]), (&Value::Null, &Value::Null));
    let at = format!("/api/v1/monitors/{}", made["id"].as_str().unwrap());
    assert_eq!(ann.patch(&at, &json!({ "alert_policy": foreign })).problem(422), ["/alert_policy"]);

    let spans = || server.psql("select count(*) from cadences").parse::<u32>().unwrap();
    server.psql("update cadences set from_slot = from_slot - 3600");
    let before = spans();
    let default = server.psql("select p.id from policies p join monitors m on m.organisation = p.organisation limit 1");
    if !default.is_empty() {
        ann.patch(&at, &json!({ "alert_policy": default })).expect(200);
    }
    assert_eq!(spans(), before, "a policy is no schedule");
    let patched = ann.patch(&at, &json!({"quorum": "all", "confirm": null})).expect(200);
    assert_eq!((&patched["quorum"], &patched["confirm"]["failures"]), (&json!("all"), &json!(2)));
    assert_eq!(spans(), before + 1, "a rule begins with a new cadence");
    assert_eq!(
        server.psql("select rules from monitors").replace(' ', ""),
        r#"{"confirm":{"failures":2,"recoveries":2},"quorum":"all"}"#
    );
    ann.patch(&at, &json!({"quorum": null, "alert_policy": null})).expect(200);
    assert_eq!(server.psql("select count(*) from monitors where rules is null and policy is null"), "1");
    server.psql("update monitor_status set status = 'regional', reason = 'connect', cert_not_after = 1700000000");
    let listed = ann.get("/api/v1/monitors?status=regional").expect(200)["items"][0].clone();
    assert_eq!((&listed["status"], &listed["reason"]), (&json!("regional"), &json!("connect")));
    assert_eq!(listed["certificate"], json!({"not_after": "2023-11-14T22:13:20.000Z"}));
}

#[test]
fn a_verdict_is_explained() {
    let server = server();
    server.psql("insert into regions (id, from_slot) values ('us-east', 0)");
    server.psql("select make_partitions(frontier, frontier + 86400) from lanes");
    let (ann, bob) = (server.sign_up("ann@example.org"), server.sign_up("bob@example.org"));
    let id = monitor(&ann, "a");
    let verdict = || ann.get(&format!("/api/v1/monitors/{id}/verdict")).expect(200);
    bob.get(&format!("/api/v1/monitors/{id}/verdict")).problem(404);
    let nothing = verdict();
    assert_eq!(
        (&nothing["status"], &nothing["judged"], &nothing["can_vote"]),
        (&json!("pending"), &json!("pending"), &json!(0))
    );
    let unheard = &nothing["regions"][0];
    assert_eq!((&unheard["why"], &unheard["silence"]), (&json!("nothing was heard yet"), &json!("unheard")));
    assert_eq!((&nothing["at_change"], &nothing["alert"]), (&Value::Null, &Value::Null));

    // One region stands by down, the other finds it up; a third has no workers.
    server.psql("insert into regions (id, from_slot) values ('void', 0)");
    server.psql(
        "insert into workers (region, worker, version, in_flight, concurrency, queue_age_ms, clock_offset_ms, seen_at)
         select key, 'w', '1', 0, 1, 0, 0, now() from regions where id <> 'void';
         insert into results (slot, monitor, region, attempt, verdict, reason, started_ms)
         select extract(epoch from now())::bigint - 2, m.key, r.key, 255,
                case when r.id = 'eu-west' then 'down' else 'up' end::verdict,
                case when r.id = 'eu-west' then 'connect' end::reason, 0
         from monitors m, regions r;
         update monitor_status set status = 'regional', explanation = '{\"status\": \"regional\", \"quorum\": \"majority\",
            \"needed\": 2, \"can_vote\": 2, \"votes\": {\"up\": 1, \"degraded\": 0, \"down\": 1, \"abstain\": 0},
            \"confirm\": {\"failures\": 2, \"recoveries\": 2}, \"silent_after\": 120, \"regions\": []}',
            region_states = (select jsonb_build_object(key, '[\"down\", 0]'::jsonb) from regions where id = 'eu-west')",
    );
    let incident = open(&server, &id, "availability", "regional");
    let verdict = verdict();
    assert_eq!((&verdict["status"], &verdict["judged"]), (&json!("regional"), &json!("regional")));
    assert_eq!(
        (&verdict["quorum"], &verdict["needed"], &verdict["can_vote"]),
        (&json!("majority"), &json!(2), &json!(2))
    );
    assert_eq!(verdict["votes"], json!({"up": 1, "degraded": 0, "down": 1, "abstain": 0}));
    let [eu, us, void] = verdict["regions"].as_array().unwrap().as_slice() else { panic!("{verdict}") };
    assert_eq!(
        (&eu["region"], &eu["vote"], &eu["latest"]["reason"]),
        (&json!("eu-west"), &json!("down"), &json!("connect"))
    );
    assert_eq!((&us["region"], &us["vote"], &us["silence"]), (&json!("us-east"), &json!("up"), &Value::Null));
    assert_eq!(void["silence"], "absent");
    assert_eq!((&void["vote"], &void["why"]), (&Value::Null, &json!("the region's workers are gone")));
    assert_eq!(verdict["at_change"]["status"], "regional");
    assert_eq!((&verdict["alert"]["incident"], &verdict["alert"]["told"]), (&json!(incident), &json!(0)));
}
