//! What is believed, and who is told of it.

use std::net::TcpListener;

use http::Method;
use serde_json::json;

use super::{check, incidents_of, newest_incident, receiver, told_of};
use crate::house::{House, Plan};

#[test]
fn a_site_that_goes_down_is_confirmed_by_both_regions_at_once_and_told_once() {
    let house = House::start();
    let receiver = receiver(&house);
    let site = house.site("shop");
    // Nobody waits for the next interval: it is an hour away.
    let monitor = house.monitor(&json!({"url": site.url(), "interval": 3600}));
    house.expect_status(&monitor, "up");
    site.answer(503);
    check(&house, &monitor);
    house.expect_status(&monitor, "down");
    house.until("people are told", || told_of(&receiver, &monitor) == ["opened"]);
    let rounds = house.sql(&format!(
        "select count(distinct region), min(verdict::text) from results where monitor = {} and attempt between 1 and 254",
        monitor.key
    ));
    assert_eq!(rounds, "2|down", "a recheck by each region");

    let incident = newest_incident(&house, &monitor);
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
    let verdict = house.get(&monitor.at("/verdict"));
    assert_eq!((&verdict["status"], &verdict["needed"], &verdict["can_vote"]), (&json!("down"), &json!(2), &json!(2)));

    site.answer(200);
    for _ in 0..2 {
        check(&house, &monitor);
    }
    house.expect_status(&monitor, "up");
    house.until("people are told it is over", || told_of(&receiver, &monitor) == ["opened", "resolved"]);
    assert_eq!(newest_incident(&house, &monitor)["state"], "resolved");
    assert_eq!(receiver.bad(), Vec::<String>::new(), "every request is signed");
}

#[test]
fn one_failed_attempt_is_nobodys_alarm() {
    let house = House::start();
    let receiver = receiver(&house);
    let site = house.site("shop");
    let monitor = house.monitor(&json!({"url": site.url()}));
    house.expect_status(&monitor, "up");
    for failure in 1..=3 {
        site.stumble();
        let failed =
            format!("select count(*) = {failure} from results where monitor = {} and verdict = 'down'", monitor.key);
        house.until("the failure is stored", || house.sql(&failed) == "t");
    }
    house.until("each was rechecked", || {
        house.number(&format!(
            "select count(*) from results where monitor = {} and attempt between 1 and 254",
            monitor.key
        )) >= 3
    });
    assert_eq!(house.status(&monitor), "up");
    assert_eq!((incidents_of(&house, &monitor), told_of(&receiver, &monitor)), (vec![], vec![]));
}

#[test]
fn down_in_one_region_only_is_regional_explained_and_by_default_not_sent() {
    // To the eyes of us-east the site has an address it must not dial.
    let blind = Plan::default().probe_env("us-east/w1", "UPGUARD_PROBE__EGRESS__ALLOW", "10.0.0.0/8".to_owned());
    let house = blind.start();
    let receiver = receiver(&house);
    let monitor = house.monitor(&json!({"url": house.site("shop").url()}));
    house.expect_status(&monitor, "regional");
    house.until("there is an incident", || !incidents_of(&house, &monitor).is_empty());
    let incident = newest_incident(&house, &monitor);
    assert_eq!(incident["level"], "regional");
    let opened = &incident["timeline"][0]["data"];
    assert_eq!((&opened["told"], &opened["sends"]), (&json!(0), &json!(false)), "{opened}");
    let verdict = house.get(&monitor.at("/verdict"));
    let votes: Vec<_> = verdict["regions"].as_array().unwrap().iter().map(|region| &region["vote"]).collect();
    assert_eq!(votes, ["up", "down"]);
    assert_eq!(told_of(&receiver, &monitor), Vec::<String>::new());

    // Whoever wants to be told says so.
    let policy = house.post(
        "/api/v1/policies",
        Some(json!({
            "name": "all", "sends": ["regional", "down"],
            "channels": house.get("/api/v1/channels")["items"].as_array().unwrap().iter()
                .filter(|channel| channel["kind"] == "webhook").map(|channel| &channel["id"]).collect::<Vec<_>>(),
        })),
    );
    let other = house.monitor(&json!({"url": house.site("other").url(), "alert_policy": policy["id"]}));
    house.until("people are told", || told_of(&receiver, &other) == ["opened"]);
}

