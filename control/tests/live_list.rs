//! The live list and its beats: all monitors at once, and the place in the events from where to go on.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that finds nothing fails")]

mod sse;
mod support;

use std::{
    io::{Read, Write},
    net::TcpStream,
};

use serde_json::{Value, json};
use sse::Stream;
use support::{Server, User};

const LIVE: &str = "/api/v1/monitors?view=live";

/// A replica that serves and does nothing else, and two regions.
fn server() -> Server {
    let server = Server::start_with(&[("UPGUARD_STREAM__WORK", "false")]);
    server.psql("insert into regions (id, from_slot) values ('eu-west', 0), ('us-east', 0)");
    server.psql("select make_partitions(frontier - 2 * 86400, frontier + 86400) from lanes");
    server
}

/// A new monitor of `user`; its id.
fn make(user: &User<'_>, body: &Value) -> String {
    user.post("/api/v1/monitors", body).expect(201)["id"].as_str().unwrap().to_owned()
}

fn named(name: &str) -> Value {
    json!({"name": name, "url": format!("http://{name}.example/")})
}

fn set(server: &Server, name: &str, status: &str, since: i64) {
    server.psql(&format!(
        "update monitor_status set status = '{status}', since = {since} where monitor = (select key from monitors where name = '{name}')"
    ));
}

fn names(answer: &Value) -> Vec<&str> {
    answer["items"].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap()).collect()
}

#[test]
fn all_monitors_at_once_and_where_to_listen_on() {
    let server = server();
    let (ann, bob) = (server.sign_up("ann@example.org"), server.sign_up("bob@example.org"));
    let body = json!({"name": "Shop", "url": "http://shop.example/", "interval": 300, "tags": ["a", "b"], "regions": ["us-east", "eu-west"]});
    let id = make(&ann, &body);
    make(&bob, &named("other"));
    server.psql(
        "insert into incidents (id, organisation, kind, monitor, level, worst, opened_at)
         select x.id::uuid, organisation, x.kind::incident_kind, key, x.level::level, 'down', 7
         from monitors, (values ('00000000-0000-0000-0000-000000000001', 'certificate', 'certificate'),
                                ('00000000-0000-0000-0000-000000000002', 'availability', 'down')) x (id, kind, level)
         where name = 'Shop';
         update monitor_status set status = 'down', since = 1700000000, reason = 'connect'
         where monitor = (select key from monitors where name = 'Shop')",
    );
    let answer = ann.get(LIVE).expect(200);
    let shop = json!({
        "id": id, "name": "Shop", "url": "http://shop.example/", "kind": "http", "status": "down", "since": 1_700_000_000,
        "reason": "connect", "interval": 300, "tags": ["a", "b"], "regions": ["us-east", "eu-west"],
        "incident": {"id": "00000000-0000-0000-0000-000000000002", "state": "open"},
    });
    assert_eq!((&answer["items"], &answer["cut"]), (&json!([shop]), &json!(false)), "{answer}");
    assert!(answer["server_time"].as_str().unwrap().ends_with('Z'));

    // Whatever happens behind `seq` is heard.
    let second = make(&ann, &named("second"));
    let after = format!("?after={}", answer["seq"].as_str().unwrap());
    let mut stream = Stream::open(server.url(), &ann.access, &after, None);
    assert_eq!(stream.next().unwrap().name, "hello");
    assert_eq!(stream.next().unwrap().data, json!({ "monitor": second }));
    server.get(LIVE).problem(401);
}

#[test]
fn filters_and_orders() {
    let server = server();
    let ann = server.sign_up("ann@example.org");
    for (name, status, since) in [
        ("delta", "up", 5),
        ("alpha", "paused", 1),
        ("charlie", "down", 30),
        ("bravo", "down", 20),
        ("echo", "regional", 3),
    ] {
        make(&ann, &named(name));
        set(&server, name, status, since);
    }
    let list = |query: &str| ann.get(&format!("{LIVE}{query}")).expect(200);
    assert_eq!(names(&list("")), ["bravo", "charlie", "echo", "delta", "alpha"]);
    assert_eq!(names(&list("&sort=name")), ["alpha", "bravo", "charlie", "delta", "echo"]);
    assert_eq!(names(&list("&sort=since")), ["alpha", "echo", "delta", "bravo", "charlie"]);
    assert_eq!(names(&list("&sort=-since")), ["charlie", "bravo", "delta", "echo", "alpha"]);
    assert_eq!(names(&list("&status=up,paused&sort=name")), ["alpha", "delta"]);
    assert_eq!(names(&list("&q=RAVO")), ["bravo"]);
    let body = json!({"name": "far", "url": "http://far.example/", "regions": ["us-east"], "tags": ["x"]});
    make(&ann, &body);
    assert_eq!(names(&list("&tag=x")), ["far"]);
    assert_eq!(names(&list("&region=us-east")).len(), 6);
    assert_eq!(names(&list("&region=eu-west")).len(), 5);
    for bad in ["&sort=age", "&status=fine", "&region=mars", "&limit=5", "&after=x"] {
        ann.get(&format!("{LIVE}{bad}")).problem(400);
    }
    ann.get("/api/v1/monitors?view=map").problem(400);
}

