//! From a site that breaks to the people who are told, on the whole system: what is confirmed, what is shown and not
//! sent, and what no fault may lose or double.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that finds nothing fails")]

#[path = "../deployment/mod.rs"]
mod deployment;

mod faults;
mod kinds;
mod verdicts;

use http::Method;
use serde_json::{Value, json};
use testbed::{
    alerting::{SECRET, make_channel},
    receiver::{Receiver, Told},
};

use deployment::{Deployment, Monitor};

/// A receiver that the default policy tells, and nobody else.
fn receiver(system: &Deployment) -> Receiver {
    let receiver = system.runtime().block_on(Receiver::start(Some(SECRET))).unwrap();
    let channel = system.runtime().block_on(make_channel(system.rest(), &receiver)).unwrap();
    let policies = system.get("/api/v1/policies");
    let usual = policies["items"].as_array().unwrap().iter().find(|policy| policy["default"] == true).unwrap();
    let path = format!("/api/v1/policies/{}", usual["id"].as_str().unwrap());
    let answer = system.ask(Method::PATCH, &path, Some(json!({"channels": [channel]})));
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
fn incidents_of(system: &Deployment, monitor: &Monitor) -> Vec<Value> {
    let page = system.get(&format!("/api/v1/incidents?monitor={}", monitor.id));
    page["items"].as_array().unwrap().clone()
}

/// The whole of a monitor's newest incident.
#[track_caller]
fn newest_incident(system: &Deployment, monitor: &Monitor) -> Value {
    let incidents = incidents_of(system, monitor);
    let id = incidents.first().expect("an incident")["id"].as_str().unwrap().to_owned();
    system.get(&format!("/api/v1/incidents/{id}"))
}

/// Has a monitor checked now. Two checks in one second have one key, so the next second comes first.
fn check(system: &Deployment, monitor: &Monitor) {
    let second = system.now();
    system.until("the next second", || system.now() > second);
    system.post(&monitor.at("/check"), None);
}
