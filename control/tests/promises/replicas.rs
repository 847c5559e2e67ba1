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

use crate::deployment::{Deployment, JOBS, Plan};

/// The lease of a lane in these tests, and one that outlasts the looks at its owner's session.
const LEASE: Duration = Duration::from_secs(2);
const LONG_LEASE: Duration = Duration::from_secs(8);
/// A takeover may cost a look every second and a slow machine on top of the lease.
const TAKEOVER: Duration = Duration::from_secs(6);

/// Two replicas, and slots that survive a takeover.
fn two() -> Deployment {
    two_of(Plan::default())
}

fn two_of(plan: Plan) -> Deployment {
    let system = plan.controls(2).times("9s", "10s", "12s").start();
    let site = system.site("up");
    system.monitors(60, &json!({"url": site.url(), "interval": 10}));
    system
}

fn epoch(system: &Deployment) -> i64 {
    system.number("select epoch from lanes")
}

/// Waits until a replica other than `old` holds the lane and stores what is reported.
fn expect_takeover(system: &Deployment, old: usize, lease: Duration) -> usize {
    let took = system.until("another replica holds the lane", || system.owner().is_some_and(|owner| owner != old));
    assert!(took < lease + TAKEOVER, "{took:?}");
    let (owner, now) = (system.owner().unwrap(), system.now());
    let stored = format!("select count(*) from results where attempt = 0 and verdict = 'up' and slot > {now}");
    system.until("results are stored again", || system.number(&stored) > 10);
    eprintln!("replica {owner} took over from {old} in {took:?}");
    owner
}

#[test]
fn a_killed_replica_is_replaced_and_no_slot_is_lost() {
    let mut system = two();
    for _ in 0..2 {
        let owner = system.expect_owner();
        system.controls[owner].service.kill9();
        expect_takeover(&system, owner, LEASE);
        system.controls[owner].service.start().unwrap();
    }
    system.audit().expect_no("missed");
}

#[test]
fn a_replica_that_ends_properly_hands_its_lane_over_at_once() {
    let mut system = two();
    let owner = system.expect_owner();
    system.controls[owner].service.stop();
    let took = system.until("the other holds the lane", || system.owner().is_some_and(|other| other != owner));
    assert!(took < Duration::from_secs(4), "{took:?}");
    system.audit().expect_no("missed");
    system.controls[owner].service.start().unwrap();
}

#[test]
fn a_sleeping_replica_is_replaced_and_what_it_still_tries_comes_to_nothing() {
    let system = two();
    // At any moment of its turns.
    for moment in [0, 170, 430] {
        let owner = system.expect_owner();
        sleep(Duration::from_millis(moment));
        system.controls[owner].service.signal(Signal::SIGSTOP).unwrap();
        expect_takeover(&system, owner, LEASE);
        wake(&system, owner);
    }
    system.audit().expect_no("missed");
}

#[test]
fn a_replica_that_sleeps_in_mid_copy_keeps_nobody_from_the_lane() {
    let system = two_of(Plan::default().set("UPGUARD_TIMES__LANE_LEASE", format!("{}s", LONG_LEASE.as_secs())));
    let owner = system.expect_owner();
    // Its COPY waits for the table; it is put to sleep before it hears that it may go on, and then its session waits
    // for rows that do not come.
    let locking = system.session();
    let copying = |state: &str| {
        let sql = format!(
            "select count(*) from pg_stat_activity where application_name = 'upguard lane 0' and query like 'copy%'
             and {state}"
        );
        system.number(&sql) == 1
    };
    system.runtime().block_on(locking.batch_execute("begin; lock table results in access exclusive mode")).unwrap();
    system.until("its COPY waits for the table", || copying("wait_event_type = 'Lock'"));
    system.controls[owner].service.signal(Signal::SIGSTOP).unwrap();
    system.runtime().block_on(locking.batch_execute("commit")).unwrap();
    system.until("its session is in mid-COPY", || copying("wait_event = 'ClientRead'"));
    expect_takeover(&system, owner, LONG_LEASE);
    assert!(!copying("wait_event = 'ClientRead'"), "the old session was ended");
    wake(&system, owner);
    system.audit().expect_no("missed");
}

