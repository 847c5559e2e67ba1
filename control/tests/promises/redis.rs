//! Redis that crashes with a part of its memory, with all of it, and that has no room.

use std::{fs::OpenOptions, thread::sleep, time::Duration};

use nix::sys::signal::Signal;
use rand::RngExt;
use serde_json::json;

use uuid::Uuid;

use crate::deployment::{Deployment, Plan, own, results};

/// 20 scheduled checks a second of a slow site: there are always some in flight.
fn busy() -> Deployment {
    let system = Plan::default().probes(&["eu-west/w1", "eu-west/w2", "us-east/w1"]).start();
    let site = system.site("slow");
    site.delay(Duration::from_millis(900));
    system.monitors(100, &json!({"url": site.url()}));
    system.until("checks are stored", || system.number("select count(*) from results where attempt = 0") > 100);
    system
}

/// Waits until both regions have taken jobs and not yet answered.
fn expect_in_flight(system: &Deployment) {
    system.until("jobs are in flight", || ["eu-west", "us-east"].iter().all(|region| system.pending(region) > 5));
}

/// Waits until all is as before.
fn expect_recovery(system: &Deployment) {
    expect_fresh(system, 40);
}

/// Waits until both regions have stored this many checks of slots that are due from now on.
fn expect_fresh(system: &Deployment, checks: usize) {
    let now = system.now();
    let took = system.until("both regions check again", || system.both_check(now, checks));
    eprintln!("fresh results of both regions after {took:?}");
    assert!(took < Duration::from_secs(20), "{took:?}");
}

#[test]
fn redis_may_crash_and_lose_the_end_of_its_log() {
    let system = busy();
    let mut cuts = vec![0];
    cuts.extend((0..3).map(|_| rand::rng().random_range(1..60_000)));
    for cut in cuts {
        {
            let mut redis = system.servers().redis();
            redis.kill9();
            let aof = OpenOptions::new().write(true).open(redis.aof_path().unwrap()).unwrap();
            let length = aof.metadata().unwrap().len();
            aof.set_len(length.saturating_sub(cut)).unwrap();
            eprintln!("{cut} of {length} bytes lost");
            redis.start_again().unwrap();
        }
        expect_recovery(&system);
    }
    let audit = system.audit();
    audit.expect_no("down");
    // Nobody was away long enough for more than a few slots to become late.
    assert!(audit.count("missed") * 5 < audit.count(""), "{audit:?}");
}

#[test]
fn redis_may_lose_everything() {
    let system = busy();
    for pause in [0, 300] {
        sleep(Duration::from_millis(pause));
        system.redis(&["FLUSHALL"]);
        expect_recovery(&system);
    }
    let audit = system.audit();
    audit.expect_no("down");
    assert!(audit.count("missed") * 5 < audit.count(""), "{audit:?}");
}

#[test]
fn a_full_redis_refuses_whole_and_loses_nothing() {
    let system = Plan::default().set("UPGUARD_PROBE__CONCURRENCY", "16").start();
    let site = system.site("slow");
    site.delay(Duration::from_millis(900));
    system.monitors(30, &json!({"url": site.url()}));
    expect_in_flight(&system);
    // More than the probe can hold at once.
    let flood = "for i = 1, 100 do redis.call('XADD', KEYS[1], '*', 'id', ARGV[1], 'url', ARGV[2]) end";
    system.redis(&["EVAL", flood, "1", &own("us-east"), &Uuid::new_v4().to_string(), site.url()]);
    let full = system.now();
    system.redis(&["CONFIG", "SET", "maxmemory", "1mb"]);
    system.until("somebody is told", || system.redis(&["INFO", "errorstats"]).contains("errorstat_OOM"));
    // What was reported before is read, stored and trimmed all the same.
    for region in ["eu-west", "us-east"] {
        system.until("the ingester drains", || system.redis(&["XLEN", &results(region)]) == "0");
    }
    // Every job that was taken stays somebody's: refused reports acknowledge nothing. And so permits run out.
    let held = || ["eu-west", "us-east"].map(|region| system.pending(region));
    let before = held();
    assert!(before.iter().all(|held| *held > 0), "nothing was in flight");
    sleep(Duration::from_secs(3));
    let after = held();
    assert!(after[0] >= before[0] && after[1] >= before[1], "{before:?} {after:?}: some were dropped");
    assert!(after[1] <= 16 && !system.is_read(&own("us-east"), "us-east"), "{after:?}: the probe goes on taking");
    assert_eq!(system.redis(&["XLEN", &results("eu-west")]), "0");
    let roomy = system.now();
    system.redis(&["CONFIG", "SET", "maxmemory", "0"]);
    expect_recovery(&system);
    let audit = system.audit();
    audit.expect_no("down");
    audit.expect_no("no_probe");
    let rows = system.sql(&format!(
        "select reason, min(slot) - {full}, max(slot) - {full}, count(*) from results
         where verdict = 'missed' and attempt = 0 group by 1"
    ));
    eprintln!("missed, seconds after it was full ({} s):\n{rows}", roomy - full);
    let outside = system.number(&format!(
        "select count(*) from results where verdict = 'missed' and slot not between {full} - 5 and {roomy} + 5"
    ));
    assert_eq!(outside, 0, "missed although there was room:\n{rows}");
}

