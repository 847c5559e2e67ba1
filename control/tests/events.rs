//! Server-sent events as a client hears them: what happens, resumed without a gap, and never what is others'.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that finds nothing fails")]

mod sse;
mod support;

use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use serde_json::{Value, json};
use sse::{Event, Stream};
use support::{Server, User, eventually, ready_line};
use testbed::process::Process;

const EVENTS: &str = "/api/v1/events";
const LIVE: &str = "{betteruptime:website}:_live";
const WATCHED: &str = "{betteruptime:website}:_watched";

/// A replica that serves and does nothing else: what happens, the test does.
fn server() -> Server {
    Server::start_with(&[("UPGUARD_STREAM__WORK", "false")])
}

/// A new monitor; its id.
fn make(server: &Server, token: &str, name: &str) -> String {
    let body = json!({"name": name, "url": "http://a.example/"});
    let made = server.send("POST", "/api/v1/monitors", Some(token), Some(&body)).expect(201);
    made["id"].as_str().unwrap().to_owned()
}

fn changed(event: &Event, id: &str) -> bool {
    event.name == "monitor.changed" && event.data == json!({ "monitor": id })
}

/// The organisation of somebody.
fn organisation(user: &User<'_>) -> String {
    user.get("/api/v1/auth/me").expect(200)["organisation"].as_str().unwrap().to_owned()
}

/// Publishes as an ingester does: `(event, whose, data)`, all in one entry.
fn publish(server: &Server, notices: &[(&str, &str, Value)]) {
    let mut command = vec!["XADD".to_owned(), LIVE.to_owned(), "*".to_owned()];
    for (event, whose, data) in notices {
        command.extend([format!("{event}:{whose}"), data.to_string()]);
    }
    server.redis.cli(&command.iter().map(String::as_str).collect::<Vec<_>>()).unwrap();
}

#[test]
fn what_happens_is_said_at_once() {
    let server = server();
    let ann = server.sign_up("ann@example.org");
    server.get("/api/v1/events").problem(401);
    assert_eq!(ann.get(&format!("{EVENTS}?levels=loud")).problem(400), Vec::<&str>::new());
    ann.get(&format!("{EVENTS}?monitors=x")).problem(400);
    ann.get(&format!("{EVENTS}?after=x")).problem(400);
    ann.get(&format!("{EVENTS}?sort=x")).problem(400);

    let mut stream = Stream::open(server.url(), &ann.access, "", None);
    for header in ["content-type: text/event-stream", "cache-control: no-store", "x-accel-buffering: no"] {
        assert!(stream.head.contains(header), "{}", stream.head);
    }
    assert!(!stream.head.contains("content-encoding"), "{}", stream.head);
    let hello = stream.next().unwrap();
    assert_eq!((hello.name.as_str(), &hello.data["seq"]), ("hello", &json!(hello.id)));
    assert!(hello.data["server_time"].as_str().unwrap().ends_with('Z') && hello.data["version"].is_string());

    let id = make(&server, &ann.access, "a");
    let event = stream.next().unwrap();
    assert!(changed(&event, &id), "{event:?}");
    ann.patch(&format!("/api/v1/monitors/{id}"), &json!({"name": "b"})).expect(200);
    assert!(changed(&stream.next().unwrap(), &id));
    for action in ["pause", "resume"] {
        ann.post(&format!("/api/v1/monitors/{id}/{action}"), &json!({})).expect(200);
        assert!(changed(&stream.next().unwrap(), &id));
    }
    ann.delete(&format!("/api/v1/monitors/{id}")).expect(204);
    assert_eq!(stream.next().unwrap().name, "monitor.deleted");
    let ping = stream.next_or_ping().unwrap();
    assert_eq!(ping.comment, "ping");
}

