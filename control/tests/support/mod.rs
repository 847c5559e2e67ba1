//! A real control plane with servers of its own, for one test. Everything is gone when it is dropped.

#![allow(dead_code, unreachable_pub, missing_docs, reason = "each test uses a part of it")]

pub mod contract;
pub mod incidents;
pub mod mail;
pub mod receiver;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tempfile::TempDir;
use testbed::{
    process::Process,
    servers::{Postgres, Redis, Settings},
    service::bare,
    system::UNLIMITED_CHECKS,
};
use ureq::{
    Agent,
    http::{HeaderMap, Response},
};

/// 32 bytes and more.
pub const SECRET: &str = "a secret of the tests, longer than 32 bytes";
/// Accepted, and nobody's.
pub const PASSWORD: &str = "three unrelated words";
const DATABASE: &str = "upguard";
const PATIENCE: Duration = Duration::from_mins(1);
/// Bytes of an answer.
const LARGEST: u64 = 64 << 20;

/// A running replica, its PostgreSQL and its Redis.
pub struct Server {
    // Dropped in this order: the replica before what it stands on.
    pub control: Process,
    pub postgres: Postgres,
    pub redis: Redis,
    pub dir: TempDir,
    agent: Agent,
    http: String,
    admin: String,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub body: Value,
    pub headers: HeaderMap,
    log: PathBuf,
}

impl Server {
    /// With default settings, but for rate limits, which are off.
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// With further variables for the replica.
    pub fn start_with(variables: &[(&str, &str)]) -> Self {
        Self::start_on(variables, Redis::url)
    }

    /// Prepares Redis first; `prepare` says under which URL the replica may use it.
    pub fn start_as(prepare: impl FnOnce(&Redis) -> String) -> Self {
        Self::start_on(&[], prepare)
    }

    fn start_on(variables: &[(&str, &str)], prepare: impl FnOnce(&Redis) -> String) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let postgres = Postgres::start_with(&dir.path().join("postgres"), Settings::for_tests()).unwrap();
        postgres.create_database(DATABASE).unwrap();
        let redis = Redis::start(&dir.path().join("redis"), &[]).unwrap();
        let mut command = command(&postgres.url(DATABASE), &prepare(&redis));
        command.arg("serve").envs(variables.iter().copied());
        let mut control = Process::spawn("control", command, &dir.path().join("control.log")).unwrap();
        let line = ready_line(&mut control);
        let url = |key: &str| format!("http://{}", line[key].as_str().unwrap());
        Self { http: url("http"), admin: url("admin"), control, postgres, redis, dir, agent: agent() }
    }

    /// One of its commands, to be run beside it.
    pub fn command(&self) -> Command {
        command(&self.postgres.url(DATABASE), &self.redis.url())
    }

    /// Where the API is: `http://127.0.0.1:PORT`.
    pub fn url(&self) -> &str {
        &self.http
    }

    pub fn get(&self, path: &str) -> Answer {
        self.send("GET", path, None, None)
    }

    pub fn post(&self, path: &str, body: &Value) -> Answer {
        self.send("POST", path, None, Some(body))
    }

    /// `/livez`, `/readyz` or `/metrics`.
    pub fn admin(&self, path: &str) -> Answer {
        self.answer(self.agent.get(format!("{}{path}", self.admin)).call().unwrap())
    }

    /// Any request; `token` is an access token.
    pub fn send(&self, method: &str, path: &str, token: Option<&str>, body: Option<&Value>) -> Answer {
        let mut request = ureq::http::Request::builder().method(method).uri(format!("{}{path}", self.http));
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let sent = match body {
            Some(body) => {
                let request = request.header("content-type", "application/json").body(body.to_string());
                self.agent.run(request.unwrap())
            }
            None => self.agent.run(request.body(()).unwrap()),
        };
        let sent = sent.unwrap_or_else(|why| panic!("{method} {path}: {why}\n{}", self.control.log_tail(20)));
        let answer = self.answer(sent);
        answer.is_documented(method, path);
        answer
    }

    /// A request with headers of the test's own.
    pub fn raw(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut request = ureq::http::Request::builder().method(method).uri(format!("{}{path}", self.http));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = self.answer(self.agent.run(request.body(body.to_owned()).unwrap()).unwrap());
        answer.is_documented(method, path);
        answer
    }

    fn answer(&self, mut response: Response<ureq::Body>) -> Answer {
        let body = response.body_mut().with_config().limit(LARGEST).read_to_vec().unwrap();
        let text = String::from_utf8_lossy(&body).into_owned();
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        let log = self.control.log().to_owned();
        Answer { status: response.status().as_u16(), headers: response.headers().clone(), body, log }
    }

    /// A new account; its first tokens.
    pub fn sign_up(&self, email: &str) -> User<'_> {
        let answer = self.post("/api/v1/auth/register", &json!({"email": email, "password": PASSWORD})).expect(201);
        let text = |key: &str| answer[key].as_str().unwrap().to_owned();
        User { server: self, access: text("access_token"), refresh: text("refresh_token") }
    }

    pub fn psql(&self, sql: &str) -> String {
        self.postgres.psql(DATABASE, sql).unwrap()
    }

    /// Its log so far.
    pub fn log(&self) -> String {
        fs::read_to_string(self.control.log()).unwrap()
    }
}

