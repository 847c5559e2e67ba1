//! What a dashboard hears of the whole system at work: checks, changes and incidents, on whatever replica it listens.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that finds nothing fails")]

mod deployment;
mod sse;

use deployment::{Deployment, Monitor, Plan};
use serde_json::{Value, json};
use sse::{Event, Stream};

/// Events heard until the one that is waited for.
const AGAIN: usize = 1_000;

fn token(system: &Deployment) -> String {
    let login = json!({"email": "testbed@example.org", "password": "a world of misbehaving sites"});
    system.post("/api/v1/auth/login", Some(login))["access_token"].as_str().unwrap().to_owned()
}

/// Checks at once from everywhere.
fn check(system: &Deployment, monitor: &Monitor) {
    system.post(&monitor.at("/check"), None);
}

/// Two checks in one second are one, so it is asked for again and again.
fn check_until(system: &Deployment, monitor: &Monitor, status: &str) {
    system.until("the status follows", || {
        check(system, monitor);
        system.status(monitor) == status
    });
}

/// Hears on until an event is the one; returns it. A new owner of a lane asks for a fresh look, and leaves nothing out.
fn hear(stream: &mut Stream, what: &str, is_it: impl Fn(&Event) -> bool) -> Event {
    let mut heard = Vec::new();
    for _ in 0..AGAIN {
        let event = stream.next().expect("the stream goes on");
        deployment::contract::check_event(&event.name, &event.data);
        if is_it(&event) {
            return event;
        }
        heard.push(format!("{} {}", event.name, event.data));
    }
    panic!("not heard: {what}\n{heard:#?}");
}

fn turned(monitor: &Monitor, to: &str) -> impl Fn(&Event) -> bool {
    move |event| event.name == "status" && event.data["monitor"] == json!(monitor.id) && event.data["to"] == to
}

#[test]
fn a_dashboard_hears_of_checks_changes_and_incidents_and_misses_none_when_a_replica_dies() {
    let mut system = Plan::default().controls(2).start();
    let token = token(&system);
    let site = system.site("shop");
    let mut stream = Stream::listen(&system.controls[0].api, &token, "", None);
    // Nothing happens by itself for an hour.
    let monitor = system.monitor(&json!({"url": site.url(), "interval": 3600, "confirm": {"recoveries": 1}}));
    hear(&mut stream, "it is there", |event| event.name == "monitor.changed");
    hear(&mut stream, "it is up", turned(&monitor, "up"));
    // Another is checked every few seconds: beats may begin a moment after somebody looks.
    let busy = system.monitor(&json!({"url": system.site("busy").url()}));
    let of_busy = |event: &Event| event.name == "beat" && event.data["beats"][0]["monitor"] == json!(busy.id);
    let beat = hear(&mut stream, "a check", of_busy).data["beats"][0].clone();
    assert_eq!(beat["verdict"], "up");
    assert!(beat["region"].is_string() && beat["slot"].is_i64() && beat["ms"].is_number(), "{beat}");

    site.answer(503);
    check_until(&system, &monitor, "down");
    let down = hear(&mut stream, "it is down", turned(&monitor, "down"));
    assert_eq!(down.data["reason"], "status");
    let about = |event: &Event, name: &str| event.name == name && event.data["monitor"] == json!(monitor.id);
    system.until("an incident is open", || system.get(&monitor.at(""))["incident"] != Value::Null);
    let incident = system.get(&monitor.at(""))["incident"]["id"].clone();

    // The stream is cut with its replica, and what happens meanwhile is heard on the other one.
    system.controls[0].service.kill9();
    while stream.next_or_ping().is_some() {}
    system.post(&format!("/api/v1/incidents/{}/acknowledge", incident.as_str().unwrap()), None);
    site.answer(200);
    check_until(&system, &monitor, "up");
    let mut stream = Stream::listen(&system.controls[1].api, &token, "?levels=status", Some(&down.id));
    hear(&mut stream, "it is acknowledged", |event| about(event, "incident.acknowledged"));
    hear(&mut stream, "it is up", turned(&monitor, "up"));
    let over = hear(&mut stream, "it is over", |event| about(event, "incident.resolved"));
    assert_eq!(over.data["incident"], incident);
}
