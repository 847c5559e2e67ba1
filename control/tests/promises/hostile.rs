//! A region's Redis user writes whatever it may: under ids of its choice, as much as it likes, in every name. It loses its own
//! results at most; other regions, tenants and replicas notice nothing.

use std::fs;

use serde_json::json;
use wire::{Evidence, Facts, Outcome, Reason, Verdict};

use super::nonsense::{Liar, dropped, expect_life, up};
use crate::deployment::{Deployment, JOBS, Monitor, Plan, own, results};

/// An id ten years ahead of `system`, in milliseconds.
fn in_ten_years(system: &Deployment) -> i64 {
    (system.now() + 10 * 366 * 86_400) * 1000
}

fn is_heard(system: &Deployment, monitor: &Monitor, region: &str) -> bool {
    let since = system.now();
    let fresh = format!(
        "select count(*) from results r join regions g on g.key = r.region
         where r.monitor = {} and g.id = '{region}' and r.slot > {since} and r.attempt = 0 and r.verdict = 'up'",
        monitor.key
    );
    system.until("the region is heard", || system.number(&fresh) > 0);
    true
}

/// Resident memory of a replica, MiB.
fn memory(system: &Deployment, replica: usize) -> u64 {
    let pid = system.controls[replica].service.pid().unwrap();
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
}

#[test]
fn names_of_workers_are_bounded_and_so_is_their_number() {
    let system = Deployment::start();
    let monitor = system.monitor(&json!({"url": system.site("up").url()}));
    let mut liar = Liar::new(&system, "nowhere");
    for name in ["", "\0", "a\u{202e}b", &"w".repeat(200_000), &random(6_000)] {
        liar.introduce(&Facts { worker: name.to_owned(), ..Facts::default() });
    }
    system.until("they are left out", || dropped(&system, "unparsed") == 5.0);
    let names = (0..5_000).map(|n| Facts { worker: format!("w{n}"), clock_offset_ms: i64::MIN, ..Facts::default() });
    names.for_each(|facts| liar.introduce(&facts));
    system.until("the rest are left out", || dropped(&system, "flooded") >= 4_000.0);
    let of_liar = "select count(*) from workers w join regions g on g.key = w.region where g.id = 'nowhere'";
    assert!((200..=256).contains(&system.number(of_liar)), "{}", system.number(of_liar));
    expect_life(&system, &monitor);
    let regions = system.get("/api/v1/regions");
    assert!(regions.to_string().len() < 200_000, "{}", regions.to_string().len());
    liar.leave();
}

/// Text that no index compresses.
fn random(length: usize) -> String {
    (0..length).map(|_| char::from(rand::random_range(b'!'..=b'~'))).collect()
}

#[test]
fn entries_under_ids_of_another_time_date_nothing_and_stop_nobody() {
    let system = Deployment::start();
    let monitor = system.monitor(&json!({"url": system.site("up").url()}));
    system.expect_status(&monitor, "up");
    let ahead = in_ten_years(&system);
    for (id, fields) in [
        ("9000000000000000000-1", ["v", "1"]),
        (&format!("{ahead}-0"), ["v", "1"]),
        ("18446744073709551615-18446744073709551615", ["v", "1"]),
    ] {
        let before = dropped(&system, "entry_id");
        system.redis(&[&["XADD", &results("eu-west"), id], &fields[..]].concat());
        system.until("it is left out", || dropped(&system, "entry_id") > before);
        assert!(is_heard(&system, &monitor, "eu-west"), "honest probes of the region go on");
        expect_life(&system, &monitor);
    }
    let since = system.get(&monitor.at(""))["since"].as_str().unwrap().to_owned();
    assert!(since.as_str() < "2030", "{since}");
    let told =
        "select count(*) from incidents where kind = 'region' and opened_at between extract(epoch from now()) - 600
                and extract(epoch from now()) + 60";
    system.until("operators are told", || system.number(told) == 1);
    assert_eq!(system.number("select count(*) from incidents"), 1, "and nobody else");
    system.audit().expect_no("us-east missed");
}

