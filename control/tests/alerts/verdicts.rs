//! What is believed, and who is told of it.

use std::net::TcpListener;

use http::Method;
use serde_json::json;

use super::{check, incidents_of, newest_incident, receiver, told_of};
use crate::deployment::{Deployment, Plan};

#[test]
fn a_site_that_goes_down_is_confirmed_by_both_regions_at_once_and_told_once() {
    let system = Deployment::start();
    let receiver = receiver(&system);
    let site = system.site("shop");
    // Nobody waits for the next interval: it is an hour away.
    let monitor = system.monitor(&json!({"url": site.url(), "interval": 3600}));
    system.expect_status(&monitor, "up");
    site.answer(503);
    check(&system, &monitor);
    system.expect_status(&monitor, "down");
    system.until("people are told", || told_of(&receiver, &monitor) == ["opened"]);
    let rounds = system.sql(&format!(
        "select count(distinct region), min(verdict::text) from results where monitor = {} and attempt between 1 and 254",
        monitor.key
    ));
    assert_eq!(rounds, "2|down", "a recheck by each region");

    let incident = newest_incident(&system, &monitor);
    assert_eq!((&incident["state"], &incident["level"]), (&json!("open"), &json!("down")));
    // One region may be believed a moment before the other; people are told when it takes no more.
    let told = incident["timeline"].as_array().unwrap().last().unwrap();
    assert_eq!((&told["data"]["told"], &told["data"]["policy"]), (&json!(1), &json!("Default")));
    assert_eq!(told["data"]["votes"], json!({"up": 0, "degraded": 0, "down": 2, "abstain": 0}));
    for failure in incident["failures"].as_array().unwrap() {
        assert_eq!(failure["reason"], "status");
        let head = failure["evidence"]["response_head"].as_str().unwrap();
        assert!(head.starts_with("HTTP/1.1 503"), "{head}");
    }
    let verdict = system.get(&monitor.at("/verdict"));
    assert_eq!((&verdict["status"], &verdict["needed"], &verdict["can_vote"]), (&json!("down"), &json!(2), &json!(2)));

    site.answer(200);
    for _ in 0..2 {
        check(&system, &monitor);
    }
    system.expect_status(&monitor, "up");
    system.until("people are told it is over", || told_of(&receiver, &monitor) == ["opened", "resolved"]);
    assert_eq!(newest_incident(&system, &monitor)["state"], "resolved");
    assert_eq!(receiver.bad(), Vec::<String>::new(), "every request is signed");
}

#[test]
fn one_failed_attempt_is_nobodys_alarm() {
    let system = Deployment::start();
    let receiver = receiver(&system);
    let site = system.site("shop");
    let monitor = system.monitor(&json!({"url": site.url()}));
    system.expect_status(&monitor, "up");
    for failure in 1..=3 {
        site.stumble();
        let failed =
            format!("select count(*) = {failure} from results where monitor = {} and verdict = 'down'", monitor.key);
        system.until("the failure is stored", || system.sql(&failed) == "t");
    }
    system.until("each was rechecked", || {
        system.number(&format!(
            "select count(*) from results where monitor = {} and attempt between 1 and 254",
            monitor.key
        )) >= 3
    });
    assert_eq!(system.status(&monitor), "up");
    assert_eq!((incidents_of(&system, &monitor), told_of(&receiver, &monitor)), (vec![], vec![]));
}

#[test]
fn down_in_one_region_only_is_regional_explained_and_by_default_not_sent() {
    // To the eyes of us-east the site has an address it must not dial.
    let blind = Plan::default().probe_env("us-east/w1", "UPGUARD_PROBE__EGRESS__ALLOW", "10.0.0.0/8".to_owned());
    let system = blind.start();
    let receiver = receiver(&system);
    let monitor = system.monitor(&json!({"url": system.site("shop").url()}));
    system.expect_status(&monitor, "regional");
    system.until("there is an incident", || !incidents_of(&system, &monitor).is_empty());
    let incident = newest_incident(&system, &monitor);
    assert_eq!(incident["level"], "regional");
    let opened = &incident["timeline"][0]["data"];
    assert_eq!((&opened["told"], &opened["sends"]), (&json!(0), &json!(false)), "{opened}");
    let verdict = system.get(&monitor.at("/verdict"));
    let votes: Vec<_> = verdict["regions"].as_array().unwrap().iter().map(|region| &region["vote"]).collect();
    assert_eq!(votes, ["up", "down"]);
    assert_eq!(told_of(&receiver, &monitor), Vec::<String>::new());

    // Whoever wants to be told says so.
    let policy = system.post(
        "/api/v1/policies",
        Some(json!({
            "name": "all", "sends": ["regional", "down"],
            "channels": system.get("/api/v1/channels")["items"].as_array().unwrap().iter()
                .filter(|channel| channel["kind"] == "webhook").map(|channel| &channel["id"]).collect::<Vec<_>>(),
        })),
    );
    let other = system.monitor(&json!({"url": system.site("other").url(), "alert_policy": policy["id"]}));
    system.until("people are told", || told_of(&receiver, &other) == ["opened"]);
}

