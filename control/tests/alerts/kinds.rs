//! A target that is no website: up, down, an incident with what it said, and up again.

use std::{
    io::Write,
    net::{SocketAddr, TcpListener},
    sync::{Arc, Mutex},
    thread,
};

use testbed::world::Shown;

use super::{check, incidents_of, newest_incident, receiver, told_of};
use crate::deployment::Deployment;
use serde_json::{Value, json};

/// A port that greets whoever connects and hangs up; what it says may change.
fn greeter(greeting: &Arc<Mutex<&'static str>>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let greeting = Arc::clone(greeting);
    thread::spawn(move || {
        for mut tcp in listener.incoming().map_while(Result::ok) {
            let text = *greeting.lock().unwrap();
            let _ = tcp.write_all(text.as_bytes());
        }
    });
    address
}

/// What each region finds of a monitor that is not saved; none where its probe is not known yet.
fn tried(system: &Deployment, body: &Value) -> Vec<String> {
    let tried = system.post("/api/v1/monitors/try", Some(body.clone()));
    let verdicts = tried["regions"].as_array().unwrap().iter().map(|region| &region["outcome"]["verdict"]);
    verdicts.filter_map(|verdict| verdict.as_str().map(str::to_owned)).collect()
}

#[test]
fn a_tcp_port_that_says_something_else_is_down_and_opens_an_incident() {
    let system = Deployment::start();
    let receiver = receiver(&system);
    let greeting = Arc::new(Mutex::new("220 mail.example ESMTP\r\n"));
    let url = format!("tcp://{}", greeter(&greeting));
    let body = json!({"url": url, "interval": 3600, "tcp": {"starts_with": "220 ", "expect": {"hex": "0d0a"}}});

    let monitor = system.monitor(&body);
    system.expect_status(&monitor, "up");
    system.until("each region can try it", || tried(&system, &body) == ["up", "up"]);
    *greeting.lock().unwrap() = "421 too busy\r\n";
    check(&system, &monitor);
    system.expect_status(&monitor, "down");
    system.until("people are told", || told_of(&receiver, &monitor) == ["opened"]);
    let incident = newest_incident(&system, &monitor);
    assert_eq!((&incident["kind"], &incident["reason"]), (&json!("availability"), &json!("answer")));
    for failure in incident["failures"].as_array().unwrap() {
        assert_eq!(failure["detail"], r"answer `421 too busy\r\n` does not begin with `220 `");
        let evidence = &failure["evidence"];
        assert_eq!((&evidence["response_head"], &evidence["body"]), (&Value::Null, &json!("421 too busy\\r\n")));
    }
    let result = &system.get(&monitor.at("/results?verdict=down"))["items"][0];
    assert_eq!((&result["reason"], &result["http_status"]), (&json!("answer"), &Value::Null));
    assert!(result["phases"]["connect"].is_number() && result["phases"]["processing"].is_number(), "{result}");

    *greeting.lock().unwrap() = "220 ready again\r\n";
    for _ in 0..2 {
        check(&system, &monitor);
    }
    system.expect_status(&monitor, "up");
    system.until("people are told it is over", || told_of(&receiver, &monitor) == ["opened", "resolved"]);
    assert_eq!(newest_incident(&system, &monitor)["state"], "resolved");
    assert_eq!(incidents_of(&system, &monitor).len(), 1);
}

#[test]
fn the_certificate_of_an_encrypted_port_that_ends_soon_opens_an_incident() {
    let system = Deployment::start();
    let url = system.world.https(Shown::EndsSoon).replace("https://", "tcp://");
    let monitor = system
        .monitor(&json!({"url": url, "interval": 3600, "tcp": {"tls": true}, "tls": {"ca": system.world.ca_pem()}}));
    system.expect_status(&monitor, "up");
    system.until("an incident opens", || !incidents_of(&system, &monitor).is_empty());
    assert_eq!(newest_incident(&system, &monitor)["kind"], "certificate");
}
