//! Who is told of what, in which order, and how soon.

use std::{
    thread::sleep,
    time::{Duration, Instant},
};

use domain::incident::{Level, What};
use serde_json::json;
use store::incidents::Move;

use crate::{
    receiver::{Receiver, Reply, Seen},
    scene::{Scene, server},
    support::{eventually, incidents::down},
};

#[test]
fn an_incident_is_told_in_order_and_a_repeat_has_the_key_of_the_first_try() {
    let (server, receiver) = (server(), Receiver::start());
    let scene = Scene::new(&server);
    let channel = scene.webhook(&receiver);
    let incident = scene.open(1, Duration::ZERO).remove(0);
    eventually("it is told", || (!receiver.taken().is_empty()).then_some(()));
    let first = &receiver.seen()[0];
    assert_eq!(first.id(), format!("{incident}:1:{channel}"));
    assert_eq!((first.kind(), &first.body["data"]["change"]), ("incident.opened", &1.into()));
    assert_eq!(first.body["data"]["regions"][0]["vote"], "down");
    assert!(first.headers["webhook-signature"].starts_with("v1,"));

    // While the acknowledgement fails, what follows waits.
    eventually("it is marked", || (scene.rows(&incident, &channel) == ["opened sent"]).then_some(()));
    receiver.next(&[Reply::Status(503), Reply::Status(500)]);
    let acknowledge = format!("/api/v1/incidents/{incident}/acknowledge");
    scene.user.post(&acknowledge, &json!({})).expect(200);
    server.hold(&incident);
    let rows = ["opened sent", "acknowledged sent", "flapping sent"];
    eventually("both are told", || (scene.rows(&incident, &channel) == rows).then_some(()));
    scene.resolve(std::slice::from_ref(&incident));
    let kinds = ["opened", "acknowledged", "flapping", "resolved"].map(|kind| format!("incident.{kind}"));
    let all = || receiver.taken().iter().map(|seen| seen.kind().to_owned()).collect::<Vec<_>>();
    eventually("the rest is told", || (all().len() >= 4).then_some(()));
    assert_eq!(all(), kinds);
    let seen = receiver.seen();
    let acknowledged: Vec<_> = seen.iter().filter(|seen| seen.kind() == "incident.acknowledged").collect();
    assert_eq!(acknowledged.len(), 3);
    assert!(acknowledged.iter().all(|seen| seen.id() == format!("{incident}:2:{channel}")));
    assert_eq!(acknowledged[0].body["data"]["by"], "ann@example.org");
    assert!(acknowledged[1].at - acknowledged[0].at >= Duration::from_millis(240));
    assert!(acknowledged[2].at - acknowledged[1].at >= Duration::from_millis(480));

    let log = eventually("all is logged", || {
        let log = scene.user.get(&format!("/api/v1/channels/{channel}/deliveries?limit=4")).expect(200);
        (log["items"][0]["what"] == "resolved").then_some(log)
    });
    let path = format!("/api/v1/channels/{channel}/deliveries");
    let rest = scene.user.get(&format!("{path}?after={}", log["next"].as_str().unwrap())).expect(200);
    let tries: Vec<_> = [log, rest].iter().flat_map(|page| page["items"].as_array().unwrap().clone()).collect();
    let told = |at: usize| (tries[at]["what"].as_str().unwrap(), tries[at]["attempt"].as_i64().unwrap());
    assert_eq!(tries.len(), 6);
    assert_eq!([told(5), told(4), told(2)], [("opened", 1), ("acknowledged", 1), ("acknowledged", 3)]);
    assert_eq!((&tries[4]["status"], &tries[4]["ok"]), (&503.into(), &false.into()));
    assert_eq!(tries[4]["answer"], "answered 503");
    assert_eq!(tries[4]["incident"], incident);
    assert_eq!(tries[4]["monitor"]["name"], "site 1");
    let bob = server.sign_up("bob@example.org");
    bob.get(&path).problem(404);

    let metrics = server.admin("/metrics").expect(200);
    for line in [
        r#"upguard_deliveries_total{channel="webhook",result="sent"} 4"#,
        r#"upguard_deliveries_total{channel="webhook",result="failed"} 2"#,
        r#"upguard_pipeline_seconds_count{stage="stored_to_notified"} 4"#,
    ] {
        assert!(metrics.as_str().unwrap().contains(line), "{line} is not in\n{metrics}");
    }
}