#[test]
fn a_probe_whose_own_network_fails_pages_nobody_but_the_operators() {
    let witness = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = witness.local_addr().unwrap().to_string();
    let plan = Plan::default().probe_env("us-east/w1", "UPGUARD_PROBE__WITNESSES", address.clone());
    let system = plan.start();
    let receiver = receiver(&system);
    let site = system.site("shop");
    let monitor = system.monitor(&json!({"url": site.url(), "regions": ["us-east"]}));
    system.expect_status(&monitor, "up");
    drop(witness);
    site.answer(503);
    let suspect = format!(
        "select count(*) > 2 from results where monitor = {} and verdict = 'down' and suspect = 'network'",
        monitor.key
    );
    system.until("what it finds is suspect", || system.sql(&suspect) == "t");
    system.expect_status(&monitor, "unknown");
    system.until("the operators are told", || {
        receiver.told().0.iter().any(|told| told.kind == "region" && told.what == "opened")
    });
    assert_eq!((incidents_of(&system, &monitor), told_of(&receiver, &monitor)), (vec![], vec![]));
    let trusted = format!(
        "select count(*) from results where monitor = {} and verdict = 'down' and suspect is null",
        monitor.key
    );
    assert_eq!(system.number(&trusted), 0);

    let _witness = TcpListener::bind(&address).unwrap();
    system.expect_status(&monitor, "down");
    system.until("the region is well again", || {
        receiver.told().0.iter().any(|told| told.kind == "region" && told.what == "resolved")
    });
    system.until("and now people are told of the site", || told_of(&receiver, &monitor) == ["opened"]);
}

#[test]
fn a_region_whose_workers_are_gone_is_one_incident_of_the_operators() {
    let mut system = Plan::default().set("UPGUARD_ALERTING__REGION_GONE", "4s").start();
    let receiver = receiver(&system);
    let monitor = system.monitor(&json!({"url": system.site("shop").url(), "interval": 3600}));
    system.expect_status(&monitor, "up");
    system.probe("us-east/w1").kill9();
    let told = |what| receiver.told().0.iter().filter(|told| told.kind == "region" && told.what == what).count();
    system.until("the operators are told", || told("opened") == 1);
    let verdict = system.get(&monitor.at("/verdict"));
    let gone = verdict["regions"].as_array().unwrap().iter().find(|region| region["region"] == "us-east").unwrap();
    assert_eq!(gone["vote"], json!(null), "{gone}");
    assert_eq!(system.status(&monitor), "up", "the other region keeps its say");
    system.probe("us-east/w1").start().unwrap();
    system.until("it is over", || told("resolved") == 1);
    assert_eq!(told("opened"), 1);
}

#[test]
fn what_comes_and_goes_is_one_incident_with_a_note() {
    let plan = Plan::default().set("UPGUARD_ALERTING__FLAPPING_CHANGES", "4");
    let system = plan.set("UPGUARD_ALERTING__FLAPPING_WINDOW", "20s").start();
    let receiver = receiver(&system);
    let site = system.site("shop");
    let quick = json!({"failures": 1, "recoveries": 1});
    let monitor = system.monitor(&json!({"url": site.url(), "confirm": quick}));
    system.expect_status(&monitor, "up");
    for _ in 0..3 {
        site.answer(503);
        check(&system, &monitor);
        system.expect_status(&monitor, "down");
        site.answer(200);
        check(&system, &monitor);
        system.expect_status(&monitor, "up");
    }
    let incident = newest_incident(&system, &monitor);
    assert_eq!((&incident["flapping"], &incident["state"]), (&json!(true), &json!("open")));
    let before = incidents_of(&system, &monitor).len();
    assert!(before <= 2, "{before} incidents");
    system.until("all is calm", || newest_incident(&system, &monitor)["state"] == "resolved");
    assert_eq!(incidents_of(&system, &monitor).len(), before);
    system
        .until("people are told it is over", || told_of(&receiver, &monitor).last().is_some_and(|it| it == "resolved"));
    assert!(told_of(&receiver, &monitor).contains(&"flapping".to_owned()));
}

