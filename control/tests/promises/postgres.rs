//! PostgreSQL that is away.

use std::{
    thread::sleep,
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use http::Method;
use rand::RngExt;
use serde_json::json;
use testbed::http::is_ok;

use crate::deployment::{Deployment, Plan, results};

/// The status of a sign-up on the first replica, and its `Retry-After`.
fn sign_up(system: &Deployment, who: &str) -> (u16, Option<String>) {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .proxy(None)
        .timeout_global(Some(Duration::from_secs(10)))
        .build()
        .into();
    let body = json!({"email": format!("{who}@example.org"), "password": "three unrelated words"});
    let answer = agent
        .post(format!("{}/api/v1/auth/register", system.controls[0].api))
        .header("content-type", "application/json")
        .send(body.to_string())
        .unwrap();
    let retry = answer.headers().get("retry-after").map(|value| value.to_str().unwrap().to_owned());
    (answer.status().as_u16(), retry)
}

#[test]
fn while_postgres_is_away_nothing_closes_and_the_slots_are_accounted_for() {
    let mut system = Deployment::start();
    let site = system.site("slow");
    site.delay(Duration::from_millis(800));
    system.monitors(50, &json!({"url": site.url()}));
    system.until("checks are stored", || system.number("select count(*) from results where attempt = 0") > 50);
    let closed = system.closed();

    let away = system.now();
    system.servers().postgres().stop().unwrap();
    let (status, retry) = sign_up(&system, "ann");
    assert_eq!((status, retry.is_some()), (503, true));
    system.until("it says that it is not ready", || system.readyz(0).starts_with("HTTP/1.1 503"));
    // What was in flight is reported, and waits in its stream.
    system.until("results wait", || system.redis(&["XLEN", &results("eu-west")]) != "0");
    sleep(Duration::from_secs(8));
    assert!(system.controls[0].service.is_running() && system.probe("eu-west/w1").is_running());
    let back = system.now();
    system.servers().postgres().start_again().unwrap();
    assert_eq!(sign_up(&system, "bob"), (201, None));

    system.until("the lane is worked on again", || system.closed() > closed);
    system.until("it is ready again", || system.readyz(0).starts_with("HTTP/1.1 200"));
    let audit = system.audit();
    audit.expect_no("down");
    audit.expect_some("(scheduler)");
    let fault = format!("slot between {away} - 5 and {back} + 5");
    let outside = system.number(&format!("select count(*) from results where verdict = 'missed' and not ({fault})"));
    assert_eq!(outside, 0, "missed although PostgreSQL was there");
    let scheduler = system.number(
        "select count(*) from results r where reason = 'scheduler' and not exists
             (select from skips s where r.slot between s.from_slot and s.to_slot and s.reason = 'scheduler')",
    );
    assert_eq!(scheduler, 0, "each has its skip");
}

#[test]
fn a_postgres_that_crashes_at_any_moment_loses_nothing_and_doubles_nothing() {
    let system = Plan::default().controls(2).times("9s", "10s", "12s").start();
    let site = system.site("up");
    system.monitors(100, &json!({"url": site.url(), "interval": 10}));
    system.until("checks are stored", || system.number("select count(*) from results where attempt = 0") > 20);
    for _ in 0..4 {
        sleep(Duration::from_millis(rand::rng().random_range(500..2500)));
        system.servers().postgres().kill9();
        system.servers().postgres().start_again().unwrap();
        let now = system.now();
        let fresh = format!("select count(*) from results where slot > {now} and verdict = 'up'");
        system.until("results are stored again", || system.number(&fresh) > 20);
    }
    let audit = system.audit();
    audit.expect_no("missed");
    audit.expect_no("down");
}

#[test]
fn results_that_nobody_stores_pause_the_pusher_until_they_drain() {
    let system = Deployment::start();
    let site = system.site("up");
    system.monitors(50, &json!({"url": site.url()}));
    system.until("checks are stored", || system.number("select count(*) from results where attempt = 0") > 50);
    let db = system.session();
    let stuck = system.now();
    system.runtime().block_on(db.batch_execute("begin; lock table results in access exclusive mode")).unwrap();
    system
        .until("slots are left out", || system.number("select count(*) from skips where reason = 'backpressure'") >= 3);
    let pushed = system.metric(0, "upguard_pusher_jobs_total{lane=\"0\"}");
    system.until("more are", || system.number("select count(*) from skips where reason = 'backpressure'") >= 6);
    assert_eq!(system.metric(0, "upguard_pusher_jobs_total{lane=\"0\"}"), pushed, "it goes on pushing");
    assert!(system.metric(0, "upguard_results_backlog_seconds{lane=\"0\"}") > 4.0);
    system.runtime().block_on(db.batch_execute("commit")).unwrap();
    let freed = system.now();
    let fresh = format!("select count(*) from results where slot > {freed} and verdict = 'up' and attempt = 0");
    system.until("it pushes again", || system.number(&fresh) > 50);
    let audit = system.audit();
    audit.expect_some("missed (backpressure)");
    audit.expect_no("(scheduler)");
    let outside = system.number(&format!(
        "select count(*) from results where verdict = 'missed' and slot not between {stuck} - 5 and {freed} + 5"
    ));
    assert_eq!(outside, 0, "missed although results were stored");
}

/// Stops the replica and has it go by a role that may have so many connections, from its next start on.
fn limited(system: &mut Deployment, connections: usize) {
    system.sql(&format!("alter role limited connection limit {connections}"));
    let mut control = system.controls.remove(0);
    control.service.stop();
    let url = system.servers().database_url().replace("postgres@", "limited@");
    control.service = control.service.env("UPGUARD_POSTGRES__URL", &url);
    system.controls.insert(0, control);
}

#[test]
fn a_busy_api_takes_no_connection_from_a_lane() {
    let mut system = Deployment::start();
    let site = system.site("up");
    system.monitors(50, &json!({"url": site.url()}));
    system.sql("create role limited login in role postgres");

    limited(&mut system, 4);
    let refused = system.controls[0].service.run_to_end().unwrap_err().to_string();
    for words in ["exit status: 64", "postgres.pool", "4 connections (connection limit of the role)"] {
        assert!(refused.contains(words), "{words} is not in {refused}");
    }

    limited(&mut system, 5);
    system.controls[0].service.start().unwrap();
    let ready = format!("{}/readyz", system.controls[0].admin);
    system.until("it is ready", || is_ok(&ready));
    let said = system.controls[0].service.log_tail();
    assert!(said.contains("its API makes do with 1"), "{said}");
    let since = system.now();
    let fresh = format!("select count(*) from results where slot > {since} and verdict = 'up' and attempt = 0");
    system.until("checks are stored", || system.number(&fresh) > 50);
    let (from, epoch) = (system.now(), system.sql("select epoch from lanes"));
    let end = Instant::now() + Duration::from_secs(15);
    let busy = async || {
        let mut answered = 0;
        while Instant::now() < end {
            let answer = system.rest().ask(Method::GET, "/api/v1/monitors?limit=50", None).await.unwrap();
            answered += u64::from(answer.status == 200);
        }
        answered
    };
    let answered: u64 = system.runtime().block_on(join_all((0..64).map(|_| busy()))).into_iter().sum();
    let to = system.now();
    assert!(answered > 100, "{answered} answers");
    assert_eq!(system.sql("select epoch from lanes"), epoch, "the lane was let go");
    system.until("these slots are closed", || system.closed() > to);
    let missed = system
        .number(&format!("select count(*) from results where verdict = 'missed' and slot between {from} and {to}"));
    assert_eq!(missed, 0, "checks were missed while the API was busy");
}
