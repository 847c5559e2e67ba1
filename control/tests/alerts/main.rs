//! From a site that breaks to the people who are told, on the whole system: what is confirmed, what is shown and not
//! sent, and what no fault may lose or double.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that finds nothing fails")]

#[path = "../house/mod.rs"]
mod house;

mod faults;
mod verdicts;

use http::Method;
use loadtest::{
    alerting::{SECRET, make_channel},
    receiver::{Receiver, Told},
};
use serde_json::{Value, json};

use house::{House, Monitor};

/// A receiver that the default policy tells, and nobody else.
fn receiver(house: &House) -> Receiver {
    let receiver = house.runtime().block_on(Receiver::start(Some(SECRET))).unwrap();
    let channel = house.runtime().block_on(make_channel(house.rest(), &receiver)).unwrap();
    let policies = house.get("/api/v1/policies");
    let usual = policies["items"].as_array().unwrap().iter().find(|policy| policy["default"] == true).unwrap();
    let path = format!("/api/v1/policies/{}", usual["id"].as_str().unwrap());
    let answer = house.ask(Method::PATCH, &path, Some(json!({"channels": [channel]})));
    assert_eq!(answer.status, 200, "{}", answer.body);
    receiver
}

/// What was told of a monitor so far, in order: `opened`, `resolved`, ….
fn told_of(receiver: &Receiver, monitor: &Monitor) -> Vec<String> {
    let ours = |told: &Told| told.monitor.as_deref() == Some(&monitor.id);
    let (told, _) = receiver.told();
    told.into_iter().filter(ours).map(|told| told.what).collect()
}

/// The incidents of a monitor, the newest first.
fn incidents_of(house: &House, monitor: &Monitor) -> Vec<Value> {
    let page = house.get(&format!("/api/v1/incidents?monitor={}", monitor.id));
    page["items"].as_array().unwrap().clone()
}

/// The whole of a monitor's newest incident.
#[track_caller]
fn newest_incident(house: &House, monitor: &Monitor) -> Value {
    let incidents = incidents_of(house, monitor);
    let id = incidents.first().expect("an incident")["id"].as_str().unwrap().to_owned();
    house.get(&format!("/api/v1/incidents/{id}"))
}

/// Has a monitor checked now. Two checks in one second have one key, so the next second comes first.
fn check(house: &House, monitor: &Monitor) {
    let second = house.now();
    house.until("the next second", || house.now() > second);
    house.post(&monitor.at("/check"), None);
}
