//! Control replicas that die, sleep, and disagree about who works on the lane.

use std::{
    collections::HashMap,
    thread::sleep,
    time::{Duration, Instant},
};

use nix::sys::signal::Signal;
use serde_json::json;
use tokio_util::sync::CancellationToken;
use wire::{Cursor, Entry, Keys, Link, MonitorId, Pushed, Target};

use crate::house::{House, JOBS, Plan};

/// The lease of a lane in these tests, and one that outlasts the looks at its owner's session.
const LEASE: Duration = Duration::from_secs(2);
const LONG_LEASE: Duration = Duration::from_secs(8);
/// A takeover may cost a look every second and a slow machine on top of the lease.
const TAKEOVER: Duration = Duration::from_secs(6);

/// Two replicas, and slots that survive a takeover.
fn two() -> House {
    two_of(Plan::default())
}

fn two_of(plan: Plan) -> House {
    let house = plan.controls(2).times("9s", "10s", "12s").start();
    let site = house.site("up");
    house.monitors(60, &json!({"url": site.url(), "interval": 10}));
    house
}

fn epoch(house: &House) -> i64 {
    house.number("select epoch from lanes")
}

/// Waits until a replica other than `old` holds the lane and stores what is reported.
fn expect_takeover(house: &House, old: usize, lease: Duration) -> usize {
    let took = house.until("another replica holds the lane", || house.owner().is_some_and(|owner| owner != old));
    assert!(took < lease + TAKEOVER, "{took:?}");
    let (owner, now) = (house.owner().unwrap(), house.now());
    let stored = format!("select count(*) from results where attempt = 0 and verdict = 'up' and slot > {now}");
    house.until("results are stored again", || house.number(&stored) > 10);
    eprintln!("replica {owner} took over from {old} in {took:?}");
    owner
}

#[test]
fn a_killed_replica_is_replaced_and_no_slot_is_lost() {
    let mut house = two();
    for _ in 0..2 {
        let owner = house.expect_owner();
        house.controls[owner].service.kill9();
        expect_takeover(&house, owner, LEASE);
        house.controls[owner].service.start().unwrap();
    }
    house.audit().expect_no("missed");
}

#[test]
fn a_replica_that_ends_properly_hands_its_lane_over_at_once() {
    let mut house = two();
    let owner = house.expect_owner();
    house.controls[owner].service.stop();
    let took = house.until("the other holds the lane", || house.owner().is_some_and(|other| other != owner));
    assert!(took < Duration::from_secs(4), "{took:?}");
    house.audit().expect_no("missed");
    house.controls[owner].service.start().unwrap();
}

#[test]
fn a_sleeping_replica_is_replaced_and_what_it_still_tries_comes_to_nothing() {
    let house = two();
    // At any moment of its turns.
    for moment in [0, 170, 430] {
        let owner = house.expect_owner();
        sleep(Duration::from_millis(moment));
        house.controls[owner].service.signal(Signal::SIGSTOP).unwrap();
        expect_takeover(&house, owner, LEASE);
        wake(&house, owner);
    }
    house.audit().expect_no("missed");
}

#[test]
fn a_replica_that_sleeps_in_mid_copy_keeps_nobody_from_the_lane() {
    let house = two_of(Plan::default().set("UPGUARD_TIMES__LANE_LEASE", format!("{}s", LONG_LEASE.as_secs())));
    let owner = house.expect_owner();
    // Its COPY waits for the table; it is put to sleep before it hears that it may go on, and then its session waits
    // for rows that do not come.
    let locking = house.session();
    let copying = |state: &str| {
        let sql = format!(
            "select count(*) from pg_stat_activity where application_name = 'upguard lane 0' and query like 'copy%'
             and {state}"
        );
        house.number(&sql) == 1
    };
    house.runtime().block_on(locking.batch_execute("begin; lock table results in access exclusive mode")).unwrap();
    house.until("its COPY waits for the table", || copying("wait_event_type = 'Lock'"));
    house.controls[owner].service.signal(Signal::SIGSTOP).unwrap();
    house.runtime().block_on(locking.batch_execute("commit")).unwrap();
    house.until("its session is in mid-COPY", || copying("wait_event = 'ClientRead'"));
    expect_takeover(&house, owner, LONG_LEASE);
    assert!(!copying("wait_event = 'ClientRead'"), "the old session was ended");
    wake(&house, owner);
    house.audit().expect_no("missed");
}

