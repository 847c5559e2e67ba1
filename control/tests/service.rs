//! The service around the API: what is no route, what is too much, what is away, and how it ends.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test says where it fails")]

mod support;

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use nix::sys::signal::Signal;
use serde_json::json;
use support::{PASSWORD, Server, eventually};

#[test]
fn what_is_no_route_is_a_problem_too() {
    let server = Server::start();
    server.get("/api/v1/nothing").problem(404);
    server.get("/api/v1/auth/login").problem(405);
    server.send("BREW", "/api/v1/auth/login", None, None).problem(405);
    let login = |kind: &str, body: &str| server.raw("POST", "/api/v1/auth/login", &[("content-type", kind)], body);
    login("text/plain", "{}").problem(415);
    server.raw("POST", "/api/v1/auth/login", &[], "{}").problem(415);
    login("application/json", "{").problem(400);
    login("application/json", r#"{"email": "a\u0000b"}"#).problem(400);
    login("application/json", "").problem(400);
    assert_eq!(login("application/json; charset=utf-8", "[]").problem(422), [""]);
    login("application/json", &format!("\"{}\"", "x".repeat(256 * 1024))).problem(413);
    server.raw("POST", "/api/v1/auth/login?cookie=perhaps", &[("content-type", "application/json")], "{}").problem(400);

    let answer = server.get("/api/v1/auth/me");
    answer.problem(401);
    for (name, value) in
        [("x-content-type-options", "nosniff"), ("cache-control", "no-store"), ("referrer-policy", "no-referrer")]
    {
        assert_eq!(answer.header(name), Some(value));
    }
    assert_eq!(answer.header("x-request-id").map(str::len), Some(36));

    let metrics = server.admin("/metrics").expect(200);
    let metrics = metrics.as_str().unwrap();
    for line in [
        r#"upguard_http_requests_total{method="POST",route="/api/v1/auth/login",status="415"} 2"#,
        r#"upguard_http_requests_total{method="GET",route="other",status="404"} 1"#,
        r#"upguard_http_requests_total{method="other",route="other",status="405"} 1"#,
        r#"upguard_http_request_seconds_count{route="/api/v1/auth/me"} 1"#,
    ] {
        assert!(metrics.contains(line), "{line} is not in\n{metrics}");
    }
}

#[test]
fn the_admin_port_says_what_is_wrong() {
    let mut server = Server::start();
    assert_eq!(server.admin("/livez").expect(200), "ok\n");
    eventually("it is ready", || (server.admin("/readyz").status == 200).then_some(()));
    server.admin("/nothing").problem(404);
    server.redis.stop().unwrap();
    let answer = server.admin("/readyz").expect(503);
    assert_eq!(answer["ready"], false);
    assert_ne!(answer["conditions"]["redis"], "ok");
    assert_eq!(answer["conditions"]["postgres"], "ok");
    server.redis.start_again().unwrap();
    eventually("it is ready again", || (server.admin("/readyz").status == 200).then_some(()));
    assert!(server.control.is_running());
}

#[test]
fn what_it_stands_on_is_measured_and_said_to_be_away() {
    let mut server = Server::start_with(&[("UPGUARD_ADMIN__MEASURE", "200ms")]);
    let value = |server: &Server, name: &str| -> String {
        let metrics = server.admin("/metrics").expect(200);
        let line = metrics.as_str().unwrap().lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.unwrap_or_else(|| panic!("no {name} in\n{metrics}")).to_owned()
    };
    let is = |server: &Server, name: &str, wanted: &str| (value(server, name) == wanted).then_some(());
    let both_are_up = || is(&server, "upguard_redis_up", "1").and_then(|()| is(&server, "upguard_postgres_up", "1"));
    eventually("both are up", both_are_up);
    for name in [
        "upguard_redis_memory_bytes",
        "upguard_redis_memory_limit_bytes",
        "upguard_redis_clients",
        "upguard_postgres_database_bytes",
        "upguard_postgres_results_bytes",
        "upguard_postgres_connections",
        "upguard_postgres_connections_limit",
        "upguard_postgres_pool_size",
        "upguard_postgres_wait_seconds_count",
    ] {
        eventually(name, || (value(&server, name).parse::<f64>().unwrap() > 0.0).then_some(()));
    }
    assert_eq!(value(&server, "upguard_redis_aof_ok"), "1");
    assert_eq!(value(&server, "upguard_postgres_refused_total"), "0");
    server.redis.stop().unwrap();
    eventually("Redis is away", || is(&server, "upguard_redis_up", "0"));
    assert_eq!(value(&server, "upguard_postgres_up"), "1");
    server.redis.start_again().unwrap();
    eventually("Redis is back", || is(&server, "upguard_redis_up", "1"));
    server.postgres.stop().unwrap();
    eventually("PostgreSQL is away", || is(&server, "upguard_postgres_up", "0"));
    // Away is known as well from a connection that ends in mid-question; the next one is refused.
    eventually("one is refused", || is(&server, "upguard_postgres_refused_total", "0").is_none().then_some(()));
    assert_eq!(value(&server, "upguard_redis_up"), "1");
}

#[test]
fn while_postgres_is_away_the_answer_is_503_and_soon() {
    let mut server = Server::start();
    let ann = server.sign_up("ann@example.org");
    let (access, me) = (ann.access.clone(), "/api/v1/auth/me");
    server.postgres.stop().unwrap();
    for _ in 0..3 {
        let asked = Instant::now();
        let answer = server.send("GET", me, Some(&access), None);
        answer.problem(503);
        assert!(answer.header("retry-after").is_some());
        assert!(asked.elapsed() < Duration::from_secs(4), "{:?}", asked.elapsed());
    }
    server.post("/api/v1/auth/login", &json!({"email": "ann@example.org", "password": PASSWORD})).problem(503);
    assert_ne!(server.admin("/readyz").expect(503)["conditions"]["postgres"], "ok");
    server.postgres.start_again().unwrap();
    // At once: a connection that died meanwhile is never handed out.
    for _ in 0..3 {
        server.send("GET", me, Some(&access), None).expect(200);
    }
}

#[test]
fn a_postgres_that_hangs_is_away_as_well() {
    let server = Server::start();
    let ann = server.sign_up("ann@example.org");
    let sessions = server
        .psql("select string_agg(pid::text, ' ') from pg_stat_activity where application_name = 'upguard-control'");
    let pids: Vec<i32> = sessions.split(' ').map(|pid| pid.parse().unwrap()).chain([server.postgres.pid()]).collect();
    let signal = |signal| {
        for pid in &pids {
            let _ = nix::sys::signal::kill(nix::unistd::Pid::from_raw(*pid), signal);
        }
    };
    signal(Signal::SIGSTOP);
    let asked = Instant::now();
    let answer = ann.get("/api/v1/auth/me");
    let waited = asked.elapsed();
    signal(Signal::SIGCONT);
    answer.problem(503);
    assert!(waited < Duration::from_secs(5), "{waited:?}");
    eventually("it answers again", || (ann.get("/api/v1/auth/me").status == 200).then_some(()));
}

#[test]
fn it_ends_when_asked_and_lets_requests_finish() {
    for signal in [Signal::SIGTERM, Signal::SIGINT] {
        let mut server = Server::start();
        server.sign_up("ann@example.org");
        // A request whose body is still on its way, and a connection that only waits.
        let address = server.url().strip_prefix("http://").unwrap().to_owned();
        let _idle = TcpStream::connect(&address).unwrap();
        let mut slow = TcpStream::connect(&address).unwrap();
        let body = json!({"email": "ann@example.org", "password": PASSWORD}).to_string();
        let length = body.len();
        write!(slow, "POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {length}\r\nExpect: 100-continue\r\n\r\n").unwrap();
        let mut answer = [0; 25];
        slow.read_exact(&mut answer).unwrap();
        assert!(answer.starts_with(b"HTTP/1.1 100 Continue"), "it reads our body");
        server.control.signal(signal).unwrap();
        eventually("it hears the signal", || server.log().contains("stopping").then_some(()));
        slow.write_all(body.as_bytes()).unwrap();
        let mut answer = String::new();
        slow.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
        let ended = server.control.wait(Duration::from_secs(10)).expect("it ends soon");
        assert!(ended.success(), "{ended}\n{}", server.log());
        assert_eq!(server.psql("select count(*) from pg_stat_activity where application_name like 'upguard%'"), "0");
    }
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let mut server = Server::start();
    let address = server.url().strip_prefix("http://").unwrap().to_owned();
    let mut slow = TcpStream::connect(&address).unwrap();
    write!(slow, "POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n").unwrap();
    slow.read_exact(&mut [0; 25]).unwrap();
    server.control.signal(Signal::SIGTERM).unwrap();
    eventually("it hears the signal", || server.log().contains("stopping").then_some(()));
    server.control.signal(Signal::SIGTERM).unwrap();
    let ended = server.control.wait(Duration::from_secs(3)).expect("it ends at once");
    assert_eq!(ended.code(), Some(1));
}
