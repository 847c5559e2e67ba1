//! Replicas that die between sending and marking, and replicas that work beside each other.

use std::{collections::HashMap, time::Duration};

use crate::{
    receiver::{Receiver, Reply},
    scene::{FAST, Scene, server, server_with},
    support::{Server, eventually, ready_line},
};
use testbed::process::Process;

/// Another replica on the same servers.
fn another(server: &Server, more: &[(&str, &str)]) -> Process {
    let mut command = server.command();
    command.arg("serve").envs(FAST).envs(more.iter().copied());
    let mut control = Process::spawn("another", command, &server.dir.path().join("another.log")).unwrap();
    ready_line(&mut control);
    control
}

#[test]
fn what_was_sent_and_not_marked_is_sent_again_with_the_same_key() {
    let (mut server, receiver) = (server(), Receiver::start());
    let channel;
    let incident;
    {
        let scene = Scene::new(&server);
        channel = scene.webhook(&receiver);
        // It has the message, and the replica does not know.
        receiver.next(&[Reply::Late(Duration::from_mins(1))]);
        incident = scene.open(1, Duration::ZERO).remove(0);
        eventually("it arrives", || (receiver.seen().len() == 1).then_some(()));
    }
    server.control.kill9();
    let _other = another(&server, &[]);
    let state = format!("select state, attempts, claim is not null from outbox where incident = '{incident}'");
    assert_eq!(server.psql(&state), "pending|0|t");
    // The claim lapses, as it does by itself after half a minute.
    server.psql("update outbox set claimed_until = now()");
    eventually("it is told", || (server.psql(&state) == "sent|1|f").then_some(()));
    let seen = receiver.seen();
    assert_eq!(seen.len(), 2);
    assert_eq!([seen[0].id(), seen[1].id()], [format!("{incident}:1:{channel}"), format!("{incident}:1:{channel}")]);
}

#[test]
fn two_replicas_send_nothing_twice() {
    let more = [("UPGUARD_ALERTING__DIGEST_ABOVE", "100000")];
    let (server, receiver) = (server_with(&more), Receiver::start());
    let _other = another(&server, &more);
    let scene = Scene::new(&server);
    scene.webhook(&receiver);
    receiver.usually(Reply::Late(Duration::from_millis(20)));
    let mut incidents = Vec::new();
    for _ in 0..10 {
        incidents.extend(scene.open(25, Duration::ZERO));
    }
    scene.resolve(&incidents[..100]);
    eventually("all are told", || {
        (server.psql("select count(*) from outbox where state = 'pending'") == "0").then_some(())
    });
    let mut keys = HashMap::<_, usize>::new();
    receiver.seen().iter().for_each(|seen| *keys.entry(seen.id().to_owned()).or_default() += 1);
    assert!(keys.values().all(|times| *times == 1), "{keys:?}");
    let sent: usize = server.psql("select count(*) from outbox where state = 'sent'").parse().unwrap();
    assert_eq!(keys.len(), sent);
    let both = "select count(distinct at) > 1 from deliveries";
    assert_eq!(server.psql(both), "t");
}

#[test]
fn while_postgres_is_away_what_arrived_is_remembered() {
    let (mut server, receiver) = (server(), Receiver::start());
    {
        let scene = Scene::new(&server);
        scene.webhook(&receiver);
        receiver.next(&[Reply::Late(Duration::from_secs(2))]);
        scene.open(1, Duration::ZERO);
        eventually("it arrives", || (receiver.seen().len() == 1).then_some(()));
    }
    server.postgres.stop().unwrap();
    std::thread::sleep(Duration::from_secs(4));
    server.postgres.start_again().unwrap();
    let state = "select state, attempts from outbox";
    eventually("it is marked", || (server.postgres.psql("upguard", state).ok()? == "sent|1").then_some(()));
    assert_eq!(receiver.seen().len(), 1);
}

#[test]
fn a_replica_that_ends_properly_marks_what_it_sent() {
    let (mut server, receiver) = (server(), Receiver::start());
    {
        let scene = Scene::new(&server);
        scene.webhook(&receiver);
        receiver.next(&[Reply::Late(Duration::from_secs(1))]);
        scene.open(1, Duration::ZERO);
        eventually("it arrives", || (receiver.seen().len() == 1).then_some(()));
    }
    server.control.stop(nix::sys::signal::Signal::SIGTERM, Duration::from_secs(15)).unwrap();
    assert_eq!(server.psql("select state, attempts from outbox"), "sent|1");
}

#[test]
fn the_watchdog_is_called_while_all_is_well() {
    let watchdog = Receiver::start();
    let server = server_with(&[("UPGUARD_WATCHDOG__URL", &watchdog.url())]);
    eventually("it is called", || (!watchdog.seen().is_empty()).then_some(()));
    assert!(watchdog.seen()[0].headers["user-agent"].starts_with("UpGuard/"));
    drop(server);
}
