//! The walk, step by step: from a sign-up to rows, statuses and answers, and what pause, resume and delete do to it.

#![allow(clippy::unwrap_used, reason = "a test that finds nothing fails")]

mod deployment;

use std::time::Duration;

use deployment::{Deployment, JOBS};
use http::Method;
use serde_json::{Value, json};

const REGIONS: [&str; 2] = ["eu-west", "us-east"];

#[test]
fn a_check_travels_all_the_way() {
    let system = Deployment::start();
    let site = system.site("shop");

    // Regions registered themselves with their workers' first facts; the next ones say who works there.
    system.until("both workers are known", || system.number("select count(*) from workers") == 2);
    let fleet = system.get("/api/v1/regions");
    let fleet = fleet["items"].as_array().unwrap();
    assert_eq!(fleet.iter().map(|region| &region["id"]).collect::<Vec<_>>(), REGIONS);
    for region in fleet {
        assert_eq!((&region["registered"], &region["workers"][0]["worker"]), (&json!(true), &json!("w1")));
        assert_eq!(region["workers"][0]["alive"], true);
    }

    // A monitor's first results come at once, whatever its interval.
    let patient = system.monitor(&json!({"url": site.url(), "interval": 3600}));
    let took =
        system.until("both regions answered the first check", || items(&system, &patient.at("/results")).len() == 2);
    assert!(took < Duration::from_secs(10), "{took:?}");
    for result in items(&system, &patient.at("/results")) {
        assert_eq!((&result["cause"], &result["verdict"]), (&json!("request"), &json!("up")));
    }

    // Its schedule is one cadence, beyond the frontier of that moment.
    let monitor = system.monitor(&json!({"url": site.url()}));
    let cadence = system.sql(&format!(
        "select c.lane, c.interval, c.phase = m.phase, c.from_slot <= l.frontier + 5, c.to_slot
         from cadences c join monitors m on m.key = c.monitor join lanes l on l.lane = c.lane where m.key = {}",
        monitor.key
    ));
    assert_eq!(cadence, "0|5|t|t|9223372036854775807");

    // The pusher puts its slots on the shared stream, once for both regions.
    system.until("jobs of the monitor are on the stream", || jobs_of(&system, &monitor.id).len() >= 2);
    let jobs = jobs_of(&system, &monitor.id);
    let slot =
        |job: &[String]| -> i64 { job[job.iter().position(|field| field == "slot").unwrap() + 1].parse().unwrap() };
    assert!(jobs.windows(2).all(|pair| slot(&pair[1]) - slot(&pair[0]) == 5), "{jobs:?}");
    assert!(system.redis(&["GET", &format!("{{{JOBS}}}:_watermark")]).contains(':'));

    // Outcomes become rows, rows a status.
    system.expect_status(&monitor, "up");
    for region in REGIONS {
        system.until("the region's scheduled checks are stored", || {
            scheduled(&system, &monitor.at("/results"), region) >= 2
        });
    }
    site.answer(503);
    system.expect_status(&monitor, "down");
    let now = system.get(&monitor.at(""))["regions_now"].clone();
    system.until("both regions say down", || {
        let now = system.get(&monitor.at(""))["regions_now"].clone();
        (0..2).all(|place| now[place]["verdict"] == "down" && now[place]["reason"] == "status")
    });
    assert_eq!(now[0]["region"], "eu-west");
    let newest = items(&system, &monitor.at("/results")).remove(0);
    assert_eq!((&newest["verdict"], &newest["http_status"]), (&json!("down"), &json!(503)));
    site.answer(200);
    system.expect_status(&monitor, "up");

    // Closed slots are its uptime, and the three answers of the API agree.
    let audit = system.audit();
    audit.expect_no("missed");
    let uptime = system.get(&monitor.at(""))["uptime"]["24h"].clone();
    let counted = system.sql(&format!(
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
    let paused = system.post(&monitor.at("/pause"), None);
    assert_eq!((&paused["status"], &paused["enabled"]), (&json!("paused"), &json!(false)));
    let last = system.number(&format!("select max(to_slot) from cadences where monitor = {}", monitor.key));
    system.until("two more slots would have been due", || system.number("select frontier from lanes") > last + 10);
    let after = format!("select count(*) from results where monitor = {} and slot > {last}", monitor.key);
    assert_eq!(system.number(&after), 0);
    assert!(jobs_of(&system, &monitor.id).iter().all(|job| slot(job) <= last));
    assert_eq!(system.status(&monitor), "paused");
    let resumed = system.post(&monitor.at("/resume"), None);
    assert_eq!(resumed["status"], "pending");
    system.expect_status(&monitor, "up");
    system.until("scheduled checks come again", || system.number(&format!("{after} and attempt = 0")) >= 2);

    // What is deleted is gone for people, and its last slots are accounted for all the same: see the end of the system.
    assert_eq!(system.ask(Method::DELETE, &monitor.at(""), None).status, 204);
    for path in ["", "/results"] {
        assert_eq!(system.ask(Method::GET, &monitor.at(path), None).status, 404);
    }
    system.audit().expect_no("missed");
}

fn items(system: &Deployment, path: &str) -> Vec<Value> {
    system.get(path)["items"].as_array().unwrap().clone()
}

fn scheduled(system: &Deployment, path: &str, region: &str) -> usize {
    let items = items(system, &format!("{path}?region={region}"));
    items.iter().filter(|result| result["cause"] == "schedule" && result["verdict"] == "up").count()
}

/// The fields of the monitor's jobs on the shared stream, in order.
fn jobs_of(system: &Deployment, id: &str) -> Vec<Vec<String>> {
    let lines = system.redis(&["XRANGE", JOBS, "-", "+"]);
    let lines: Vec<_> = lines.lines().map(str::to_owned).collect();
    // id of the entry, then `id`, its value, `url`, …: a job begins two lines before its monitor's id.
    let begins: Vec<_> = lines.iter().enumerate().filter(|(_, line)| *line == id).map(|(place, _)| place).collect();
    begins.iter().map(|place| lines[*place..(*place + 10).min(lines.len())].to_vec()).collect()
}