#[test]
fn redis_may_be_away_and_everybody_waits_for_it() {
    let mut system = busy();
    for hangs in [false, true] {
        expect_in_flight(&system);
        if hangs {
            system.servers().redis().process().signal(Signal::SIGSTOP).unwrap();
        } else {
            system.servers().redis().stop().unwrap();
        }
        system.until("control says that it waits", || system.readyz(0).starts_with("HTTP/1.1 503"));
        sleep(Duration::from_secs(6));
        if hangs {
            system.servers().redis().process().signal(Signal::SIGCONT).unwrap();
        } else {
            system.servers().redis().start_again().unwrap();
        }
        expect_recovery(&system);
        system.until("control is ready again", || system.readyz(0).starts_with("HTTP/1.1 200"));
    }
    let running = system.probes.values_mut().all(testbed::service::Service::is_running);
    assert!(running && system.controls[0].service.is_running(), "somebody crashed");
    let audit = system.audit();
    audit.expect_no("down");
    audit.expect_no("no_probe");
}

#[test]
fn connections_to_redis_that_died_without_a_word_are_given_up() {
    let system = Plan::default().proxied().start();
    let site = system.site("up");
    let monitors = system.monitors(20, &json!({"url": site.url()}));
    system.expect_status(&monitors[0], "up");
    for _ in 0..2 {
        system.proxy.as_ref().unwrap().kill();
        expect_fresh(&system, 8);
    }
    let audit = system.audit();
    audit.expect_no("down");
    audit.expect_no("no_probe");
}

#[test]
fn replies_lost_on_the_way_cost_no_slot() {
    let system = Plan::default().controls(2).times("9s", "10s", "12s").proxied().start();
    let site = system.site("up");
    site.delay(Duration::from_millis(100));
    system.monitors(200, &json!({"url": site.url(), "interval": 10}));
    system.until("checks are stored", || system.number("select count(*) from results where attempt = 0") > 40);
    // At the beginning of a second chunks are pushed and jobs taken, a little later they are reported.
    for pause in [1_000, 1_030, 1_060, 1_110, 1_150, 1_200, 1_250, 1_300] {
        sleep(Duration::from_millis(pause));
        system.proxy.as_ref().unwrap().cut();
    }
    expect_recovery(&system);
    let audit = system.audit();
    audit.expect_no("down");
    audit.expect_no("no_probe");
    audit.expect_no("backpressure");
}

#[test]
fn dead_letters_that_redis_is_slow_to_take_hold_up_no_turn() {
    let system = Plan::default().proxied().start();
    let monitor = system.monitor(&json!({"url": system.site("up").url()}));
    system.expect_status(&monitor, "up");
    let (epoch, dead) = (system.number("select epoch from lanes"), "{betteruptime:website}:_dead");
    let junk = "for n = 1, 40 do redis.call('XADD', KEYS[1], '*', 'v', '1') end";
    let proxy = system.proxy.as_ref().unwrap();

    // Each message: forty of them would take longer than a lease.
    proxy.slow("_dead", Duration::from_millis(300));
    system.redis(&["EVAL", junk, "1", &results("eu-west")]);
    let silent = system.silence("some are kept", || system.redis(&["XLEN", dead]).parse::<i32>().unwrap() >= 30);
    assert!(silent < 3.5, "nothing was stored for {silent} s");

    proxy.slow("_dead", Duration::from_hours(1));
    system.redis(&["EVAL", junk, "1", &results("eu-west")]);
    let unsent = || system.metric(0, "upguard_ingest_unsent_total{what=\"dead_letter\"}");
    let silent = system.silence("what is lost is counted", || unsent() >= 1.0);
    assert!(silent < 3.5, "nothing was stored for {silent} s");
    expect_fresh(&system, 0);
    assert_eq!(system.number("select epoch from lanes"), epoch, "nobody let the lane go");
    let audit = system.audit();
    audit.expect_no("missed");
}
