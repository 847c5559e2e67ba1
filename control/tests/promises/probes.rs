//! Probes that die, sleep and go away.

use std::{thread::sleep, time::Duration};

use nix::sys::signal::Signal;
use serde_json::json;

use crate::house::{House, Plan, own};

const PROBES: [&str; 3] = ["eu-west/w1", "eu-west/w2", "us-east/w1"];

#[test]
fn jobs_of_a_killed_probe_are_taken_by_its_peers_and_none_is_lost() {
    // Long enough to be checked again, and so stored as up.
    let plan = Plan::default().probes(&PROBES).times("9s", "10s", "12s");
    let mut house = plan.set("UPGUARD_PROBE__BATCH__WAIT", "500ms").start();
    let site = house.site("slow");
    site.delay(Duration::from_secs(1));
    house.monitors(60, &json!({"url": site.url(), "interval": 10, "timeout": 5}));
    for victim in ["eu-west/w1", "eu-west/w2", "eu-west/w1"] {
        let orphans = house.freeze_at_work(victim);
        house.probe(victim).kill9();
        let took = house.until("a peer took its jobs", || house.pending_of(victim) == 0);
        eprintln!("{orphans} orphans of {victim} taken after {took:?}");
        assert!(took < Duration::from_secs(6), "{took:?}: a lease of 2 s and a round of 0.5 s");
        house.probe(victim).start().unwrap();
        // A job that loses three probes in a row is not run any more; that is another promise.
        let now = house.now();
        let fresh = format!("select count(*) from results where slot > {now} and verdict = 'up'");
        house.until("new slots are checked", || house.number(&fresh) > 20);
    }
    let books = house.audit();
    books.expect_no("missed");
    books.expect_no("down");
}

#[test]
fn a_probe_that_slept_reports_no_false_outage() {
    let mut house = Plan::default().probes(&PROBES).set("UPGUARD_PROBE__LEASE", "3500ms").start();
    let site = house.site("slow");
    site.delay(Duration::from_millis(700));
    let monitors = house.monitors(60, &json!({"url": site.url(), "timeout": 2}));
    house.expect_status(&monitors[0], "up");
    // Shorter than its lease, so that it wakes as the owner of its jobs; longer, so that others have done them. Both
    // longer than the timeout of what it was checking. And alone in its region: nobody else hides what it does.
    for (sleeper, seconds) in [("eu-west/w1", 3), ("eu-west/w2", 6), ("us-east/w1", 3), ("us-east/w1", 6)] {
        house.freeze_at_work(sleeper);
        sleep(Duration::from_secs(seconds));
        house.probe(sleeper).signal(Signal::SIGCONT).unwrap();
        let slot = house.now();
        let answered = format!(
            "select count(*) from results r join regions g on g.key = r.region
             where g.id = '{}' and slot > {slot} and verdict = 'up'",
            sleeper.split('/').next().unwrap()
        );
        house.until("the region checks again", || house.number(&answered) > 20);
    }
    let books = house.audit();
    books.expect_no("down");
    books.expect_some("eu-west up");
    assert_eq!(house.number("select count(*) from results where verdict = 'down'"), 0, "checks on request included");
}

#[test]
fn a_region_without_probes_is_missed_and_the_others_keep_their_say() {
    let mut house = House::start();
    let (up, down) = (house.site("up"), house.site("down"));
    down.answer(500);
    let (up, down) = (house.monitor(&json!({"url": up.url()})), house.monitor(&json!({"url": down.url()})));
    house.expect_status(&up, "up");
    house.expect_status(&down, "down");
    let version =
        |house: &House| house.sql("select string_agg(version::text, ' ' order by monitor) from monitor_status");
    let before = version(&house);

    let gone = house.now();
    house.probe("us-east/w1").kill9();
    let missed = "select count(*) from results r join regions g on g.key = r.region
                  where reason = 'no_probe' and g.id = 'us-east'";
    house.until("its slots close as missed", || house.number(missed) >= 6);
    assert_eq!((house.status(&up), house.status(&down)), ("up".to_owned(), "down".to_owned()));
    assert_eq!(version(&house), before, "no status changed on the way");
    let now = house.get(&up.at(""))["regions_now"].clone();
    assert_eq!((&now[0]["verdict"], &now[1]["verdict"]), (&json!("up"), &json!("missed")), "{now}");
    let fleet = house.get("/api/v1/regions");
    assert!(fleet["items"][1]["lag_seconds"].as_f64().unwrap() > 3.0, "{fleet}");

    house.probe("us-east/w1").start().unwrap();
    let back = house.now();
    let again = format!(
        "select count(*) from results r join regions g on g.key = r.region
         where g.id = 'us-east' and slot > {back} and attempt = 0 and verdict <> 'missed'"
    );
    house.until("it checks again", || house.number(&again) >= 4);
    let books = house.audit();
    books.expect_no("eu-west missed");
    books.expect_some("us-east missed (no_probe)");
    let outside = house.number(&format!(
        "select count(*) from results where verdict = 'missed' and slot not between {gone} - 5 and {back} + 5"
    ));
    assert_eq!(outside, 0, "missed while a probe was there");
    assert_eq!(version(&house), before);
}

#[test]
fn a_job_that_lost_two_probes_is_not_given_a_third() {
    let mut house = Plan::default().probes(&PROBES).times("15s", "16s", "17s").start();
    let site = house.site("endless");
    site.delay(Duration::from_secs(30));
    // Its first check, which was asked for when it was made, is the only one.
    let monitor = house.monitor(&json!({"url": site.url(), "interval": 3600, "timeout": 30, "regions": ["eu-west"]}));
    for delivery in ["1", "2"] {
        // Entry, worker, idle time, deliveries.
        let holding = || house.redis(&["XPENDING", &own("eu-west"), "eu-west", "-", "+", "10"]);
        house.until("it is handed out", || holding().lines().nth(3) == Some(delivery));
        house.until("its check runs", || site.requests().to_string() == delivery);
        let holder = format!("eu-west/{}", holding().lines().nth(1).unwrap());
        house.probe(&holder).kill9();
        house.probe(&holder).start().unwrap();
    }
    let crashed = format!(
        "select count(*) from results where monitor = {} and reason = 'crashed' and attempt = 255",
        monitor.key
    );
    house.until("it ends as missed", || house.number(&crashed) == 1);
    assert_eq!(site.requests(), 2, "it was run again");
}