#[test]
fn a_probe_whose_own_network_fails_pages_nobody_but_the_operators() {
    let witness = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = witness.local_addr().unwrap().to_string();
    let plan = Plan::default().probe_env("us-east/w1", "UPGUARD_PROBE__WITNESSES", address.clone());
    let house = plan.start();
    let receiver = receiver(&house);
    let site = house.site("shop");
    let monitor = house.monitor(&json!({"url": site.url(), "regions": ["us-east"]}));
    house.expect_status(&monitor, "up");
    drop(witness);
    site.answer(503);
    let suspect = format!(
        "select count(*) > 2 from results where monitor = {} and verdict = 'down' and suspect = 'network'",
        monitor.key
    );
    house.until("what it finds is suspect", || house.sql(&suspect) == "t");
    house.expect_status(&monitor, "unknown");
    house.until("the operators are told", || {
        receiver.told().0.iter().any(|told| told.kind == "region" && told.what == "opened")
    });
    assert_eq!((incidents_of(&house, &monitor), told_of(&receiver, &monitor)), (vec![], vec![]));
    let trusted = format!(
        "select count(*) from results where monitor = {} and verdict = 'down' and suspect is null",
        monitor.key
    );
    assert_eq!(house.number(&trusted), 0);

    let _witness = TcpListener::bind(&address).unwrap();
    house.expect_status(&monitor, "down");
    house.until("the region is well again", || {
        receiver.told().0.iter().any(|told| told.kind == "region" && told.what == "resolved")
    });
    house.until("and now people are told of the site", || told_of(&receiver, &monitor) == ["opened"]);
}

#[test]
fn a_region_whose_workers_are_gone_is_one_incident_of_the_operators() {
    let mut house = Plan::default().set("UPGUARD_ALERTING__REGION_GONE", "4s").start();
    let receiver = receiver(&house);
    let monitor = house.monitor(&json!({"url": house.site("shop").url(), "interval": 3600}));
    house.expect_status(&monitor, "up");
    house.probe("us-east/w1").kill9();
    let told = |what| receiver.told().0.iter().filter(|told| told.kind == "region" && told.what == what).count();
    house.until("the operators are told", || told("opened") == 1);
    let verdict = house.get(&monitor.at("/verdict"));
    let gone = verdict["regions"].as_array().unwrap().iter().find(|region| region["region"] == "us-east").unwrap();
    assert_eq!(gone["vote"], json!(null), "{gone}");
    assert_eq!(house.status(&monitor), "up", "the other region keeps its say");
    house.probe("us-east/w1").start().unwrap();
    house.until("it is over", || told("resolved") == 1);
    assert_eq!(told("opened"), 1);
}

#[test]
fn what_comes_and_goes_is_one_incident_with_a_note() {
    let plan = Plan::default().set("UPGUARD_ALERTING__FLAPPING_CHANGES", "4");
    let house = plan.set("UPGUARD_ALERTING__FLAPPING_WINDOW", "20s").start();
    let receiver = receiver(&house);
    let site = house.site("shop");
    let quick = json!({"failures": 1, "recoveries": 1});
    let monitor = house.monitor(&json!({"url": site.url(), "confirm": quick}));
    house.expect_status(&monitor, "up");
    for _ in 0..3 {
        site.answer(503);
        check(&house, &monitor);
        house.expect_status(&monitor, "down");
        site.answer(200);
        check(&house, &monitor);
        house.expect_status(&monitor, "up");
    }
    let incident = newest_incident(&house, &monitor);
    assert_eq!((&incident["flapping"], &incident["state"]), (&json!(true), &json!("open")));
    let before = incidents_of(&house, &monitor).len();
    assert!(before <= 2, "{before} incidents");
    house.until("all is calm", || newest_incident(&house, &monitor)["state"] == "resolved");
    assert_eq!(incidents_of(&house, &monitor).len(), before);
    house
        .until("people are told it is over", || told_of(&receiver, &monitor).last().is_some_and(|it| it == "resolved"));
    assert!(told_of(&receiver, &monitor).contains(&"flapping".to_owned()));
}