/// Wakes a replica whose lane was taken, and waits until it knows.
fn wake(system: &Deployment, replica: usize) {
    system.controls[replica].service.signal(Signal::SIGCONT).unwrap();
    system.until("the old owner lets the lane go", || system.metric(replica, "upguard_lane_owner{lane=\"0\"}") == 0.0);
}

#[test]
fn the_fence_stops_an_owner_whose_session_nobody_ended() {
    let system = two();
    let owner = system.expect_owner();
    let (before, fenced) = (epoch(&system), system.now());
    // As if another had taken the lane and not reached the old session; nobody may work on it until its lease lapses.
    system
        .sql("update lanes set epoch = epoch + 1, owner = 'nobody', lease_until = clock_timestamp() + interval '3 s'");
    system.until("the old owner lets the lane go", || system.metric(owner, "upguard_lane_owner{lane=\"0\"}") == 0.0);
    assert_eq!(system.owner(), None, "the lease of nobody was not renewed by the old owner");
    assert_eq!(epoch(&system), before + 1);
    let stored = system.number(&format!("select count(*) from results where slot > {fenced} + 1"));
    assert_eq!(stored, 0, "rows of an owner that was none");
    system.until("the lane is worked on again", || system.owner().is_some());
    assert!(system.controls.iter().any(|control| control.service.log_tail().contains("the lane is ours")));
    system.audit().expect_no("missed");
}

#[test]
fn what_was_due_while_control_was_away_is_noted_once_and_missed() {
    let mut system = Deployment::start();
    let site = system.site("up");
    let monitors = system.monitors(20, &json!({"url": site.url()}));
    system.expect_status(&monitors[0], "up");
    let away = system.now();
    system.controls[0].service.kill9();
    sleep(Duration::from_secs(10));
    let back = system.now();
    system.controls[0].service.start().unwrap();
    system.expect_owner();
    system.until("a skip is noted", || system.number("select count(*) from skips where reason = 'scheduler'") == 1);
    let audit = system.audit();
    audit.expect_no("down");
    audit.expect_some("missed (scheduler)");
    // Seconds of pushing that waited for old results to be read are no more than that.
    let skips = system.sql("select from_slot - lag(to_slot) over (order by from_slot) from skips order by from_slot");
    assert!(skips.lines().skip(1).all(|gap| gap == "1"), "skips overlap or leave gaps:\n{skips}");
    let unexplained = system.number(&format!(
        "select count(*) from results where verdict = 'missed' and slot not between {away} - 5 and {back} + 5"
    ));
    assert_eq!(unexplained, 0);
    let skipped = system.number(
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
    let system = two();
    system.monitors(200, &json!({"url": system.site("up").url(), "interval": 10}));
    let (redis, db) = (system.servers().redis().url(), system.session());
    let end = CancellationToken::new();
    let rival = system.runtime().spawn(rival(redis, db, end.clone()));
    // Beside the rival, both replicas: each believes now and then that the lane is its own.
    let mut seen: HashMap<String, (String, String)> = HashMap::new();
    let until = Instant::now() + Duration::from_secs(15);
    let from = system.now() + 1;
    while Instant::now() < until {
        system.sql("update lanes set lease_until = '-infinity'");
        seen.extend(scheduled_jobs(&system));
        sleep(Duration::from_millis(500));
    }
    end.cancel();
    let (won, lost) = system.runtime().block_on(rival).unwrap();
    let to = system.now() - 2;
    seen.extend(scheduled_jobs(&system));
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
        system.number(&format!("select count(*) from due(0::smallint, {from}, {to})")),
        "none was left out"
    );
    system.audit().expect_no("missed");
}

/// Of the shared stream, `(monitor, slot)` by entry.
fn scheduled_jobs(system: &Deployment) -> HashMap<String, (String, String)> {
    let reply = system.redis(&["XRANGE", JOBS, "-", "+"]);
    let lines: Vec<_> = reply.lines().collect();
    let fields = ["id", "url", "slot", "until", "attempt"];
    // Entry id, then names and values in turn; with a spec or without.
    let begins = (1..lines.len())
        .filter(|place| fields.iter().enumerate().all(|(n, name)| lines.get(place + 2 * n) == Some(name)));
    begins
        .map(|place| (lines[place - 1].to_owned(), (lines[place + 1].to_owned(), lines[place + 5].to_owned())))
        .collect()
}