#[test]
fn who_comes_back_misses_nothing_on_whatever_replica() {
    let server = server();
    let ann = server.sign_up("ann@example.org");
    let mut stream = Stream::listen(server.url(), &ann.access, "", None);
    let first = make(&server, &ann.access, "first");
    let place = stream.next().unwrap();
    assert!(changed(&place, &first));
    drop(stream);

    let missed: Vec<_> = (0..250).map(|n| (format!("{n}"), json!({ "monitor": n }))).collect();
    let org = organisation(&ann);
    for (_, data) in &missed {
        publish(&server, &[("status", &org, data.clone())]);
    }
    let three: Vec<_> =
        (0..3).map(|n| ("status", org.as_str(), json!({ "monitor": format!("of three {n}") }))).collect();
    publish(&server, &three);

    let log = server.dir.path().join("other.log");
    let mut other = server.command();
    other.args(["serve"]).env("UPGUARD_STREAM__WORK", "false");
    let mut other = Process::spawn("other", other, &log).unwrap();
    let other_url = format!("http://{}", ready_line(&mut other)["http"].as_str().unwrap());
    for (url, by_header) in [(server.url(), true), (&other_url, true), (&other_url, false)] {
        let query = format!("?after={}", place.id);
        let (query, last) = if by_header { ("", Some(place.id.as_str())) } else { (query.as_str(), None) };
        let mut stream = Stream::listen(url, &ann.access, query, last);
        for (_, data) in &missed {
            let event = stream.next().unwrap();
            assert_eq!((event.name.as_str(), &event.data), ("status", data));
        }
        let members: Vec<_> = (0..3).map(|_| stream.next().unwrap()).collect();
        assert_eq!(
            members.iter().map(|event| event.data.clone()).collect::<Vec<_>>(),
            three.iter().map(|n| n.2.clone()).collect::<Vec<_>>()
        );
        assert!(members[1].id.ends_with(".1"), "{members:?}");

        // Cut in the middle of an entry, it goes on there, and with what comes after.
        let mut rest = Stream::listen(url, &ann.access, "", Some(&members[1].id));
        assert_eq!(rest.next().unwrap(), members[2]);
        publish(&server, &[("region.up", "*", json!({"region": "eu"}))]);
        for stream in [&mut rest, &mut stream] {
            assert_eq!(stream.next().unwrap().name, "region.up");
        }
        // So that the next round finds the same.
        let newest = server.redis.cli(&["XREVRANGE", LIVE, "+", "-", "COUNT", "1"]).unwrap();
        server.redis.cli(&["XDEL", LIVE, newest.lines().next().unwrap()]).unwrap();
    }
}

#[test]
fn who_cannot_go_on_is_told_to_look_again() {
    let mut server = server();
    let token = server.sign_up("ann@example.org").access;
    let mut stream = Stream::listen(server.url(), &token, "", None);
    make(&server, &token, "a");
    let known = stream.next().unwrap();
    for unknown in ["5-5", "99999999999999-0", "nonsense", "5-5.2"] {
        let mut stream = Stream::listen(server.url(), &token, "", Some(unknown));
        let resync = stream.next().unwrap();
        assert_eq!((resync.name.as_str(), &resync.id, &resync.data), ("resync", &known.id, &json!({})));
        let id = make(&server, &token, "b");
        let next = stream.next().unwrap();
        assert!(changed(&next, &id), "{next:?}");
        server.redis.cli(&["XDEL", LIVE, &next.id]).unwrap();
    }
    // Another history: the id was given, but not by this stream.
    server.redis.cli(&["FLUSHALL"]).unwrap();
    let mut stream = Stream::listen(server.url(), &token, "", Some(&known.id));
    assert_eq!(stream.next().unwrap().name, "resync");
    let id = make(&server, &token, "c");
    assert!(changed(&stream.next().unwrap(), &id));

    // Redis goes and comes back: streams stay and go on, and what could not be told meanwhile is not passed over.
    server.redis.stop().unwrap();
    make(&server, &token, "unheard");
    server.redis.start_again().unwrap();
    let id = eventually("a change is told again", || {
        let id = make(&server, &token, "d");
        let told = server.redis.cli(&["XREVRANGE", LIVE, "+", "-", "COUNT", "1"]).ok()?;
        told.contains(&id).then_some(id)
    });
    assert_eq!(stream.next().unwrap().name, "resync");
    while !changed(&stream.next().unwrap(), &id) {}
}

#[test]
fn nobody_hears_of_others_and_each_what_it_asked_for() {
    let server = server();
    let (ann, bob) = (server.sign_up("ann@example.org"), server.sign_up("bob@example.org"));
    let (ours, other) = (make(&server, &ann.access, "a"), make(&server, &ann.access, "b"));
    let mut all = Stream::listen(server.url(), &ann.access, "", None);
    let mut one = Stream::listen(server.url(), &ann.access, &format!("?monitors={ours}"), None);
    let mut quiet = Stream::listen(server.url(), &ann.access, "?levels=status&monitors=all", None);
    let mut others = Stream::listen(server.url(), &bob.access, "", None);

    let org = organisation(&ann);
    let secret = make(&server, &bob.access, "secret");
    let beats = json!({"beats": [{"monitor": ours, "ms": 1}, {"monitor": other, "ms": 2}]});
    publish(
        &server,
        &[
            ("beat", &org, beats.clone()),
            ("status", &org, json!({"monitor": other, "to": "down"})),
            ("status", &org, json!({"monitor": ours, "to": "down"})),
            ("region.down", "*", json!({"region": "eu"})),
        ],
    );
    let names = |stream: &mut Stream, count: usize| {
        let heard: Vec<_> = (0..count).map(|_| stream.next().unwrap()).collect();
        assert!(!format!("{heard:?}").contains(&secret));
        assert_eq!(heard[count - 1].name, "region.down");
        heard
    };
    let heard = names(&mut all, 4);
    assert_eq!((&heard[0].data, &heard[1].data["monitor"]), (&beats, &json!(other)));
    let heard = names(&mut one, 3);
    assert_eq!(heard[0].data, json!({"beats": [{"monitor": ours, "ms": 1}]}));
    assert_eq!(heard[1].data["monitor"], json!(ours));
    let heard = names(&mut quiet, 3);
    assert_eq!(heard[0].name, "status");
    assert!(changed(&others.next().unwrap(), &secret));
    assert_eq!(others.next().unwrap().name, "region.down");
}