#[test]
fn what_flapped_and_was_not_known_for_a_while_is_over_once_it_is_calm() {
    let plan =
        Plan::default().set("UPGUARD_ALERTING__FLAPPING_CHANGES", "2").set("UPGUARD_ALERTING__REGION_GONE", "4s");
    let mut system = plan.set("UPGUARD_ALERTING__FLAPPING_WINDOW", "8s").start();
    let receiver = receiver(&system);
    let site = system.site("shop");
    let quick = json!({"failures": 1, "recoveries": 1});
    let monitor = system.monitor(&json!({"url": site.url(), "confirm": quick}));
    system.expect_status(&monitor, "up");
    site.answer(503);
    check(&system, &monitor);
    system.expect_status(&monitor, "down");
    site.answer(200);
    check(&system, &monitor);
    system.expect_status(&monitor, "up");
    assert_eq!(newest_incident(&system, &monitor)["flapping"], true);
    let up = system.now();
    for worker in ["eu-west/w1", "us-east/w1"] {
        system.probe(worker).kill9();
    }
    system.expect_status(&monitor, "unknown");
    system.until("the window is over", || system.now() > up + 12);
    assert_eq!(newest_incident(&system, &monitor)["state"], "open", "nobody knows");
    for worker in ["eu-west/w1", "us-east/w1"] {
        system.probe(worker).start().unwrap();
    }
    system.until("all is calm", || newest_incident(&system, &monitor)["state"] == "resolved");
    assert_eq!(system.status(&monitor), "up");
    system.until("people are told", || told_of(&receiver, &monitor).last().is_some_and(|it| it == "resolved"));
}

#[test]
fn acknowledged_is_looked_after_and_checked_on_and_paused_is_over() {
    let system = Deployment::start();
    let receiver = receiver(&system);
    let site = system.site("shop");
    site.answer(503);
    let monitor = system.monitor(&json!({"url": site.url()}));
    system.until("people are told", || told_of(&receiver, &monitor) == ["opened"]);
    let incident = newest_incident(&system, &monitor);
    let at = |action: &str| format!("/api/v1/incidents/{}/{action}", incident["id"].as_str().unwrap());
    system.post(&at("acknowledge"), None);
    assert_eq!(system.ask(Method::POST, &at("acknowledge"), None).status, 409);
    system.post(&at("comments"), Some(json!({"text": "a fuse"})));
    system.until("the channel hears of it", || told_of(&receiver, &monitor) == ["opened", "acknowledged"]);
    let checked = format!("select count(*) from results where monitor = {} and slot > {}", monitor.key, system.now());
    system.until("checks go on", || system.number(&checked) > 1);
    system.post(&monitor.at("/pause"), None);
    system.until("it is over", || newest_incident(&system, &monitor)["state"] == "resolved");
    system.until("the channel hears of that too", || told_of(&receiver, &monitor).len() == 3);
    let whats: Vec<_> = newest_incident(&system, &monitor)["timeline"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["what"].clone())
        .collect();
    assert_eq!(whats, ["opened", "acknowledged", "commented", "resolved"]);
}

#[test]
fn a_certificate_that_ends_soon_is_told_once() {
    let system = Plan::default().set("UPGUARD_ALERTING__CERTIFICATE_DAYS", "100000").start();
    let receiver = receiver(&system);
    let url = format!("{}/up", system.world.https(testbed::world::Shown::Good));
    let monitor = system.monitor(&json!({"url": url, "tls": {"ca": system.world.ca_pem()}}));
    system.expect_status(&monitor, "up");
    let told = || receiver.told().0.iter().filter(|told| told.kind == "certificate").count();
    system.until("people are told", || told() == 1);
    let checked = format!("select count(*) from results where monitor = {}", monitor.key);
    system.until("it is checked on", || system.number(&checked) > 6);
    assert_eq!(told(), 1);
    assert_eq!(system.status(&monitor), "up");
    system.until("its end is known", || system.get(&monitor.at(""))["certificate"]["not_after"].is_string());
}
