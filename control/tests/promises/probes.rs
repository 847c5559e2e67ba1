//! Probes that die, sleep and go away.

use std::{thread::sleep, time::Duration};

use nix::sys::signal::Signal;
use serde_json::json;

use crate::deployment::{Deployment, Plan, own};

const PROBES: [&str; 3] = ["eu-west/w1", "eu-west/w2", "us-east/w1"];

#[test]
fn jobs_of_a_killed_probe_are_taken_by_its_peers_and_none_is_lost() {
    // Long enough to be checked again, and so stored as up.
    let plan = Plan::default().probes(&PROBES).times("9s", "10s", "12s");
    let mut system = plan.set("UPGUARD_PROBE__BATCH__WAIT", "500ms").start();
    let site = system.site("slow");
    site.delay(Duration::from_secs(1));
    system.monitors(60, &json!({"url": site.url(), "interval": 10, "timeout": 5}));
    for victim in ["eu-west/w1", "eu-west/w2", "eu-west/w1"] {
        let orphans = system.freeze_at_work(victim);
        system.probe(victim).kill9();
        let took = system.until("a peer took its jobs", || system.pending_of(victim) == 0);
        eprintln!("{orphans} orphans of {victim} taken after {took:?}");
        assert!(took < Duration::from_secs(6), "{took:?}: a lease of 2 s and a round of 0.5 s");
        system.probe(victim).start().unwrap();
        // A job that loses three probes in a row is not run any more; that is another promise.
        let now = system.now();
        let fresh = format!("select count(*) from results where slot > {now} and verdict = 'up'");
        system.until("new slots are checked", || system.number(&fresh) > 20);
    }
    let audit = system.audit();
    audit.expect_no("missed");
    audit.expect_no("down");
}

#[test]
fn a_probe_that_slept_reports_no_false_outage() {
    let mut system = Plan::default().probes(&PROBES).set("UPGUARD_PROBE__LEASE", "3500ms").start();
    let site = system.site("slow");
    site.delay(Duration::from_millis(700));
    let monitors = system.monitors(60, &json!({"url": site.url(), "timeout": 2}));
    system.expect_status(&monitors[0], "up");
    // Shorter than its lease, so that it wakes as the owner of its jobs; longer, so that others have done them. Both
    // longer than the timeout of what it was checking. And alone in its region: nobody else hides what it does.
    for (sleeper, seconds) in [("eu-west/w1", 3), ("eu-west/w2", 6), ("us-east/w1", 3), ("us-east/w1", 6)] {
        system.freeze_at_work(sleeper);
        sleep(Duration::from_secs(seconds));
        system.probe(sleeper).signal(Signal::SIGCONT).unwrap();
        let slot = system.now();
        let answered = format!(
            "select count(*) from results r join regions g on g.key = r.region
             where g.id = '{}' and slot > {slot} and verdict = 'up'",
            sleeper.split('/').next().unwrap()
        );
        system.until("the region checks again", || system.number(&answered) > 20);
    }
    let audit = system.audit();
    audit.expect_no("down");
    audit.expect_some("eu-west up");
    assert_eq!(system.number("select count(*) from results where verdict = 'down'"), 0, "checks on request included");
}

#[test]
fn a_region_without_probes_is_missed_and_the_others_keep_their_say() {
    let mut system = Deployment::start();
    let (up, down) = (system.site("up"), system.site("down"));
    down.answer(500);
    let (up, down) = (system.monitor(&json!({"url": up.url()})), system.monitor(&json!({"url": down.url()})));
    system.expect_status(&up, "up");
    system.expect_status(&down, "down");
    let version =
        |system: &Deployment| system.sql("select string_agg(version::text, ' ' order by monitor) from monitor_status");
    let before = version(&system);

    let gone = system.now();
    system.probe("us-east/w1").kill9();
    let missed = "select count(*) from results r join regions g on g.key = r.region
                  where reason = 'no_probe' and g.id = 'us-east'";
    system.until("its slots close as missed", || system.number(missed) >= 6);
    assert_eq!((system.status(&up), system.status(&down)), ("up".to_owned(), "down".to_owned()));
    assert_eq!(version(&system), before, "no status changed on the way");
    let now = system.get(&up.at(""))["regions_now"].clone();
    assert_eq!((&now[0]["verdict"], &now[1]["verdict"]), (&json!("up"), &json!("missed")), "{now}");
    let fleet = system.get("/api/v1/regions");
    assert!(fleet["items"][1]["lag_seconds"].as_f64().unwrap() > 3.0, "{fleet}");

    system.probe("us-east/w1").start().unwrap();
    let back = system.now();
    let again = format!(
        "select count(*) from results r join regions g on g.key = r.region
         where g.id = 'us-east' and slot > {back} and attempt = 0 and verdict <> 'missed'"
    );
    system.until("it checks again", || system.number(&again) >= 4);
    let audit = system.audit();
    audit.expect_no("eu-west missed");
    audit.expect_some("us-east missed (no_probe)");
    let outside = system.number(&format!(
        "select count(*) from results where verdict = 'missed' and slot not between {gone} - 5 and {back} + 5"
    ));
    assert_eq!(outside, 0, "missed while a probe was there");
    assert_eq!(version(&system), before);
}

#[test]
fn a_job_that_lost_two_probes_is_not_given_a_third() {
    let mut system = Plan::default().probes(&PROBES).times("15s", "16s", "17s").start();
    let site = system.site("endless");
    site.delay(Duration::from_secs(30));
    // Its first check, which was asked for when it was made, is the only one.
    let monitor = system.monitor(&json!({"url": site.url(), "interval": 3600, "timeout": 30, "regions": ["eu-west"]}));
    for delivery in ["1", "2"] {
        // Entry, worker, idle time, deliveries.
        let holding = || system.redis(&["XPENDING", &own("eu-west"), "eu-west", "-", "+", "10"]);
        system.until("it is handed out", || holding().lines().nth(3) == Some(delivery));
        system.until("its check runs", || site.requests().to_string() == delivery);
        let holder = format!("eu-west/{}", holding().lines().nth(1).unwrap());
        system.probe(&holder).kill9();
        system.probe(&holder).start().unwrap();
    }
    let crashed = format!(
        "select count(*) from results where monitor = {} and reason = 'crashed' and attempt = 255",
        monitor.key
    );
    system.until("it ends as missed", || system.number(&crashed) == 1);
    assert_eq!(site.requests(), 2, "it was run again");
}