#[test]
fn whatever_else_is_wrong_operators_are_told_once_what_a_region_did_on_any_lane() {
    let mut system = Plan::default().lanes(2).set("UPGUARD_ALERTING__REGION_GONE", "4s").start();
    system.probe("us-east/w1").stop();
    let told = |what: &str| {
        format!(
            "select count(*) from timeline t join incidents i on i.id = t.incident
             where i.kind = 'region' and t.what = '{what}' and t.data->>'why' ~ '^no worker of the region was heard'"
        )
    };
    system.until("operators are called", || system.number(&told("opened")) == 1);
    let lane = format!("{{{JOBS}.1}}:us-east:results");
    let odd = told("escalated") + " and t.data->>'why' ~ 'ids ahead'";
    for n in 0..2 {
        system.redis(&["XADD", &lane, &format!("{}-{n}", in_ten_years(&system)), "v", "1"]);
        system.until("it begins anew", || system.redis(&["XLEN", &lane]) == "0");
        system.until("they are told by what", || system.number(&odd) == 1);
    }
    let noted = system.now();
    system.until("regions are looked at once more", || system.closed() > noted);
    assert_eq!(system.number(&odd), 1, "a second time tells nothing new");
    assert_eq!(system.number("select count(*) from incidents"), 1);
}

#[test]
fn a_recheck_of_a_slot_in_ten_years_is_nobodys() {
    let system = Deployment::start();
    let monitor = system.monitor(&json!({"url": system.site("up").url()}));
    system.expect_status(&monitor, "up");
    let mut liar = Liar::new(&system, "nowhere");
    let slot = in_ten_years(&system) / 1000;
    liar.say(vec![up(&monitor.id, slot, 1), up(&monitor.id, system.now(), 1), up(&monitor.id, system.now(), 254)]);
    system.until("all are left out", || dropped(&system, "unexpected") == 3.0);
    expect_life(&system, &monitor);
    liar.leave();
}

#[test]
fn much_is_thrown_away_without_much_memory() {
    let system = Deployment::start();
    let monitor = system.monitor(&json!({"url": system.site("up").url()}));
    system.expect_status(&monitor, "up");
    Liar::new(&system, "nowhere").leave();
    let before = memory(&system, 0);
    let empty = "return redis.call('XADD', KEYS[1], '*', 'v', '1', 'o', string.rep('\\18\\0', tonumber(ARGV[1])))";
    for outcomes in ["513", "100000", "4000000"] {
        system.redis(&["EVAL", empty, "1", &results("nowhere"), outcomes]);
    }
    let many = "for n = 1, 101000 do redis.call('XADD', KEYS[1], '*', 'v', '1', 'f', '') end";
    system.redis(&["EVAL", many, "1", &results("nowhere")]);
    let large = "for n = 1, 3 do redis.call('XADD', KEYS[1], '*', 'v', '1', 'o', string.rep('x', 8000000)) end";
    system.redis(&["EVAL", large, "1", &results("nowhere")]);
    system.until("they are thrown away", || dropped(&system, "flooded") >= 101_000.0);
    system.until("nothing is left", || system.redis(&["XLEN", &results("nowhere")]) == "0");
    expect_life(&system, &monitor);
    assert!(memory(&system, 0) < before + 100, "{before} MiB became {}", memory(&system, 0));
    let dead = format!("{{{JOBS}}}:_dead");
    let kept: u64 = system.redis(&["MEMORY", "USAGE", &dead]).parse().unwrap_or(0);
    assert!(kept < 8_000_000, "{kept} bytes of dead letters");
    let audit = system.audit();
    audit.expect_no("eu-west missed");
    audit.expect_no("us-east missed");
}

#[test]
fn a_region_that_a_monitor_did_not_choose_and_one_word_of_one_region_change_nothing() {
    let system = Deployment::start();
    let site = system.site("up");
    let everywhere = system.monitor(&json!({"url": site.url()}));
    let elsewhere = system.monitor(&json!({"url": site.url(), "regions": ["eu-west"]}));
    system.expect_status(&elsewhere, "up");
    system.until("some seconds are open", || system.number("select frontier - closed from lanes") > 8);
    let mut liar = Liar::new(&system, "nowhere");
    let now = system.now();
    let outcome = |monitor: &Monitor, not_after: i64| {
        let evidence = Some(Box::new(Evidence { body: Some("\0".repeat(50_000)), ..Evidence::default() }));
        let (verdict, reason) = (Verdict::Down, Some(Reason::Status));
        Outcome { verdict, reason, evidence, cert_not_after: Some(not_after), ..up(&monitor.id, now, 255) }
    };
    liar.say(vec![outcome(&elsewhere, 1)]);
    system.until("it is left out", || dropped(&system, "unexpected") == 1.0);
    for (ago, not_after) in [i64::MIN, i64::MAX, -1, 1, now + 86_400].into_iter().enumerate() {
        let slot = now - ago as i64;
        liar.say(vec![Outcome { slot, started_ms: slot * 1000, ..outcome(&everywhere, not_after) }]);
    }
    let told = format!(
        "select count(*) from results where monitor = {} and attempt = 255 and detail like 'a%lie'",
        everywhere.key
    );
    system.until("its word is stored", || system.number(&told) == 5);
    expect_life(&system, &everywhere);
    assert_eq!(system.number("select count(*) from incidents where kind = 'certificate'"), 0);
    assert_eq!(system.number("select count(cert_not_after) from monitor_status"), 0);
    assert_eq!(system.status(&elsewhere), "up");
    assert_ne!(system.status(&everywhere), "down", "one region of three");
    liar.leave();
}