#[test]
fn only_who_heard_of_it_hears_of_its_end() {
    let (server, hears, gone) = (server(), Receiver::start(), Receiver::start());
    let scene = Scene::new(&server);
    let (hearing, deaf) = (scene.webhook(&hears), scene.webhook(&gone));
    gone.usually(Reply::Status(500));
    let incident = scene.open(1, Duration::ZERO).remove(0);
    eventually("one is told", || (scene.rows(&incident, &hearing) == ["opened sent"]).then_some(()));
    eventually("one is tried", || (!gone.seen().is_empty()).then_some(()));
    // Both may still be told of it when it ends; then one cannot.
    scene.resolve(std::slice::from_ref(&incident));
    gone.usually(Reply::Status(410));
    eventually("its end is told", || (hears.taken().len() == 2).then_some(()));
    eventually("or not", || (scene.rows(&incident, &deaf) == ["opened dead", "resolved dropped"]).then_some(()));
    assert_eq!(hears.seen()[1].kind(), "incident.resolved");
    assert!(gone.seen().iter().all(|seen| seen.kind() == "incident.opened"));
    assert!(hears.seen().iter().all(|seen| seen.id().ends_with(&hearing)));
}

#[test]
fn what_ends_before_it_is_told_is_one_message() {
    let (server, receiver) = (server(), Receiver::start());
    let scene = Scene::new(&server);
    let channel = scene.webhook(&receiver);
    let incident = scene.open(1, Duration::from_hours(1)).remove(0);
    scene.resolve(std::slice::from_ref(&incident));
    eventually("it is told", || (scene.rows(&incident, &channel) == ["opened merged", "resolved sent"]).then_some(()));
    let seen = receiver.seen();
    assert_eq!((seen.len(), seen[0].kind()), (1, "incident.resolved"));
    assert_eq!(seen[0].body["data"]["merged"], true);
    // What was told is not told again, even if what made it worse was not.
    let other = scene.open(1, Duration::ZERO).remove(0);
    eventually("it is told", || (scene.rows(&other, &channel) == ["opened sent"]).then_some(()));
    let id = other.parse().unwrap();
    let worse = Move { id, level: Level::Down, what: What::Escalated, reason: None, facts: json!({}) };
    server.shift(worse, Duration::from_hours(1));
    scene.resolve(std::slice::from_ref(&other));
    eventually("its end is told", || (receiver.seen().len() == 3).then_some(()));
    assert_eq!(receiver.seen()[2].body["data"]["merged"], false);
}

#[test]
fn people_are_reminded_until_somebody_takes_it() {
    let (server, receiver) = (server(), Receiver::start());
    let scene = Scene::new(&server);
    let channel = scene.webhook(&receiver);
    server.psql("update policies set reminder = 60");
    let incident = scene.open(1, Duration::ZERO).remove(0);
    eventually("it is told", || (scene.rows(&incident, &channel) == ["opened sent"]).then_some(()));
    let overdue = || server.psql("update incidents set remind_at = now() where remind_at is not null");
    overdue();
    let reminded = || receiver.taken().iter().filter(|seen| seen.kind() == "incident.reminded").count();
    eventually("they are reminded", || (reminded() == 1).then_some(()));
    let is_counted = || {
        let metrics = server.admin("/metrics").expect(200);
        metrics.as_str().unwrap().contains("upguard_incidents_open{kind=\"availability\"} 1").then_some(())
    };
    eventually("it is counted", is_counted);
    let path = format!("/api/v1/incidents/{incident}/acknowledge");
    scene.user.post(&path, &json!({})).expect(200);
    overdue();
    let told = |kind: &str| receiver.taken().iter().any(|seen| seen.kind() == kind);
    eventually("it is told that somebody took it", || told("incident.acknowledged").then_some(()));
    sleep(Duration::from_secs(11));
    assert_eq!(reminded(), 1);
}

#[test]
fn a_notification_wakes_long_before_the_next_look() {
    let (server, receiver) = (server(), Receiver::start());
    let scene = Scene::new(&server);
    scene.webhook(&receiver);
    let heard = "select count(*) from pg_stat_activity where application_name = 'upguard notifier'";
    eventually("somebody listens", || (server.psql(heard) == "1").then_some(()));
    let mut took: Vec<Duration> = Vec::new();
    for each in 1..=9 {
        let keys = scene.monitors(1).remove(0);
        server.open(vec![down(keys.parse().unwrap())], 1, Duration::ZERO);
        let written = Instant::now();
        let arrived = eventually("it is told", || receiver.taken().get(each - 1).map(|seen: &Seen| seen.at));
        took.push(arrived.saturating_duration_since(written));
        // At another moment of the second each time.
        sleep(Duration::from_millis(130 * each as u64));
    }
    took.sort();
    assert!(took[4] < Duration::from_millis(250), "{took:?}");
}
