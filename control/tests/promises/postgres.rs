//! PostgreSQL that is away.

use std::{
    thread::sleep,
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use http::Method;
use loadtest::house::is_ok;
use rand::RngExt;
use serde_json::json;

use crate::house::{House, Plan, results};

/// The status of a sign-up on the first replica, and its `Retry-After`.
fn sign_up(house: &House, who: &str) -> (u16, Option<String>) {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .proxy(None)
        .timeout_global(Some(Duration::from_secs(10)))
        .build()
        .into();
    let body = json!({"email": format!("{who}@example.org"), "password": "three unrelated words"});
    let answer = agent
        .post(format!("{}/api/v1/auth/register", house.controls[0].api))
        .header("content-type", "application/json")
        .send(body.to_string())
        .unwrap();
    let retry = answer.headers().get("retry-after").map(|value| value.to_str().unwrap().to_owned());
    (answer.status().as_u16(), retry)
}

#[test]
fn while_postgres_is_away_nothing_closes_and_the_slots_are_accounted_for() {
    let mut house = House::start();
    let site = house.site("slow");
    site.delay(Duration::from_millis(800));
    house.monitors(50, &json!({"url": site.url()}));
    house.until("checks are stored", || house.number("select count(*) from results where attempt = 0") > 50);
    let closed = house.closed();

    let away = house.now();
    house.ground().postgres().stop().unwrap();
    let (status, retry) = sign_up(&house, "ann");
    assert_eq!((status, retry.is_some()), (503, true));
    house.until("it says that it is not ready", || house.readyz(0).starts_with("HTTP/1.1 503"));
    // What was in flight is reported, and waits in its stream.
    house.until("results wait", || house.redis(&["XLEN", &results("eu-west")]) != "0");
    sleep(Duration::from_secs(8));
    assert!(house.controls[0].service.is_running() && house.probe("eu-west/w1").is_running());
    let back = house.now();
    house.ground().postgres().start_again().unwrap();
    assert_eq!(sign_up(&house, "bob"), (201, None));

    house.until("the lane is worked on again", || house.closed() > closed);
    house.until("it is ready again", || house.readyz(0).starts_with("HTTP/1.1 200"));
    let books = house.audit();
    books.expect_no("down");
    books.expect_some("(scheduler)");
    let fault = format!("slot between {away} - 5 and {back} + 5");
    let outside = house.number(&format!("select count(*) from results where verdict = 'missed' and not ({fault})"));
    assert_eq!(outside, 0, "missed although PostgreSQL was there");
    let scheduler = house.number(
        "select count(*) from results r where reason = 'scheduler' and not exists
             (select from skips s where r.slot between s.from_slot and s.to_slot and s.reason = 'scheduler')",
    );
    assert_eq!(scheduler, 0, "each has its skip");
}

#[test]
fn a_postgres_that_crashes_at_any_moment_loses_nothing_and_doubles_nothing() {
    let house = Plan::default().controls(2).times("9s", "10s", "12s").start();
    let site = house.site("up");
    house.monitors(100, &json!({"url": site.url(), "interval": 10}));
    house.until("checks are stored", || house.number("select count(*) from results where attempt = 0") > 20);
    for _ in 0..4 {
        sleep(Duration::from_millis(rand::rng().random_range(500..2500)));
        house.ground().postgres().kill9();
        house.ground().postgres().start_again().unwrap();
        let now = house.now();
        let fresh = format!("select count(*) from results where slot > {now} and verdict = 'up'");
        house.until("results are stored again", || house.number(&fresh) > 20);
    }
    let books = house.audit();
    books.expect_no("missed");
    books.expect_no("down");
}

#[test]
fn results_that_nobody_stores_pause_the_pusher_until_they_drain() {
    let house = House::start();
    let site = house.site("up");
    house.monitors(50, &json!({"url": site.url()}));
    house.until("checks are stored", || house.number("select count(*) from results where attempt = 0") > 50);
    let db = house.session();
    let stuck = house.now();
    house.runtime().block_on(db.batch_execute("begin; lock table results in access exclusive mode")).unwrap();
    house.until("slots are left out", || house.number("select count(*) from skips where reason = 'backpressure'") >= 3);
    let pushed = house.metric(0, "upguard_pusher_jobs_total{lane=\"0\"}");
    house.until("more are", || house.number("select count(*) from skips where reason = 'backpressure'") >= 6);
    assert_eq!(house.metric(0, "upguard_pusher_jobs_total{lane=\"0\"}"), pushed, "it goes on pushing");
    assert!(house.metric(0, "upguard_results_backlog_seconds{lane=\"0\"}") > 4.0);
    house.runtime().block_on(db.batch_execute("commit")).unwrap();
    let freed = house.now();
    let fresh = format!("select count(*) from results where slot > {freed} and verdict = 'up' and attempt = 0");
    house.until("it pushes again", || house.number(&fresh) > 50);
    let books = house.audit();
    books.expect_some("missed (backpressure)");
    books.expect_no("(scheduler)");
    let outside = house.number(&format!(
        "select count(*) from results where verdict = 'missed' and slot not between {stuck} - 5 and {freed} + 5"
    ));
    assert_eq!(outside, 0, "missed although results were stored");
}

/// Stops the replica and has it go by a role that may have so many connections, from its next start on.
fn limited(house: &mut House, connections: usize) {
    house.sql(&format!("alter role limited connection limit {connections}"));
    let mut control = house.controls.remove(0);
    control.service.stop();
    let url = house.ground().database_url().replace("postgres@", "limited@");
    control.service = control.service.env("UPGUARD_POSTGRES__URL", &url);
    house.controls.insert(0, control);
}

#[test]
fn a_busy_api_takes_no_connection_from_a_lane() {
    let mut house = House::start();
    let site = house.site("up");
    house.monitors(50, &json!({"url": site.url()}));
    house.sql("create role limited login in role postgres");

    limited(&mut house, 4);
    let refused = house.controls[0].service.run_to_end().unwrap_err().to_string();
    for words in ["exit status: 64", "postgres.pool", "4 connections (connection limit of the role)"] {
        assert!(refused.contains(words), "{words} is not in {refused}");
    }

    limited(&mut house, 5);
    house.controls[0].service.start().unwrap();
    let ready = format!("{}/readyz", house.controls[0].admin);
    house.until("it is ready", || is_ok(&ready));
    let said = house.controls[0].service.log_tail();
    assert!(said.contains("its API makes do with 1"), "{said}");
    let since = house.now();
    let fresh = format!("select count(*) from results where slot > {since} and verdict = 'up' and attempt = 0");
    house.until("checks are stored", || house.number(&fresh) > 50);
    let (from, epoch) = (house.now(), house.sql("select epoch from lanes"));
    let end = Instant::now() + Duration::from_secs(15);
    let busy = async || {
        let mut answered = 0;
        while Instant::now() < end {
            let answer = house.rest().ask(Method::GET, "/api/v1/monitors?limit=50", None).await.unwrap();
            answered += u64::from(answer.status == 200);
        }
        answered
    };
    let answered: u64 = house.runtime().block_on(join_all((0..64).map(|_| busy()))).into_iter().sum();
    let to = house.now();
    assert!(answered > 100, "{answered} answers");
    assert_eq!(house.sql("select epoch from lanes"), epoch, "the lane was let go");
    house.until("these slots are closed", || house.closed() > to);
    let missed = house
        .number(&format!("select count(*) from results where verdict = 'missed' and slot between {from} and {to}"));
    assert_eq!(missed, 0, "checks were missed while the API was busy");
}
