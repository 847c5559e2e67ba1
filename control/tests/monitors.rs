//! Monitors as a client sees them, and what a change of one does to schedule, status and streams. Nothing pushes or
//! stores here but the test itself: both loops are off, so that every row has one cause.

#![allow(clippy::unwrap_used, reason = "a test that finds nothing fails")]

mod support;

use serde_json::{Value, json};
use support::{Answer, Server, User};

const PATH: &str = "/api/v1/monitors";
/// The last slot of cadences that have no end.
const OPEN: &str = "9223372036854775807";

/// A replica that serves and does nothing else, with two regions that have been there for ever.
fn server() -> Server {
    let server = Server::start_with(&[("UPGUARD_STREAM__WORK", "false")]);
    server.psql("insert into regions (id, from_slot) values ('eu-west', 0), ('us-east', 0)");
    server.psql("select make_partitions(frontier - 3 * 86400, frontier + 86400) from lanes");
    server
}

fn shop() -> Value {
    json!({"name": "Shop", "url": "https://shop.example/", "interval": 10})
}

fn create(user: &User<'_>, body: &Value) -> Value {
    user.post(PATH, body).expect(201)
}

fn at(monitor: &Value, rest: &str) -> String {
    format!("{PATH}/{}{rest}", monitor["id"].as_str().unwrap())
}

fn items(answer: Answer) -> Vec<Value> {
    answer.expect(200)["items"].as_array().unwrap().clone()
}

/// The monitor's cadences: `interval|from_slot|to_slot`, in order.
fn cadences(server: &Server, monitor: &Value) -> Vec<Vec<String>> {
    let id = monitor["id"].as_str().unwrap();
    let rows = server.psql(&format!(
        "select c.interval, c.from_slot, c.to_slot from cadences c join monitors m on m.key = c.monitor
         where m.id = '{id}' order by c.from_slot"
    ));
    rows.lines().map(|line| line.split('|').map(str::to_owned).collect()).collect()
}

/// Makes the monitor as old as three days: its cadence, its creation, and the lane's frontier stays where it is.
fn make_old(server: &Server, monitor: &Value) {
    let id = monitor["id"].as_str().unwrap();
    server.psql(&format!(
        "update monitors set created_at = now() - interval '3 days' where id = '{id}';
         update cadences set from_slot = from_slot - 200000 where monitor = (select key from monitors where id = '{id}')"
    ));
}