/// Wakes a replica whose lane was taken, and waits until it knows.
fn wake(house: &House, replica: usize) {
    house.controls[replica].service.signal(Signal::SIGCONT).unwrap();
    house.until("the old owner lets the lane go", || house.metric(replica, "upguard_lane_owner{lane=\"0\"}") == 0.0);
}

#[test]
fn the_fence_stops_an_owner_whose_session_nobody_ended() {
    let house = two();
    let owner = house.expect_owner();
    let (before, fenced) = (epoch(&house), house.now());
    // As if another had taken the lane and not reached the old session; nobody may work on it until its lease lapses.
    house.sql("update lanes set epoch = epoch + 1, owner = 'nobody', lease_until = clock_timestamp() + interval '3 s'");
    house.until("the old owner lets the lane go", || house.metric(owner, "upguard_lane_owner{lane=\"0\"}") == 0.0);
    assert_eq!(house.owner(), None, "the lease of nobody was not renewed by the old owner");
    assert_eq!(epoch(&house), before + 1);
    let stored = house.number(&format!("select count(*) from results where slot > {fenced} + 1"));
    assert_eq!(stored, 0, "rows of an owner that was none");
    house.until("the lane is worked on again", || house.owner().is_some());
    assert!(house.controls.iter().any(|control| control.service.log_tail().contains("the lane is ours")));
    house.audit().expect_no("missed");
}

#[test]
fn what_was_due_while_control_was_away_is_noted_once_and_missed() {
    let mut house = House::start();
    let site = house.site("up");
    let monitors = house.monitors(20, &json!({"url": site.url()}));
    house.expect_status(&monitors[0], "up");
    let away = house.now();
    house.controls[0].service.kill9();
    sleep(Duration::from_secs(10));
    let back = house.now();
    house.controls[0].service.start().unwrap();
    house.expect_owner();
    house.until("a skip is noted", || house.number("select count(*) from skips where reason = 'scheduler'") == 1);
    let books = house.audit();
    books.expect_no("down");
    books.expect_some("missed (scheduler)");
    // Seconds of pushing that waited for old results to be read are no more than that.
    let skips = house.sql("select from_slot - lag(to_slot) over (order by from_slot) from skips order by from_slot");
    assert!(skips.lines().skip(1).all(|gap| gap == "1"), "skips overlap or leave gaps:\n{skips}");
    let unexplained = house.number(&format!(
        "select count(*) from results where verdict = 'missed' and slot not between {away} - 5 and {back} + 5"
    ));
    assert_eq!(unexplained, 0);
    let skipped = house.number(
        "select count(*) from results r join skips s on r.slot between s.from_slot and s.to_slot
         where r.attempt = 0 and (r.verdict <> 'missed' or r.reason <> s.reason)",
    );
    assert_eq!(skipped, 0, "skipped slots with another row than that");
}

