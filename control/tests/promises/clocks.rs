//! Clocks that are wrong. `libfaketime` shifts the wall clock of one process; its monotonic clock stays.

use std::{
    fs,
    path::{Path, PathBuf},
    thread::sleep,
    time::Duration,
};

use serde_json::json;
use testbed::{process::Process, servers::install};

use crate::deployment::{Deployment, Plan};

/// The library that lies about the time, installed if need be.
fn faketime() -> PathBuf {
    install::ensure(&["faketime"]).unwrap();
    let folders = std::fs::read_dir("/usr/lib").unwrap().flatten().map(|entry| entry.path());
    let found = folders.map(|folder| folder.join("faketime/libfaketimeMT.so.1")).find(|file| file.exists());
    found.expect("libfaketimeMT.so.1 below /usr/lib")
}

fn shifted(by: &str) -> [(&'static str, String); 3] {
    [
        // libc before anybody else's malloc: jemalloc asks for the time before the library is ready to lie.
        ("LD_PRELOAD", format!("{}:libc.so.6", faketime().display())),
        ("FAKETIME", by.to_owned()),
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1".to_owned()),
    ]
}

/// Shifted by what stands in a file, which may change.
fn shifted_by(file: &Path) -> Vec<(&'static str, String)> {
    let mut shifted = Vec::from(shifted(""));
    shifted.retain(|(name, _)| *name != "FAKETIME");
    shifted.push(("FAKETIME_TIMESTAMP_FILE", file.display().to_string()));
    shifted.push(("FAKETIME_CACHE_DURATION", "1".to_owned()));
    shifted
}

#[test]
fn a_probe_whose_clock_is_minutes_off_is_in_time_and_has_no_vote() {
    let mut plan = Plan::default().probes(&["eu-west/w1", "us-east/w1", "ap-south/w1"]);
    for (probe, by) in [("us-east/w1", "+120s"), ("ap-south/w1", "-120s")] {
        for (name, value) in shifted(by) {
            plan = plan.probe_env(probe, name, value);
        }
    }
    let system = plan.start();
    let site = system.site("up");
    let monitors = system.monitors(20, &json!({"url": site.url()}));
    system.expect_status(&monitors[0], "up");
    system.until("all workers are known", || system.number("select count(*) from workers") == 3);
    let fleet = system.get("/api/v1/regions");
    // By name: ap-south, eu-west, us-east.
    let offset = |place: usize| fleet["items"][place]["workers"][0]["clock_offset_ms"].as_i64().unwrap();
    assert!((-121_000..-119_000).contains(&offset(0)), "{}", offset(0));
    assert!(offset(1).abs() < 1_000, "{}", offset(1));
    assert!((119_000..121_000).contains(&offset(2)), "{}", offset(2));
    let diagnosis = |place: usize| fleet["items"][place]["workers"][0]["diagnosis"].clone();
    assert_eq!([diagnosis(0), diagnosis(1), diagnosis(2)], [json!("clock"), json!(null), json!("clock")]);
    system.expect_closed(system.now() + 5);
    let audit = system.audit();
    audit.expect_no("missed");
    audit.expect_no("down");
    // A clock that follows Redis over a busy machine may be some milliseconds behind.
    let odd = system.sql("select slot, attempt, started_ms from results where started_ms not between -1000 and 6000");
    assert_eq!(odd, "", "checks that started at another time than they did");
    let suspects = "select distinct g.id, coalesce(r.suspect::text, 'no') from results r join regions g on g.key = r.region order by 1";
    assert_eq!(system.sql(suspects).trim(), "ap-south|clock\neu-west|no\nus-east|clock");
    assert_eq!(system.status(&monitors[0]), "up", "by the one region that has a vote");
    let counts = format!(
        "select count(*) filter (where r.suspect is null), count(*) from results r, lanes
         where r.monitor = {} and r.attempt = 0 and r.slot <= closed",
        monitors[0].key
    );
    system.until("uptime counts what is not suspect, and expects all", || {
        let uptime = system.get(&monitors[0].at(""))["uptime"]["24h"].clone();
        let (good, total, expected) = (&uptime["good"], &uptime["total"], &uptime["expected"]);
        system.sql(&counts).trim() == format!("{total}|{expected}") && good == total && total != expected
    });
}

#[test]
fn while_the_servers_clocks_differ_nothing_is_pushed_and_no_schedule_is_fixed() {
    let system = Deployment::start();
    let site = system.site("up");
    let monitor = system.monitor(&json!({"url": site.url()}));
    system.expect_status(&monitor, "up");

    for by in ["-100s", "+100s"] {
        let wrong = redis_with_a_clock(&system, &shifted(by));
        system.until("it says why it is not ready", || system.readyz(0).contains("lane 0 clocks"));
        let said = system.readyz(0);
        assert!(said.starts_with("HTTP/1.1 503"), "{said}");
        assert!(said.contains("differ by"), "{said}");
        let jobs = || system.metric(0, "upguard_pusher_jobs_total{lane=\"0\"}");
        let before = jobs();
        sleep(Duration::from_secs(3));
        assert_eq!(jobs(), before, "something was pushed");
        let ahead = system.number("select frontier - extract(epoch from clock_timestamp())::bigint from lanes");
        assert!(ahead <= 1, "the schedule is fixed for {ahead} s to come");

        drop(wrong);
        system.servers().redis().start_again().unwrap();
        system.until("it is ready again", || system.readyz(0).starts_with("HTTP/1.1 200"));
        let now = system.now();
        let fresh = format!("select count(*) from results where slot > {now} and attempt = 0 and verdict = 'up'");
        system.until("checks are stored again", || system.number(&fresh) >= 4);
    }
}

#[test]
fn a_redis_whose_clock_jumps_closes_no_slot_before_its_time() {
    let system = Deployment::start();
    let monitor = system.monitor(&json!({"url": system.site("up").url()}));
    system.expect_status(&monitor, "up");
    let dir = tempfile::tempdir().unwrap();
    let shift = dir.path().join("shift");
    fs::write(&shift, "+0s").unwrap();
    let redis = redis_with_a_clock(&system, &shifted_by(&shift));
    system.until("redis answers", || system.servers().redis().cli(&["PING"]).is_ok());
    let is_checked = || {
        let now = system.now();
        let fresh = format!("select count(*) from results where slot > {now} and attempt = 0 and verdict = 'up'");
        system.until("checks are stored", || system.number(&fresh) >= 4);
    };
    is_checked();
    system.until("a slot is closed", || system.number("select count(*) from results, lanes where slot <= closed") > 0);
    let epoch = system.number("select epoch from lanes");

    // No connection breaks: whoever holds the lane finds out in the middle of its work.
    fs::write(&shift, "+3600s").unwrap();
    system.until("it says why it is not ready", || system.readyz(0).contains("lane 0 clocks"));
    let said = system.readyz(0);
    assert!(said.starts_with("HTTP/1.1 503") && said.contains("Redis' is ahead"), "{said}");
    sleep(Duration::from_secs(3));
    let ahead = "from (select extract(epoch from clock_timestamp())::bigint as now) c, lanes";
    let closed = system.number(&format!("select closed - now {ahead}"));
    assert!(closed <= -11, "closed up to {closed} s from now");
    let heard = system.number(&format!("select heard - now {ahead}"));
    assert!(heard <= 0, "heard up to {heard} s from now");
    assert_eq!(system.number("select epoch from lanes"), epoch, "nobody reads the lane in again and again");

    fs::write(&shift, "+0s").unwrap();
    system.until("it is ready again", || system.readyz(0).starts_with("HTTP/1.1 200"));
    is_checked();
    drop(redis);
    system.servers().redis().start_again().unwrap();
    is_checked();
}

/// The system's Redis, on its data and port, by another clock.
fn redis_with_a_clock(system: &Deployment, clock: &[(&'static str, String)]) -> Process {
    let mut redis = system.servers().redis();
    redis.stop().unwrap();
    let dir = redis.aof_path().unwrap().ancestors().nth(2).unwrap().to_owned();
    let mut command = std::process::Command::new("redis-server");
    command.args(["--port", &redis.port().to_string(), "--bind", "127.0.0.1", "--appendonly", "yes", "--save", ""]);
    command.arg("--dir").arg(&dir).envs(clock.iter().cloned());
    Process::spawn("redis", command, &dir.join("wrong.log")).unwrap()
}