#[test]
fn a_monitor_lives() {
    let server = server();
    let ann = server.sign_up("ann@example.org");
    let answer = ann.post(PATH, &shop());
    let made = at(&answer.body, "");
    assert_eq!(answer.header("location"), Some(made.as_str()));
    let created = answer.expect(201);
    assert_eq!(ann.get(&made).expect(200), created);
    assert_eq!(items(ann.get(PATH)), std::slice::from_ref(&created));

    let patched = ann.patch(&made, &json!({"name": "Shop 2", "expect": {"contains": "hello"}})).expect(200);
    assert_eq!((&patched["name"], &patched["expect"]["contains"]), (&json!("Shop 2"), &json!("hello")));
    assert_eq!(patched["interval"], 10);
    let spec = server.psql("select spec from monitors");
    let odd =
        json!({"name": "☃ \"b\" {c}", "url": "http://b.example/ü", "body": "a\u{1}b\\u0000 \"☃\"", "tags": ["{x,\"y"]});
    let kept = create(&ann, &odd);
    for field in ["name", "body", "tags"] {
        assert_eq!(kept[field], odd[field]);
    }
    assert_eq!(ann.patch(&at(&kept, ""), &json!({"name": "b"})).expect(200)["body"], odd["body"]);
    ann.delete(&at(&kept, "")).expect(204);
    assert_eq!(spec, r#"{"expect":{"contains":"hello"}}"#);

    ann.delete(&made).expect(204);
    for gone in [ann.get(&made), ann.delete(&made), ann.patch(&made, &json!({}))] {
        gone.problem(404);
    }
    assert_eq!(items(ann.get(PATH)), Vec::<Value>::new());
}

#[test]
fn the_answer_has_this_shape() {
    let server = server();
    let ann = server.sign_up("ann@example.org");
    let mut monitor = create(&ann, &shop());
    let counts = json!({"good": 0, "total": 0, "expected": 0, "uptime_percent": null, "coverage_percent": null});
    for (field, kind) in [("id", 36), ("since", 24), ("created_at", 24)] {
        assert_eq!(monitor[field].as_str().unwrap().len(), kind, "{field}: {}", monitor[field]);
        monitor[field] = json!("…");
    }
    assert!((0..10).contains(&monitor["phase"].as_i64().unwrap()));
    monitor["phase"] = json!("…");
    assert_eq!(
        monitor,
        json!({
            "id": "…", "name": "Shop", "url": "https://shop.example/", "kind": "http", "interval": 10, "timeout": 10,
            "regions": [], "method": "GET", "headers": {}, "body": null, "follow_redirects": true,
            "max_redirects": 10, "tcp": null, "tls": {"verify": true, "ca": null},
            "expect": {"status": ["200-299"], "contains": null, "not_contains": null, "max_latency_ms": null,
                       "min_cert_days": null},
            "confirm": {"failures": 2, "recoveries": 2, "recheck_every": null}, "quorum": "majority",
            "alert_policy": null, "tags": [], "enabled": true, "status": "pending", "since": "…", "reason": null,
            "phase": "…", "created_at": "…", "certificate": null, "incident": null,
            "regions_now": [], "uptime": {"24h": counts, "7d": counts, "30d": counts},
        })
    );
}

#[test]
fn bad_bodies_are_refused_whole() {
    let server = server();
    let ann = server.sign_up("ann@example.org");
    let bad = json!({"url": "x", "interval": 7, "expect": {"status": ["9"]}, "tls": {"key": "k"}, "quorum": "few"});
    let pointers = ["/name", "/interval", "/quorum", "/url", "/expect/status/0", "/tls/key"];
    assert_eq!(ann.post(PATH, &bad).problem(422), pointers);
    assert_eq!(ann.post(PATH, &json!([])).problem(422), [""]);

    let elsewhere = json!({"name": "a", "url": "http://a.example/", "regions": ["eu-west", "mars", "moon"]});
    let answer = ann.post(PATH, &elsewhere);
    assert_eq!(answer.problem(422), ["/regions/1", "/regions/2"]);
    let detail = answer.body["errors"][0]["detail"].as_str().unwrap();
    assert_eq!(detail, "no region `mars` is registered: choose from eu-west, us-east, or leave `regions` out for all");

    let monitor = create(&ann, &shop());
    assert_eq!(ann.patch(&at(&monitor, ""), &json!({"regions": ["mars"], "name": "b"})).problem(422), ["/regions/0"]);
    assert_eq!(ann.patch(&at(&monitor, ""), &json!({"url": null, "timeout": 31})).problem(422), ["/url", "/timeout"]);
    assert_eq!(ann.get(&at(&monitor, "")).expect(200)["name"], "Shop");
    assert_eq!(server.psql("select count(*) from monitors"), "1");
    for query in ["?limit=0", "?limit=201", "?after=x", "?status=fine", "?colour=red"] {
        ann.get(&format!("{PATH}{query}")).problem(400);
    }
}

#[test]
fn an_edit_of_the_schedule_closes_one_cadence_and_opens_the_next() {
    let server = server();
    let ann = server.sign_up("ann@example.org");
    let monitor = create(&ann, &shop());
    let path = at(&monitor, "");
    make_old(&server, &monitor);
    let before = cadences(&server, &monitor);
    assert_eq!((before.len(), before[0][0].as_str(), before[0][2].as_str()), (1, "10", OPEN));

    ann.patch(&path, &json!({"name": "b", "tags": ["x"]})).expect(200);
    assert_eq!(cadences(&server, &monitor), before, "what it is called is no matter of when");

    let patched = ann.patch(&path, &json!({"interval": 30, "regions": ["us-east"]})).expect(200);
    assert_eq!(patched["regions"], json!(["us-east"]));
    assert!((0..30).contains(&patched["phase"].as_i64().unwrap()));
    let after = cadences(&server, &monitor);
    assert_eq!((after.len(), after[1][0].as_str(), after[1][2].as_str()), (2, "30", OPEN));
    let slot = |text: &str| text.parse::<i64>().unwrap();
    assert_eq!(slot(&after[0][2]) + 1, slot(&after[1][1]));
    let frontier = slot(&server.psql("select greatest(frontier, extract(epoch from now())::bigint) from lanes"));
    assert!((-30..=1).contains(&(slot(&after[1][1]) - frontier)));
    let regions = server.psql("select c.regions = array[(select key from regions where id = 'us-east')] from cadences c order by from_slot desc limit 1");
    assert_eq!(regions, "t");

    assert_eq!(server.psql("select rev, rev_from from monitors"), "0|0");
    ann.patch(&path, &json!({"url": "http://b.example/", "timeout": 3})).expect(200);
    let target = server.psql("select rev, rev_from = (select max(from_slot) from cadences) from monitors");
    assert_eq!(target, "1|t", "a new target is a new revision, from a period of its own on");
}

#[test]
fn pause_and_resume() {
    let server = server();
    let ann = server.sign_up("ann@example.org");
    let monitor = create(&ann, &shop());
    make_old(&server, &monitor);
    server.psql("update monitor_status set status = 'up', since = 1");

    let paused = ann.post(&at(&monitor, "/pause"), &json!({})).expect(200);
    assert_eq!((&paused["status"], &paused["enabled"]), (&json!("paused"), &json!(false)));
    assert_ne!(cadences(&server, &monitor)[0][2], OPEN);
    let again = server.send("POST", &at(&monitor, "/pause"), Some(&ann.access), None).expect(200);
    assert_eq!(again["since"], paused["since"]);
    assert_eq!(server.psql("select status, version from monitor_status"), "paused|2");
    let check = ann.post(&at(&monitor, "/check"), &json!({}));
    check.problem(409);
    assert!(check.body["detail"].as_str().unwrap().contains("paused"));

    let resumed = ann.post(&at(&monitor, "/resume"), &json!({})).expect(200);
    assert_eq!((&resumed["status"], &resumed["enabled"]), (&json!("pending"), &json!(true)));
    assert_eq!(server.psql("select status, version from monitor_status"), "pending|3");
    let rows = cadences(&server, &monitor);
    assert_eq!((rows.len(), rows[1][2].as_str()), (2, OPEN));

    // The body's own field does the same.
    let off = ann.patch(&at(&monitor, ""), &json!({"enabled": false})).expect(200);
    assert_eq!(off["status"], "paused");
    let born_off = create(&ann, &json!({"name": "b", "url": "http://b.example/", "enabled": false}));
    assert_eq!(born_off["status"], "paused");
    assert!(cadences(&server, &born_off).is_empty());
}

#[test]
fn a_deleted_monitor_keeps_its_history() {
    let server = server();
    let ann = server.sign_up("ann@example.org");
    let monitor = create(&ann, &shop());
    make_old(&server, &monitor);
    server.psql(
        "insert into results (slot, monitor, region, attempt, verdict)
         select slot, monitor, region, 0, 'up' from lanes, expected(0::smallint, frontier - 99, frontier)",
    );
    let stored = server.psql("select count(*) from results");
    assert_eq!(stored, "20");
    ann.delete(&at(&monitor, "")).expect(204);
    assert_eq!(server.psql("select count(*) from results"), stored);
    assert_ne!(cadences(&server, &monitor)[0][2], OPEN);
    let expected = server.psql("select count(*) from lanes, expected(0::smallint, frontier - 99, frontier)");
    assert_eq!(expected, stored, "what was due stays due");
}

#[test]
fn other_peoples_monitors_are_not_there() {
    let server = server();
    let (ann, bob) = (server.sign_up("ann@example.org"), server.sign_up("bob@example.org"));
    let monitor = create(&ann, &shop());
    let before = server.psql("select m, s, c from monitors m, monitor_status s, cadences c");
    for (method, path, body) in [
        ("GET", "/api/v1/monitors/{id}", None),
        ("PATCH", "/api/v1/monitors/{id}", Some(json!({"name": "mine"}))),
        ("DELETE", "/api/v1/monitors/{id}", None),
        ("POST", "/api/v1/monitors/{id}/pause", None),
        ("POST", "/api/v1/monitors/{id}/resume", None),
        ("POST", "/api/v1/monitors/{id}/check", None),
        ("GET", "/api/v1/monitors/{id}/results", None),
    ] {
        let of = |id: &str| path.replace("{id}", id);
        let anns = of(monitor["id"].as_str().unwrap());
        server.send(method, &anns, Some(&bob.access), body.as_ref()).problem(404);
        let nobodys = of("00000000-0000-7000-8000-000000000000");
        server.send(method, &nobodys, Some(&ann.access), body.as_ref()).problem(404);
        server.send(method, &anns, None, None).problem(401);
        server.send(method, &of("7"), Some(&ann.access), None).problem(404);
    }
    assert_eq!(items(bob.get(PATH)), Vec::<Value>::new());
    assert_eq!(server.psql("select m, s, c from monitors m, monitor_status s, cadences c"), before);

    server.psql("update memberships set role = 'viewer'");
    ann.get(&at(&monitor, "")).expect(200);
    for (method, rest) in [("DELETE", ""), ("POST", "/pause"), ("POST", "/resume"), ("POST", "/check")] {
        server.send(method, &at(&monitor, rest), Some(&ann.access), None).problem(403);
    }
    ann.post(PATH, &shop()).problem(403);
}

#[test]
fn lists_page_and_filter() {
    let server = server();
    let ann = server.sign_up("ann@example.org");
    let body = |n: usize| json!({"name": format!("Site {n}"), "url": format!("http://{}.example/", ["a", "b"][n % 2]), "tags": [format!("t{}", n % 3)]});
    let made: Vec<_> = (0..7).map(|n| create(&ann, &body(n))["id"].clone()).collect();
    let (mut seen, mut next, mut pages) = (Vec::new(), String::new(), 0);
    loop {
        let page = ann.get(&format!("{PATH}?limit=3{next}")).expect(200);
        seen.extend(page["items"].as_array().unwrap().iter().map(|item| item["id"].clone()));
        pages += 1;
        let Some(after) = page["next"].as_str() else { break };
        next = format!("&after={after}");
    }
    assert_eq!((pages, seen), (3, made.iter().rev().cloned().collect::<Vec<_>>()), "newest first");

    server.psql("update monitor_status set status = 'down' where monitor in (select key from monitors where name in ('Site 1', 'Site 4'))");
    for (query, names) in [
        ("q=SITE%203", vec!["Site 3"]),
        ("q=b.example", vec!["Site 5", "Site 3", "Site 1"]),
        ("tag=t1", vec!["Site 4", "Site 1"]),
        ("status=down", vec!["Site 4", "Site 1"]),
        ("status=down&q=a.example&tag=t1", vec!["Site 4"]),
        ("q=%25", vec![]),
    ] {
        let found = items(ann.get(&format!("{PATH}?{query}")));
        assert_eq!(found.iter().map(|item| item["name"].as_str().unwrap()).collect::<Vec<_>>(), names, "{query}");
    }
}

/// Entries on a region's own stream: `id url slot until attempt …`, one line each.
fn asked(server: &Server, region: &str) -> Vec<String> {
    let key = format!("{{betteruptime:website}}:{region}");
    let reply = server.redis.cli(&["XRANGE", &key, "-", "+"]).unwrap();
    let lines: Vec<_> = reply.lines().map(str::to_owned).collect();
    let starts: Vec<_> = lines.iter().enumerate().filter(|(_, line)| *line == "id").map(|(n, _)| n).collect();
    let ends = starts.iter().skip(1).map(|start| start - 1).chain([lines.len()]);
    starts.iter().zip(ends).map(|(start, end)| lines[*start..end].join(" ")).collect()
}

#[test]
fn new_resumed_and_changed_monitors_are_checked_at_once() {
    let server = server();
    let ann = server.sign_up("ann@example.org");
    let monitor = create(&ann, &json!({"name": "a", "url": "http://a.example/", "timeout": 3}));
    let id = monitor["id"].as_str().unwrap();
    for region in ["eu-west", "us-east"] {
        let entries = asked(&server, region);
        assert_eq!(entries.len(), 1, "{entries:?}");
        assert!(entries[0].starts_with(&format!("id {id} url http://a.example/ slot ")), "{entries:?}");
        assert!(entries[0].ends_with(r#"attempt 255 spec {"timeout":3}"#), "{entries:?}");
        let words: Vec<_> = entries[0].split(' ').collect();
        let number = |at: usize| words[at].parse::<i64>().unwrap();
        assert_eq!(number(7) - number(5), 60, "until is the slot and L");
    }
    ann.patch(&at(&monitor, ""), &json!({"name": "b", "interval": 30})).expect(200);
    assert_eq!(asked(&server, "eu-west").len(), 1, "neither name nor interval is worth a check");
    ann.patch(&at(&monitor, ""), &json!({"url": "http://b.example/", "regions": ["us-east"]})).expect(200);
    assert_eq!((asked(&server, "eu-west").len(), asked(&server, "us-east").len()), (1, 2));
    ann.post(&at(&monitor, "/pause"), &json!({})).expect(200);
    ann.patch(&at(&monitor, ""), &json!({"url": "http://c.example/"})).expect(200);
    assert_eq!(asked(&server, "us-east").len(), 2, "a paused monitor is left alone");
    ann.post(&at(&monitor, "/resume"), &json!({})).expect(200);
    ann.post(&at(&monitor, "/resume"), &json!({})).expect(200);
    assert_eq!(asked(&server, "us-east").len(), 3);

    let answer = ann.post(&at(&monitor, "/check"), &json!({})).expect(202);
    assert_eq!(answer["regions"], json!(["us-east"]));
    assert!(asked(&server, "us-east")[3].contains(&format!("slot {} ", answer["slot"])));
    assert_eq!(server.redis.cli(&["EXISTS", "betteruptime:website"]).unwrap(), "0", "only their own streams");
}

#[test]
fn a_tcp_port_is_a_monitor() {
    let server = server();
    let ann = server.sign_up("ann@example.org");
    let body = json!({"name": "Mail", "url": "tcp://MAIL.example:25", "regions": ["us-east"],
                      "tcp": {"starts_with": "220 ", "send": {"hex": "0D 0A"}}});
    let made = create(&ann, &body);
    assert_eq!((&made["kind"], &made["url"]), (&json!("tcp"), &json!("tcp://mail.example:25")));
    assert_eq!(made["tcp"], json!({"tls": false, "send": {"hex": "0d0a"}, "expect": null, "starts_with": "220 "}));
    assert_eq!(made["method"], Value::Null);
    let spec = r#"{"tcp":{"send":{"hex":"0d0a"},"starts_with":"220 "}}"#;
    assert_eq!(server.psql("select spec from monitors"), spec);
    assert!(asked(&server, "us-east")[0].contains(spec), "{:?}", asked(&server, "us-east"));
    assert_eq!(items(ann.get("/api/v1/monitors?view=live"))[0]["kind"], "tcp");

    let patched = ann.patch(&at(&made, ""), &json!({"tcp": {"send": null, "tls": true}})).expect(200);
    assert_eq!(patched["tcp"], json!({"tls": true, "send": null, "expect": null, "starts_with": "220 "}));
    let wrong = json!({"name": "a", "url": "tcp://a.example:25", "method": "GET", "tcp": {"send": "", "port": 25}});
    assert_eq!(ann.post(PATH, &wrong).problem(422), ["/method", "/tcp/port", "/tcp/send"]);
    let wrong = json!({"name": "a", "url": "http://a.example/", "tcp": {"send": "x"}});
    assert_eq!(ann.post("/api/v1/monitors/try", &wrong).problem(422), ["/tcp"]);
    let site = ann.patch(&at(&made, ""), &json!({"url": "https://shop.example/"})).expect(200);
    assert_eq!((&site["kind"], &site["tcp"], &site["method"]), (&json!("http"), &Value::Null, &json!("GET")));
}

#[test]
fn a_check_needs_a_region() {
    let server = server();
    let ann = server.sign_up("ann@example.org");
    let monitor = create(&ann, &shop());
    server.psql("update regions set to_slot = 1");
    let answer = ann.post(&at(&monitor, "/check"), &json!({}));
    answer.problem(409);
    assert!(answer.body["detail"].as_str().unwrap().contains("no region is registered"));
    server.psql("update regions set to_slot = 9223372036854775807");
    let chosen = create(&ann, &json!({"name": "a", "url": "http://a.example/", "regions": ["eu-west"]}));
    server.psql("update regions set to_slot = 1");
    let paused = ann.post(&at(&chosen, "/pause"), &json!({})).expect(200);
    assert_eq!(paused["regions"], json!(["eu-west"]), "a region that is over is no bar to a pause");
    let chosen = ann.post(PATH, &json!({"name": "a", "url": "http://a.example/", "regions": ["eu-west"]}));
    assert_eq!(chosen.problem(422), ["/regions/0"]);
}

#[test]
fn a_monitor_is_created_while_redis_is_away() {
    let mut server = server();
    let access = server.sign_up("ann@example.org").access.clone();
    server.redis.stop().unwrap();
    let monitor = server.send("POST", PATH, Some(&access), Some(&shop())).expect(201);
    server.send("POST", &at(&monitor, "/check"), Some(&access), None).problem(503);
    let fleet = server.send("GET", "/api/v1/regions", Some(&access), None).expect(200);
    assert!(fleet["note"].as_str().unwrap().contains("Redis"), "{fleet}");
    assert_eq!((&fleet["items"][0]["id"], &fleet["items"][0]["pending"]), (&json!("eu-west"), &Value::Null));
    assert!(server.log().contains("could not ask for first checks at once"));
}
