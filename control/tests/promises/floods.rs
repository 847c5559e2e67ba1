//! A region whose Redis user writes as much as is just not thrown away unread: the other regions go on as if it were not there.

use std::time::Duration;

use serde_json::json;
use wire::{Done, Keys, Link, Outcome, Region};

use super::nonsense::{Liar, dropped, expect_life, up};
use crate::deployment::{Deployment, Monitor, Plan, results};

/// A key that control does not read, whose first entry holds these outcomes as a probe writes them.
fn written(system: &Deployment, outcomes: Vec<Outcome>) -> String {
    let (region, keys): (Region, _) = ("nowhere".parse().unwrap(), Keys::new("scratch", 0).unwrap());
    let redis = system.servers().redis().url();
    let jobs = "for n = 1, tonumber(ARGV[1]) do redis.call('XADD', KEYS[1], '*', 'id', ARGV[2], 'url', 'http://a.example/') end";
    system.runtime().block_on(async {
        let mut line = Link::new(&redis, 1).unwrap().own().await.unwrap();
        let streams = wire::ensure_groups(&mut line, &keys, &region).await.unwrap();
        let (count, id) = (outcomes.len().to_string(), uuid::Uuid::nil().to_string());
        system.redis(&["EVAL", jobs, "1", "{scratch}:nowhere", &count, &id]);
        let taken = wire::take(&mut line, &streams, "liar", 1000, Duration::from_secs(1)).await.unwrap();
        let both = taken.deliveries.into_iter().zip(outcomes);
        let done: Vec<_> = both.map(|(each, outcome)| Done { lease: each.lease, outcome: Some(outcome) }).collect();
        wire::report(&mut line, &streams, "liar", &done).await.unwrap();
    });
    "{scratch}:nowhere:results".to_owned()
}

/// A system whose region `nowhere` owes nothing any more, and the second since which it is watched.
fn quiet(system: &Deployment) -> (Vec<Monitor>, i64) {
    let monitors = system.monitors(20, &json!({"url": system.site("up").url()}));
    system.expect_status(&monitors[0], "up");
    Liar::new(system, "nowhere").leave();
    system.until("slots are closed", || system.number("select count(*) from results, lanes where slot <= closed") > 20);
    (monitors, system.now())
}

fn is_empty(system: &Deployment) -> bool {
    system.redis(&["XLEN", &results("nowhere")]) == "0"
}

#[test]
fn a_region_that_writes_too_much_holds_up_no_other() {
    let system = Plan::default().times("9s", "12s", "15s").start();
    let (monitors, since) = quiet(&system);
    let outcome = up(&monitors[0].id, since, 0);
    let one = written(&system, vec![outcome]);
    let copy = "local e = redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', 1)[1][2]
                for n = 1, tonumber(ARGV[1]) do redis.call('XADD', KEYS[2], '*', unpack(e)) end";
    // More than a quarter of a minute's worth is not read, less is.
    for (entries, thrown_away) in [("60000", 60_000.0), ("20000", 0.0)] {
        let before = dropped(&system, "flooded");
        system.redis(&["EVAL", copy, "2", &one, &results("nowhere"), entries]);
        let silent = system.silence("nothing is left", || is_empty(&system));
        assert!(silent < 4.0, "{entries} entries: nothing was heard of for {silent} s");
        assert_eq!(dropped(&system, "flooded") - before, thrown_away, "{entries} entries");
    }
    let large = "for n = 1, 70 do redis.call('XADD', KEYS[1], '*', 'v', '1', 'o', string.rep('x', 1000000)) end";
    let before = dropped(&system, "flooded");
    system.redis(&["EVAL", large, "1", &results("nowhere")]);
    system.until("nothing is left", || is_empty(&system));
    assert_eq!(dropped(&system, "flooded") - before, 70.0, "70 MB are not read");
    expect_life(&system, &monitors[0]);
    // All that was due meanwhile is closed in time: by the clock, and not by what the flood left of it.
    let until = system.now();
    system.expect_closed(until);
    assert!(system.now() - until < 15 + 5, "closed {} s later", system.now() - until);
    assert_eq!(system.number("select count(*) from skips where reason = 'backpressure'"), 0, "the pusher paused");
    let audit = system.audit();
    for region in ["eu-west", "us-east"] {
        audit.expect_no(&format!("{region} missed"));
    }
}

#[test]
fn what_waited_while_control_was_away_is_read_however_much_it_is() {
    let mut system = Plan::default().times("20s", "25s", "30s").start();
    let monitors = system.monitors(20, &json!({"url": system.site("up").url()}));
    system.expect_status(&monitors[0], "up");
    Liar::new(&system, "nowhere").leave();
    system.controls[0].service.stop();
    let away = system.now();
    let junk = "for n = 1, 60000 do redis.call('XADD', KEYS[1], '*', 'v', '1') end";
    system.redis(&["EVAL", junk, "1", &results("nowhere")]);
    system.controls[0].service.start().unwrap();
    system.until("it is ready again", || system.readyz(0).starts_with("HTTP/1.1 200"));
    system.until("it is read", || dropped(&system, "unparsed") == 60_000.0);
    assert_eq!(dropped(&system, "flooded"), 0.0);
    expect_life(&system, &monitors[0]);
    system.expect_closed(away);
    let audit = system.audit();
    for region in ["eu-west", "us-east"] {
        audit.expect_no(&format!("{region} missed"));
    }
}
