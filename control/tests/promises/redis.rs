//! Redis that crashes with a part of its memory, with all of it, and that has no room.

use std::{fs::OpenOptions, thread::sleep, time::Duration};

use rand::RngExt;
use serde_json::json;

use crate::house::{House, Plan, results};

/// 20 scheduled checks a second of a slow site: there are always some in flight.
fn busy() -> House {
    let house = Plan::default().probes(&["eu-west/w1", "eu-west/w2", "us-east/w1"]).start();
    let site = house.site("slow");
    site.delay(Duration::from_millis(400));
    house.monitors(100, &json!({"url": site.url()}));
    house.until("checks are stored", || house.number("select count(*) from results where attempt = 0") > 100);
    house
}

/// Waits until both regions have stored checks of slots that are due from now on.
fn expect_recovery(house: &House) {
    let now = house.now();
    let fresh = format!(
        "select count(*) from (select region from results where attempt = 0 and verdict = 'up' and slot > {now}
         group by 1 having count(*) > 40) r"
    );
    let took = house.until("both regions check again", || house.number(&fresh) == 2);
    eprintln!("fresh results of both regions after {took:?}");
    assert!(took < Duration::from_secs(20), "{took:?}");
}

#[test]
fn redis_may_crash_and_lose_the_end_of_its_log() {
    let house = busy();
    let mut cuts = vec![0];
    cuts.extend((0..3).map(|_| rand::rng().random_range(1..60_000)));
    for cut in cuts {
        {
            let mut redis = house.ground().redis();
            redis.kill9();
            let aof = OpenOptions::new().write(true).open(redis.aof_path().unwrap()).unwrap();
            let length = aof.metadata().unwrap().len();
            aof.set_len(length.saturating_sub(cut)).unwrap();
            eprintln!("{cut} of {length} bytes lost");
            redis.start_again().unwrap();
        }
        expect_recovery(&house);
    }
    let books = house.audit();
    books.expect_no("down");
    // Nobody was away long enough for more than a few slots to become late.
    assert!(books.count("missed") * 5 < books.count(""), "{books:?}");
}

#[test]
fn redis_may_lose_everything() {
    let house = busy();
    for pause in [0, 300] {
        sleep(Duration::from_millis(pause));
        house.redis(&["FLUSHALL"]);
        expect_recovery(&house);
    }
    let books = house.audit();
    books.expect_no("down");
    assert!(books.count("missed") * 5 < books.count(""), "{books:?}");
}

#[test]
fn a_full_redis_refuses_whole_and_loses_nothing() {
    let house = busy();
    let full = house.now();
    house.redis(&["CONFIG", "SET", "maxmemory", "1mb"]);
    house.until("a probe is told", || house.redis(&["INFO", "errorstats"]).contains("errorstat_OOM"));
    // What was reported before is read, stored and trimmed all the same.
    for region in ["eu-west", "us-east"] {
        house.until("the ingester drains", || house.redis(&["XLEN", &results(region)]) == "0");
    }
    // Every job that was taken is still somebody's: refused reports acknowledged nothing.
    let held = house.pending("eu-west") + house.pending("us-east");
    assert!(held > 0, "nothing was in flight");
    sleep(Duration::from_secs(3));
    assert_eq!(house.pending("eu-west") + house.pending("us-east"), held, "probes stopped taking and none was dropped");
    assert_eq!(house.redis(&["XLEN", &results("eu-west")]), "0");
    let roomy = house.now();
    house.redis(&["CONFIG", "SET", "maxmemory", "0"]);
    expect_recovery(&house);
    let books = house.audit();
    books.expect_no("down");
    books.expect_no("no_probe");
    let rows = house.sql(&format!(
        "select reason, min(slot) - {full}, max(slot) - {full}, count(*) from results
         where verdict = 'missed' and attempt = 0 group by 1"
    ));
    eprintln!("missed, seconds after it was full ({} s):\n{rows}", roomy - full);
    let outside = house.number(&format!(
        "select count(*) from results where verdict = 'missed' and slot not between {full} - 5 and {roomy} + 5"
    ));
    assert_eq!(outside, 0, "missed although there was room:\n{rows}");
}