#[test]
fn a_group_that_was_moved_beyond_its_stream_goes_on() {
    let system = Deployment::start();
    let monitor = system.monitor(&json!({"url": system.site("up").url()}));
    system.expect_status(&monitor, "up");
    // Nor does it matter what groups are called.
    for name in ["a\\xff", "", "results", "x y"] {
        let make = format!("return redis.call('XGROUP', 'CREATE', KEYS[1], '{name}', '0')");
        system.redis(&["EVAL", &make, "1", JOBS]);
    }
    let own = own("us-east");
    for stream in [JOBS, &own] {
        let last = "18446744073709551615-0";
        system.redis(&["XCLAIM", stream, "us-east", "thief", "0", "1-1", "LASTID", last, "JUSTID"]);
        assert!(is_heard(&system, &monitor, "us-east"));
        let stands = system.redis(&["XINFO", "GROUPS", stream]);
        assert!(!stands.contains(last), "{stands}");
    }
    let facts =
        "select t.data->>'why' from timeline t join incidents i on i.id = t.incident where i.kind = 'region' limit 1";
    system.until("operators are told by what", || system.sql(facts).contains("moved this region's group"));
}

#[test]
fn what_postgresql_refuses_is_found_and_put_aside() {
    let system = Deployment::start();
    let monitors = system.monitors(2, &json!({"url": system.site("up").url()}));
    let [monitor, other] = &monitors[..] else { panic!("two monitors") };
    system.expect_status(monitor, "up");
    let mut liar = Liar::new(&system, "nowhere");
    let takes = system.number("select epoch from lanes");
    system.sql(
        "alter table results add constraint odd check (http_status <> 418);
               alter table workers add constraint odd check (version <> 'odd')",
    );
    let now = system.now();
    let teapot = |slot| Outcome { http_status: Some(418), ..up(&monitor.id, slot, 255) };
    for slot in [now - 2, now - 1, now] {
        liar.say(vec![teapot(slot)]);
        liar.say(vec![up(&other.id, slot, 255)]);
    }
    liar.introduce(&Facts { worker: "liar".to_owned(), version: "odd".to_owned(), ..Facts::default() });
    system.until("they are put aside", || dropped(&system, "refused") == 4.0);
    let dead = system.redis(&["XRANGE", &format!("{{{JOBS}}}:_dead"), "-", "+"]);
    assert_eq!(dead.matches("violates check constraint").count(), 4, "{dead}");
    let kept =
        format!("select count(*) from results where monitor = {} and attempt = 255 and detail is not null", other.key);
    system.until("what is good is stored", || system.number(&kept) == 3);
    expect_life(&system, monitor);
    assert_eq!(system.number("select epoch from lanes"), takes, "nobody let the lane go");
    system.audit().expect_no("us-east missed");
    liar.leave();
}

#[test]
fn a_redis_that_is_full_is_drained_while_a_monitor_is_in_doubt() {
    let system = Deployment::start();
    let (site, calm) = (system.site("shaky"), system.monitor(&json!({"url": system.site("up").url()})));
    let monitor =
        system.monitor(&json!({"url": site.url(), "interval": 10, "confirm": {"failures": 5, "recheck_every": 5}}));
    system.expect_status(&monitor, "up");
    let takes = system.number("select epoch from lanes");
    // Results that are not read yet, one of which raises doubt and one of which nobody can read.
    site.answer(503);
    let failed = "select count(*) from results where verdict = 'down'";
    system.until("it fails", || system.number(failed) > 0);
    system.redis(&["XADD", &results("eu-west"), "*", "v", "1"]);
    system.redis(&["CONFIG", "SET", "maxmemory", "1"]);
    let unsent = || system.metric(0, "upguard_ingest_unsent_total{what=\"recheck\"}");
    system.until("a recheck is refused", || unsent() > 0.0);
    system.until("what was read is trimmed", || {
        ["eu-west", "us-east"].iter().all(|region| system.redis(&["XLEN", &results(region)]) == "0")
    });
    assert_eq!(system.number("select epoch from lanes"), takes, "nobody let the lane go");
    system.redis(&["CONFIG", "SET", "maxmemory", "0"]);
    expect_life(&system, &calm);
    system.expect_status(&monitor, "down");
    site.answer(200);
    system.expect_status(&monitor, "up");
}
