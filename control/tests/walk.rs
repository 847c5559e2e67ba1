//! The walk, step by step: from a sign-up to rows, statuses and answers, and what pause, resume and delete do to it.

#![allow(clippy::unwrap_used, reason = "a test that finds nothing fails")]

mod house;

use std::time::Duration;

use house::{House, JOBS};
use http::Method;
use serde_json::{Value, json};

const REGIONS: [&str; 2] = ["eu-west", "us-east"];

#[test]
fn a_check_travels_all_the_way() {
    let house = House::start();
    let site = house.site("shop");

    // Regions registered themselves with their workers' first facts; the next ones say who works there.
    house.until("both workers are known", || house.number("select count(*) from workers") == 2);
    let fleet = house.get("/api/v1/regions");
    let fleet = fleet["items"].as_array().unwrap();
    assert_eq!(fleet.iter().map(|region| &region["id"]).collect::<Vec<_>>(), REGIONS);
    for region in fleet {
        assert_eq!((&region["registered"], &region["workers"][0]["worker"]), (&json!(true), &json!("w1")));
        assert_eq!(region["workers"][0]["alive"], true);
    }

    // A monitor's first results come at once, whatever its interval.
    let patient = house.monitor(&json!({"url": site.url(), "interval": 3600}));
    let took =
        house.until("both regions answered the first check", || items(&house, &patient.at("/results")).len() == 2);
    assert!(took < Duration::from_secs(10), "{took:?}");
    for result in items(&house, &patient.at("/results")) {
        assert_eq!((&result["cause"], &result["verdict"]), (&json!("request"), &json!("up")));
    }

    // Its schedule is one cadence, beyond the frontier of that moment.
    let monitor = house.monitor(&json!({"url": site.url()}));
    let cadence = house.sql(&format!(
        "select c.lane, c.interval, c.phase = m.phase, c.from_slot <= l.frontier + 5, c.to_slot
         from cadences c join monitors m on m.key = c.monitor join lanes l on l.lane = c.lane where m.key = {}",
        monitor.key
    ));
    assert_eq!(cadence, "0|5|t|t|9223372036854775807");

    // The pusher puts its slots on the shared stream, once for both regions.
    house.until("jobs of the monitor are on the stream", || jobs_of(&house, &monitor.id).len() >= 2);
    let jobs = jobs_of(&house, &monitor.id);
    let slot =
        |job: &[String]| -> i64 { job[job.iter().position(|field| field == "slot").unwrap() + 1].parse().unwrap() };
    assert!(jobs.windows(2).all(|pair| slot(&pair[1]) - slot(&pair[0]) == 5), "{jobs:?}");
    assert!(house.redis(&["GET", &format!("{{{JOBS}}}:_watermark")]).contains(':'));

    // Outcomes become rows, rows a status.
    house.expect_status(&monitor, "up");
    for region in REGIONS {
        house.until("the region's scheduled checks are stored", || {
            scheduled(&house, &monitor.at("/results"), region) >= 2
        });
    }
    site.answer(503);
    house.expect_status(&monitor, "down");
    let now = house.get(&monitor.at(""))["regions_now"].clone();
    house.until("both regions say down", || {
        let now = house.get(&monitor.at(""))["regions_now"].clone();
        (0..2).all(|place| now[place]["verdict"] == "down" && now[place]["reason"] == "status")
    });
    assert_eq!(now[0]["region"], "eu-west");
    let newest = items(&house, &monitor.at("/results")).remove(0);
    assert_eq!((&newest["verdict"], &newest["http_status"]), (&json!("down"), &json!(503)));
    site.answer(200);
    house.expect_status(&monitor, "up");

    // Closed slots are its uptime, and the three answers of the API agree.
    let books = house.audit();
    books.expect_no("missed");
    let uptime = house.get(&monitor.at(""))["uptime"]["24h"].clone();
    let counted = house.sql(&format!(
        "select count(*) filter (where verdict = 'up'), count(*) from results, lanes
         where monitor = {} and attempt = 0 and slot <= closed",
        monitor.key
    ));
    // More slots may have been closed between the two questions.
    let (good, total) = counted.split_once('|').unwrap();
    let (good, total): (i64, i64) = (good.parse().unwrap(), total.parse().unwrap());
    assert!((good - 4..=good).contains(&uptime["good"].as_i64().unwrap()), "{uptime} {counted}");
    assert!((total - 4..=total).contains(&uptime["total"].as_i64().unwrap()), "{uptime} {counted}");
    assert_eq!((&uptime["total"], &uptime["coverage_percent"]), (&uptime["expected"], &json!(100.0)));
    assert!(uptime["good"].as_i64() < uptime["total"].as_i64());

    // Pause ends the schedule and resume begins it anew.
    let paused = house.post(&monitor.at("/pause"), None);
    assert_eq!((&paused["status"], &paused["enabled"]), (&json!("paused"), &json!(false)));
    let last = house.number(&format!("select max(to_slot) from cadences where monitor = {}", monitor.key));
    house.until("two more slots would have been due", || house.number("select frontier from lanes") > last + 10);
    let after = format!("select count(*) from results where monitor = {} and slot > {last}", monitor.key);
    assert_eq!(house.number(&after), 0);
    assert!(jobs_of(&house, &monitor.id).iter().all(|job| slot(job) <= last));
    assert_eq!(house.status(&monitor), "paused");
    let resumed = house.post(&monitor.at("/resume"), None);
    assert_eq!(resumed["status"], "pending");
    house.expect_status(&monitor, "up");
    house.until("scheduled checks come again", || house.number(&format!("{after} and attempt = 0")) >= 2);

    // What is deleted is gone for people, and its last slots are accounted for all the same: see the end of the house.
    assert_eq!(house.ask(Method::DELETE, &monitor.at(""), None).status, 204);
    for path in ["", "/results"] {
        assert_eq!(house.ask(Method::GET, &monitor.at(path), None).status, 404);
    }
    house.audit().expect_no("missed");
}

fn items(house: &House, path: &str) -> Vec<Value> {
    house.get(path)["items"].as_array().unwrap().clone()
}

fn scheduled(house: &House, path: &str, region: &str) -> usize {
    let items = items(house, &format!("{path}?region={region}"));
    items.iter().filter(|result| result["cause"] == "schedule" && result["verdict"] == "up").count()
}

/// The fields of the monitor's jobs on the shared stream, in order.
fn jobs_of(house: &House, id: &str) -> Vec<Vec<String>> {
    let lines = house.redis(&["XRANGE", JOBS, "-", "+"]);
    let lines: Vec<_> = lines.lines().map(str::to_owned).collect();
    // id of the entry, then `id`, its value, `url`, …: a job begins two lines before its monitor's id.
    let begins: Vec<_> = lines.iter().enumerate().filter(|(_, line)| *line == id).map(|(place, _)| place).collect();
    begins.iter().map(|place| lines[*place..(*place + 10).min(lines.len())].to_vec()).collect()
}