/// A second pusher, as a sleeping replica's may wake in the middle of anything: it pushes due slots in small chunks for
/// as long as it may. Returns how often it was first, and how often it was not.
async fn rival(redis: String, db: tokio_postgres::Client, end: CancellationToken) -> (usize, usize) {
    let link = Link::new(&redis, 1).unwrap();
    let mut pusher = wire::Pusher::new(link.own().await.unwrap(), Keys::new(JOBS, 0).unwrap());
    let due = db
        .prepare(
            "select d.monitor, m.id, m.url from due(0::smallint, $1, $1) d join monitors m on m.key = d.monitor
                  where d.monitor > $2 order by d.monitor limit 7",
        )
        .await
        .unwrap();
    let (mut won, mut lost) = (0, 0);
    while !end.is_cancelled() {
        let (now_ms, cursor) = pusher.look().await.unwrap();
        let fixed = db.query_one("select frontier from advance_frontier(0::smallint, $1)", &[&(now_ms / 1000)]).await;
        let (Some(at), frontier) = (cursor, fixed.unwrap().get::<_, i64>(0)) else { continue };
        if at.slot > frontier {
            tokio::time::sleep(Duration::from_millis(3)).await;
            continue;
        }
        let rows = db.query(&due, &[&at.slot, &(at.last as i32)]).await.unwrap();
        let urls: Vec<(MonitorId, String)> = rows.iter().map(|row| (MonitorId(row.get(1)), row.get(2))).collect();
        let entry = |(id, url): &(MonitorId, String)| {
            // The URL is not this function's to keep.
            let url: &'static str = Box::leak(url.clone().into_boxed_str());
            Entry {
                target: Target::All,
                id: *id,
                url,
                slot: at.slot,
                until: at.slot + 9,
                attempt: 0,
                spec: None,
                rev: 0,
            }
        };
        let entries: Vec<_> = urls.iter().map(entry).collect();
        let last = rows.last().map(|row| i64::from(row.get::<_, i32>(0)));
        let to = last.map_or(Cursor::start_of(at.slot + 1), |last| Cursor { slot: at.slot, last });
        match pusher.push(cursor, &entries, to, 0).await.unwrap() {
            Pushed::Done => won += entries.len(),
            Pushed::Moved => lost += 1,
        }
    }
    (won, lost)
}

#[test]
fn two_pushers_emit_no_slot_twice() {
    let house = two();
    house.monitors(200, &json!({"url": house.site("up").url(), "interval": 10}));
    let (redis, db) = (house.ground().redis().url(), house.session());
    let end = CancellationToken::new();
    let rival = house.runtime().spawn(rival(redis, db, end.clone()));
    // Beside the rival, both replicas: each believes now and then that the lane is its own.
    let mut seen: HashMap<String, (String, String)> = HashMap::new();
    let until = Instant::now() + Duration::from_secs(15);
    let from = house.now() + 1;
    while Instant::now() < until {
        house.sql("update lanes set lease_until = '-infinity'");
        seen.extend(scheduled_jobs(&house));
        sleep(Duration::from_millis(500));
    }
    end.cancel();
    let (won, lost) = house.runtime().block_on(rival).unwrap();
    let to = house.now() - 2;
    seen.extend(scheduled_jobs(&house));
    let mut times: HashMap<&(String, String), usize> = HashMap::new();
    for job in seen.values() {
        *times.entry(job).or_default() += 1;
    }
    let twice: Vec<_> = times.iter().filter(|(_, times)| **times > 1).collect();
    eprintln!("{} jobs; the rival pushed {won} and came too late {lost} times", seen.len());
    assert!(twice.is_empty(), "{twice:?}");
    assert!(won > 0 && won < seen.len(), "both must have pushed");
    let pushed = times.keys().filter(|(_, slot)| (from..=to).contains(&slot.parse().unwrap())).count() as i64;
    assert_eq!(
        pushed,
        house.number(&format!("select count(*) from due(0::smallint, {from}, {to})")),
        "none was left out"
    );
    house.audit().expect_no("missed");
}

/// Of the shared stream, `(monitor, slot)` by entry.
fn scheduled_jobs(house: &House) -> HashMap<String, (String, String)> {
    let reply = house.redis(&["XRANGE", JOBS, "-", "+"]);
    let lines: Vec<_> = reply.lines().collect();
    let fields = ["id", "url", "slot", "until", "attempt"];
    // Entry id, then names and values in turn; with a spec or without.
    let begins = (1..lines.len())
        .filter(|place| fields.iter().enumerate().all(|(n, name)| lines.get(place + 2 * n) == Some(name)));
    begins
        .map(|place| (lines[place - 1].to_owned(), (lines[place + 1].to_owned(), lines[place + 5].to_owned())))
        .collect()
}