#[test]
fn what_flapped_and_was_not_known_for_a_while_is_over_once_it_is_calm() {
    let plan =
        Plan::default().set("UPGUARD_ALERTING__FLAPPING_CHANGES", "2").set("UPGUARD_ALERTING__REGION_GONE", "4s");
    let mut house = plan.set("UPGUARD_ALERTING__FLAPPING_WINDOW", "8s").start();
    let receiver = receiver(&house);
    let site = house.site("shop");
    let quick = json!({"failures": 1, "recoveries": 1});
    let monitor = house.monitor(&json!({"url": site.url(), "confirm": quick}));
    house.expect_status(&monitor, "up");
    site.answer(503);
    check(&house, &monitor);
    house.expect_status(&monitor, "down");
    site.answer(200);
    check(&house, &monitor);
    house.expect_status(&monitor, "up");
    assert_eq!(newest_incident(&house, &monitor)["flapping"], true);
    let up = house.now();
    for worker in ["eu-west/w1", "us-east/w1"] {
        house.probe(worker).kill9();
    }
    house.expect_status(&monitor, "unknown");
    house.until("the window is over", || house.now() > up + 12);
    assert_eq!(newest_incident(&house, &monitor)["state"], "open", "nobody knows");
    for worker in ["eu-west/w1", "us-east/w1"] {
        house.probe(worker).start().unwrap();
    }
    house.until("all is calm", || newest_incident(&house, &monitor)["state"] == "resolved");
    assert_eq!(house.status(&monitor), "up");
    house.until("people are told", || told_of(&receiver, &monitor).last().is_some_and(|it| it == "resolved"));
}

#[test]
fn acknowledged_is_looked_after_and_checked_on_and_paused_is_over() {
    let house = House::start();
    let receiver = receiver(&house);
    let site = house.site("shop");
    site.answer(503);
    let monitor = house.monitor(&json!({"url": site.url()}));
    house.until("people are told", || told_of(&receiver, &monitor) == ["opened"]);
    let incident = newest_incident(&house, &monitor);
    let at = |action: &str| format!("/api/v1/incidents/{}/{action}", incident["id"].as_str().unwrap());
    house.post(&at("acknowledge"), None);
    assert_eq!(house.ask(Method::POST, &at("acknowledge"), None).status, 409);
    house.post(&at("comments"), Some(json!({"text": "a fuse"})));
    house.until("the channel hears of it", || told_of(&receiver, &monitor) == ["opened", "acknowledged"]);
    let checked = format!("select count(*) from results where monitor = {} and slot > {}", monitor.key, house.now());
    house.until("checks go on", || house.number(&checked) > 1);
    house.post(&monitor.at("/pause"), None);
    house.until("it is over", || newest_incident(&house, &monitor)["state"] == "resolved");
    house.until("the channel hears of that too", || told_of(&receiver, &monitor).len() == 3);
    let whats: Vec<_> = newest_incident(&house, &monitor)["timeline"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["what"].clone())
        .collect();
    assert_eq!(whats, ["opened", "acknowledged", "commented", "resolved"]);
}

#[test]
fn a_certificate_that_ends_soon_is_told_once() {
    let house = Plan::default().set("UPGUARD_ALERTING__CERTIFICATE_DAYS", "100000").start();
    let receiver = receiver(&house);
    let url = format!("{}/up", house.world.https(loadtest::world::Shown::Good));
    let monitor = house.monitor(&json!({"url": url, "tls": {"ca": house.world.ca_pem()}}));
    house.expect_status(&monitor, "up");
    let told = || receiver.told().0.iter().filter(|told| told.kind == "certificate").count();
    house.until("people are told", || told() == 1);
    let checked = format!("select count(*) from results where monitor = {}", monitor.key);
    house.until("it is checked on", || house.number(&checked) > 6);
    assert_eq!(told(), 1);
    assert_eq!(house.status(&monitor), "up");
    house.until("its end is known", || house.get(&monitor.at(""))["certificate"]["not_after"].is_string());
}