#[test]
fn beats_are_asked_for_while_somebody_looks() {
    let server = server();
    let ann = server.sign_up("ann@example.org");
    let watched = || server.redis.cli(&["EXISTS", WATCHED]).unwrap() == "1";
    let quiet = Stream::listen(server.url(), &ann.access, "?levels=status", None);
    make(&server, &ann.access, "a");
    assert!(!watched());
    let _stream = Stream::listen(server.url(), &ann.access, "", None);
    eventually("somebody looks", || watched().then_some(()));
    drop(quiet);
}

#[test]
fn who_does_not_read_is_told_so_and_goes_on() {
    let server = server();
    let ann = server.sign_up("ann@example.org");
    let mut lazy = Stream::listen(server.url(), &ann.access, "", None);
    let mut keen = Stream::listen(server.url(), &ann.access, "?levels=beat", None);
    let many = "for i=1,4000 do redis.call('XADD', KEYS[1], '*', 'status:*', ARGV[1]) end";
    let large = json!("x".repeat(10_000)).to_string();
    server.redis.cli(&["EVAL", many, "1", LIVE, &large]).unwrap();
    publish(&server, &[("beat", "*", json!({"beats": []}))]);
    assert_eq!(keen.next().unwrap().name, "beat");
    let mut heard = 0;
    while lazy.next().unwrap().name != "resync" {
        heard += 1;
    }
    assert!((32..4_000).contains(&heard), "{heard}");
    let id = make(&server, &ann.access, "a");
    while !changed(&lazy.next().unwrap(), &id) {}
}

#[test]
fn a_person_has_sixteen_streams() {
    let server = server();
    let (ann, bob) = (server.sign_up("ann@example.org"), server.sign_up("bob@example.org"));
    let mut streams: Vec<_> = (0..16).map(|_| Stream::listen(server.url(), &ann.access, "", None)).collect();
    let refused = ann.get(EVENTS);
    refused.problem(429);
    assert!(refused.header("retry-after").is_some());
    Stream::listen(server.url(), &bob.access, "", None);
    streams.pop();
    eventually("there is a place again", || {
        Stream::open(server.url(), &ann.access, "", None).head.starts_with("http/1.1 200 ").then_some(())
    });
}

#[test]
fn a_stream_ends_with_the_process_at_once_and_with_its_sign_in_soon() {
    let mut server = server();
    let out = {
        let (ann, bob) = (server.sign_up("ann@example.org"), server.sign_up("bob@example.org"));
        let mut leaving = Stream::listen(server.url(), &bob.access, "", None);
        let stalled = Stream::listen(server.url(), &ann.access, "", None);
        let staying = Stream::listen(server.url(), &ann.access, "?levels=beat", None);
        let began = Instant::now();
        server.post("/api/v1/auth/logout", &json!({"refresh_token": bob.refresh})).expect(204);
        while leaving.next_or_ping().is_some() {}
        assert!(began.elapsed() < Duration::from_mins(1), "{:?}", began.elapsed());
        (stalled, staying)
    };
    let (_stalled, mut staying) = out;
    // One client does not read any more, and its connection is full.
    let many = "for i=1,4000 do redis.call('XADD', KEYS[1], '*', 'status:*', ARGV[1]) end";
    server.redis.cli(&["EVAL", many, "1", LIVE, &json!("x".repeat(10_000)).to_string()]).unwrap();
    publish(&server, &[("beat", "*", json!({"beats": []}))]);
    assert_eq!(staying.next().unwrap().name, "beat");
    let began = Instant::now();
    server.control.signal(Signal::SIGTERM).unwrap();
    while staying.next_or_ping().is_some() {}
    eventually("it has ended", || (!server.control.is_running()).then_some(()));
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
}
