//! Many incidents at once.

use std::{collections::HashSet, time::Duration};

use crate::{
    receiver::{Receiver, Reply},
    scene::{Scene, server},
    support::eventually,
};

#[test]
fn a_hundred_at_once_are_a_digest_that_names_each_once() {
    let (server, receiver) = (server(), Receiver::start());
    let scene = Scene::new(&server);
    scene.webhook(&receiver);
    // Whatever is sent first fails: its members must stay the same.
    receiver.next(&[Reply::Status(500)]);
    let incidents = scene.open(100, Duration::ZERO);
    let expected = |kind: &str| {
        let mut all: Vec<_> = incidents.iter().map(|id| (format!("incident.{kind}"), id.clone())).collect();
        all.sort();
        all
    };
    eventually("all are told", || (receiver.told().len() >= 100).then_some(()));
    assert_eq!(receiver.told(), expected("opened"));
    let seen = receiver.seen();
    assert_eq!(seen.len(), 2, "{seen:?}");
    assert!(seen.iter().all(|seen| seen.kind() == "incident.digest" && seen.id() == seen.body["data"]["key"]));
    assert_eq!(seen[0].id(), seen[1].id());
    assert_eq!(seen[0].told(), seen[1].told());
    assert!(seen[0].id().starts_with("digest:"));

    let keys: HashSet<_> = seen[1].body["data"]["incidents"]
        .as_array()
        .unwrap()
        .iter()
        .map(|member| member["data"]["key"].to_string())
        .collect();
    assert_eq!(keys.len(), 100);
    let states = "select string_agg(distinct what || ' ' || state, ', ') from outbox";
    eventually("all are marked", || (server.psql(states) == "opened sent").then_some(()));
    scene.resolve(&incidents);
    eventually("all are told", || (receiver.told().len() >= 200).then_some(()));
    assert_eq!(receiver.told(), [expected("opened"), expected("resolved")].concat());
    assert_eq!(receiver.seen().len(), 3);
    let metrics = server.admin("/metrics").expect(200);
    let counted = "upguard_pipeline_seconds_count{stage=\"stored_to_notified\"} 200";
    assert!(metrics.as_str().unwrap().contains(counted), "{metrics}");
}

#[test]
fn a_few_are_told_one_by_one() {
    let (server, receiver) = (server(), Receiver::start());
    let scene = Scene::new(&server);
    scene.webhook(&receiver);
    scene.open(10, Duration::ZERO);
    eventually("all are told", || (receiver.told().len() >= 10).then_some(()));
    assert_eq!(receiver.seen().len(), 10);
}

#[test]
fn a_digest_that_is_given_up_can_be_sent_again() {
    let (server, receiver) = (server(), Receiver::start());
    let scene = Scene::new(&server);
    let channel = scene.webhook(&receiver);
    receiver.next(&[Reply::Status(410)]);
    let incidents = scene.open(20, Duration::ZERO);
    let dead = eventually("it is given up", || scene.unsent("dead").pop());
    assert_eq!((&dead["messages"], &dead["incident"]), (&20.into(), &serde_json::Value::Null));
    assert_eq!(scene.rows(&incidents[0], &channel), ["opened dead"]);
    scene.user.post(&format!("/api/v1/deliveries/{}/resend", dead["key"]), &serde_json::json!({}));
    eventually("all are told", || (receiver.told().len() == 20).then_some(()));
    eventually("all are marked", || (scene.rows(&incidents[0], &channel) == ["opened sent"]).then_some(()));
}