#[test]
fn large_answers_come_compressed_to_who_wants_that() {
    let server = server();
    let ann = server.sign_up("ann@example.org");
    let get = |coding: &str| {
        let address = server.url().trim_start_matches("http://");
        let mut socket = TcpStream::connect(address).unwrap();
        let head = format!(
            "GET {LIVE} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nAuthorization: Bearer {}",
            ann.access
        );
        write!(socket, "{head}\r\nAccept-Encoding: {coding}\r\n\r\n").unwrap();
        let mut answer = Vec::new();
        socket.read_to_end(&mut answer).unwrap();
        let text = String::from_utf8_lossy(&answer).to_lowercase();
        (text.contains("\r\ncontent-encoding: gzip\r\n"), answer.len())
    };
    assert!(!get("gzip").0, "a small one");
    for number in 0..20 {
        make(&ann, &named(&format!("monitor-{number}")));
    }
    let ((shrunk, few), (large, many)) = (get("gzip, br"), get("identity"));
    assert!(shrunk && !large && few < many / 2, "{few} of {many} bytes");
}

/// Rows of the monitor's newest slots, region by region: `u`, `g`, `d`, `m`, `s` (suspect), ` ` (none), oldest first.
fn play(server: &Server, region: &str, letters: &str) {
    for (back, letter) in letters.chars().rev().enumerate() {
        let verdict = match letter {
            'u' => "'up', null::diagnosis",
            'g' => "'degraded', null::diagnosis",
            'd' => "'down', null::diagnosis",
            'm' => "'missed', null::diagnosis",
            's' => "'down', 'network'::diagnosis",
            _ => continue,
        };
        server.psql(&format!(
            "insert into results (slot, monitor, region, attempt, verdict, suspect, started_ms, connect_us)
             select s.slot, m.key, r.key, 0, v.verdict::verdict, v.suspect, 250, 1500
             from monitors m, regions r, (select {verdict}) v (verdict, suspect),
                  (select slot from monitors m, lanes l, slots_of(m.key, l.frontier - 86400, l.frontier) order by slot desc offset {back} limit 1) s
             where r.id = '{region}'"
        ));
    }
}

#[test]
fn beats_are_the_worst_of_all_regions() {
    let server = server();
    let (ann, bob) = (server.sign_up("ann@example.org"), server.sign_up("bob@example.org"));
    let id = make(&ann, &named("a"));
    server.psql("update cadences set from_slot = from_slot - 86400");
    // The clock must not reach the next slot before the answer is there.
    server.psql("update cadences set to_slot = (select frontier from lanes)");
    play(&server, "eu-west", "uugdmmsu ");
    play(&server, "us-east", "ududmusm ");
    let path = format!("/api/v1/monitors/beats?ids={id}");
    let beats = ann.get(&format!("{path}&count=10")).expect(200);
    let last: i64 =
        server.psql("select max(s) from monitors m, lanes l, slots_of(m.key, 0, l.frontier) s").parse().unwrap();
    let item = &beats["items"][0];
    assert_eq!((&item["id"], &item["beats"], &item["last_slot"]), (&json!(id), &json!("-udgdmumu-"), &json!(last)));
    let newest = json!({"region": "eu-west", "verdict": "up", "reason": null, "at": last - 60, "ms": 1.5});
    assert_eq!(item["last"]["ms"], newest["ms"], "{item}");
    assert_eq!(item["last"]["at"], newest["at"], "{item}");
    assert!(item["uptime"]["24h"]["expected"].is_number());
    assert_eq!(ann.get(&path).expect(200)["items"][0]["beats"].as_str().unwrap().len(), 40);

    assert_eq!(bob.get(&path).expect(200), json!({"items": []}), "others' are not there");
    let fresh = make(&bob, &named("fresh"));
    let item = bob.get(&format!("/api/v1/monitors/beats?ids={fresh}")).expect(200)["items"][0].clone();
    // Its first slot may be due by now.
    assert_eq!(item["beats"].as_str().unwrap().trim_matches('-'), "");
    assert_eq!(item["last"], Value::Null);
    for bad in ["", "?ids=x", &format!("?ids={id}&count=91"), &format!("?ids={id}&count=0"), &format!("?ids={id}&x=1")]
    {
        ann.get(&format!("/api/v1/monitors/beats{bad}")).problem(400);
    }
}
