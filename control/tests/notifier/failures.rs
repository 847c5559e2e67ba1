//! Receivers that fail, ask for a pause, or never come back.

use std::time::Duration;

use crate::{
    receiver::{Receiver, Reply},
    scene::{Scene, server, server_with},
    support::eventually,
};
use serde_json::json;

#[test]
fn who_asks_for_a_pause_has_it() {
    let (server, receiver) = (server(), Receiver::start());
    let scene = Scene::new(&server);
    scene.webhook(&receiver);
    receiver.next(&[Reply::Busy(3)]);
    scene.open(1, Duration::ZERO);
    eventually("it asks for a pause", || (receiver.seen().len() == 1).then_some(()));
    // The pause is the channel's, not the message's.
    scene.open(1, Duration::ZERO);
    eventually("both are told", || (receiver.taken().len() == 2).then_some(()));
    let seen = receiver.seen();
    assert_eq!(seen.len(), 3, "{seen:?}");
    assert!(seen[1..].iter().all(|later| later.at - seen[0].at >= Duration::from_secs(3)), "{seen:?}");
    assert!(seen[1].at - seen[0].at < Duration::from_secs(8), "{seen:?}");
}

#[test]
fn what_never_arrives_is_given_up_and_can_be_sent_again() {
    let (server, receiver) = (server_with(&[("UPGUARD_ALERTING__GIVE_UP", "2s")]), Receiver::start());
    let scene = Scene::new(&server);
    let channel = scene.webhook(&receiver);
    receiver.usually(Reply::Status(404));
    let incident = scene.open(1, Duration::ZERO).remove(0);
    let waiting = eventually("it waits", || scene.unsent("pending").into_iter().find(|row| row["attempts"] != 0));
    assert_eq!((&waiting["incident"], &waiting["channel"]["id"]), (&incident.clone().into(), &channel.clone().into()));
    assert_eq!((&waiting["monitor"]["name"], &waiting["region"]), (&json!("site 1"), &json!(null)));
    let dead = eventually("it is given up", || scene.unsent("dead").pop());
    assert_eq!((&dead["what"], &dead["last"]["status"]), (&"opened".into(), &404.into()));
    assert!(dead["attempts"].as_i64().unwrap() >= 3, "{dead}");
    assert_eq!(dead["due_at"], json!(null));
    let tries = receiver.seen();
    assert!(tries.iter().all(|tried| tried.id() == tries[0].id()));

    let again = format!("/api/v1/deliveries/{}/resend", dead["key"]);
    let bob = server.sign_up("bob@example.org");
    bob.post(&again, &json!({})).problem(404);
    assert!(bob.get("/api/v1/deliveries").expect(200)["items"].as_array().unwrap().is_empty());
    server.psql("update channels set enabled = false where kind = 'webhook'");
    scene.user.post(&again, &json!({})).problem(409);
    server.psql("update channels set enabled = true");
    receiver.usually(Reply::Status(200));
    let answer = scene.user.post(&format!("/api/v1/deliveries/{}/resend", dead["key"]), &json!({}));
    assert!(matches!(answer.status, 200 | 204), "{}", answer.body);
    eventually("it is told", || (scene.rows(&incident, &channel) == ["opened sent"]).then_some(()));
    assert_eq!(receiver.taken()[0].id(), tries[0].id());
    scene.user.post(&again, &json!({})).problem(409);
    scene.user.post("/api/v1/deliveries/999999/resend", &json!({})).problem(404);
    scene.user.get("/api/v1/deliveries?state=lost").problem(400);
    assert!(scene.unsent("dead").is_empty());
}

#[test]
fn a_receiver_that_hangs_holds_up_nobody_else() {
    let (server, hangs, works) = (server(), Receiver::start(), Receiver::start());
    let scene = Scene::new(&server);
    scene.webhook(&hangs);
    scene.webhook(&works);
    hangs.usually(Reply::Late(Duration::from_mins(1)));
    for told in 1..=3 {
        scene.open(8, Duration::ZERO);
        eventually("the other is told", || (works.told().len() == told * 8).then_some(()));
    }
    assert!(hangs.seen().len() <= 4, "four at once");
}

#[test]
fn a_channel_that_is_switched_off_or_deleted_is_left_alone() {
    let (server, receiver) = (server(), Receiver::start());
    let scene = Scene::new(&server);
    let channel = scene.webhook(&receiver);
    receiver.usually(Reply::Status(500));
    let incident = scene.open(1, Duration::ZERO).remove(0);
    eventually("it is tried", || (!receiver.seen().is_empty()).then_some(()));
    scene.user.delete(&format!("/api/v1/channels/{channel}")).expect(204);
    eventually("it is dropped", || (scene.rows(&incident, &channel) == ["opened dropped"]).then_some(()));
}