/// Somebody who is signed in.
pub struct User<'s> {
    server: &'s Server,
    pub access: String,
    pub refresh: String,
}

impl User<'_> {
    pub fn get(&self, path: &str) -> Answer {
        self.server.send("GET", path, Some(&self.access), None)
    }

    pub fn post(&self, path: &str, body: &Value) -> Answer {
        self.server.send("POST", path, Some(&self.access), Some(body))
    }

    pub fn patch(&self, path: &str, body: &Value) -> Answer {
        self.server.send("PATCH", path, Some(&self.access), Some(body))
    }

    pub fn delete(&self, path: &str) -> Answer {
        self.server.send("DELETE", path, Some(&self.access), None)
    }
}

impl Answer {
    /// Panics unless the API's document says so.
    #[track_caller]
    fn is_documented(&self, method: &str, path: &str) {
        let kind = self.headers.get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        contract::check(method, path, self.status, kind, &self.body);
    }

    /// The body of an answer with this status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}\n{}", self.body, self.complaints());
        self.body
    }

    /// Checks that it is a problem with this status; returns the pointers of its errors.
    #[track_caller]
    pub fn problem(&self, status: u16) -> Vec<&str> {
        assert_eq!(self.status, status, "{}\n{}", self.body, self.complaints());
        assert_eq!(self.headers["content-type"], "application/problem+json");
        assert_eq!(self.body["status"], status);
        assert!(self.body["detail"].is_string(), "{}", self.body);
        let errors = self.body["errors"].as_array().into_iter().flatten();
        errors.map(|error| error["pointer"].as_str().unwrap()).collect()
    }

    /// What the replica logged as warnings and errors.
    fn complaints(&self) -> String {
        let log = fs::read_to_string(&self.log).unwrap_or_default();
        log.lines().filter(|line| line.contains("WARN") || line.contains("ERROR")).collect::<Vec<_>>().join("\n")
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

/// Looks until `found` finds something; fails with `what` after a minute.
#[track_caller]
pub fn eventually<T>(what: &str, mut found: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = found() {
            return found;
        }
        assert!(Instant::now() < deadline, "not within {} s: {what}", PATIENCE.as_secs());
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// The program with the settings every test needs and nothing else of our environment.
pub fn command(postgres: &str, redis: &str) -> Command {
    let mut command = bare(Path::new(env!("CARGO_BIN_EXE_upguard-control")));
    command.env("UPGUARD_POSTGRES__URL", postgres).env("UPGUARD_REDIS__URL", redis);
    command.env("UPGUARD_HTTP__LISTEN", "127.0.0.1:0").env("UPGUARD_ADMIN__LISTEN", "127.0.0.1:0");
    command.env("UPGUARD_AUTH__SECRET", SECRET).env("UPGUARD_SECRETS__KEY", SECRET);
    command.env("UPGUARD_LOG__FILTER", "info,control=debug");
    command.envs(UNLIMITED_CHECKS);
    command.env("UPGUARD_AUTH__RATE__ACCOUNT", "0").env("UPGUARD_AUTH__RATE__ADDRESS", "0");
    command
}

/// The line a replica prints once it serves.
pub fn ready_line(control: &mut Process) -> Value {
    eventually("the replica serves", || {
        assert!(control.is_running(), "it ended:\n{}", control.log_tail(30));
        let log = fs::read_to_string(control.log()).unwrap_or_default();
        log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()).find(|line| line["admin"].is_string())
    })
}

/// Reports every answer, good or bad; an answer that takes longer than a hang is none.
pub fn agent() -> Agent {
    let config =
        Agent::config_builder().http_status_as_error(false).proxy(None).timeout_global(Some(Duration::from_secs(15)));
    config.allow_non_standard_methods(true).build().into()
}
