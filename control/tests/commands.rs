//! The command line: what it refuses, and what its commands leave in the database.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test says where it fails")]

mod support;

use std::{
    io::Write,
    process::{Command, Output, Stdio},
    time::Duration,
};

use serde_json::{Value, json};
use support::{PASSWORD, Server, command, eventually, ready_line};
use testbed::{
    process::Process,
    servers::{Redis, free_port},
};

fn run(mut command: Command, input: &str) -> Output {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

fn succeeds(command: Command, input: &str) -> String {
    let output = run(command, input);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn bad_settings_exit_with_64_and_one_line_that_names_the_key() {
    for (name, value, key) in [
        ("UPGUARD_AUTH__SECRET", "too short", "auth.secret"),
        ("UPGUARD_STREAM__KEY", "a{b}c", "stream.key"),
        ("UPGUARD_TIMES__TRIM", "30s", "times.trim"),
        ("UPGUARD_POSTGRES__URL", "nonsense", "postgres.url"),
        ("UPGUARD_HTTP__LISTEN", "everywhere", "http.listen"),
        ("UPGUARD_AUTH__SECERT", "x", "UPGUARD_AUTH__SECERT"),
        ("UPGUARD_CONFIG", "/nowhere/at/all.toml", "UPGUARD_CONFIG"),
    ] {
        let mut command = command("postgres://postgres@127.0.0.1:1/x", "redis://127.0.0.1:1");
        command.arg("serve").env(name, value);
        let output = run(command, "");
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(64), "{said}");
        assert!(said.starts_with(&format!("configuration: {key}: ")) && said.lines().count() == 1, "{said}");
    }
    let mut unknown = command("postgres://postgres@127.0.0.1:1/x", "redis://127.0.0.1:1");
    unknown.arg("srve");
    assert_eq!(run(unknown, "").status.code(), Some(64));
}

#[test]
fn seed_makes_what_is_missing_and_nothing_twice() {
    let server = Server::start();
    let file = server.dir.path().join("monitors.json");
    let monitors = json!([
        {"name": "Home page", "url": "https://example.org/"},
        {"name": "Shop", "url": "https://shop.example.org/", "interval": 30},
    ]);
    std::fs::write(&file, monitors.to_string()).unwrap();
    let seed = || {
        let mut seed = server.command();
        seed.arg("seed").env("UPGUARD_SEED__EMAIL", "demo@example.org").env("UPGUARD_SEED__PASSWORD", PASSWORD);
        seed.env("UPGUARD_SEED__MONITORS", &file);
        seed
    };
    server.psql("insert into regions (id, from_slot) values ('eu-west', 0)");
    assert!(succeeds(seed(), "").contains("2 were made"));
    let jobs = server.redis.cli(&["XRANGE", "{betteruptime:website}:eu-west", "-", "+"]).unwrap();
    assert_eq!(jobs.lines().filter(|line| *line == "255").count(), 2, "each is checked at once: {jobs}");
    let told = server.redis.cli(&["XRANGE", "{betteruptime:website}:_live", "-", "+"]).unwrap();
    assert_eq!(
        told.lines().filter(|line| line.starts_with("monitor.changed:")).count(),
        2,
        "dashboards are told: {told}"
    );
    assert!(succeeds(seed(), "").contains("2 monitors were there, 0 were made"));
    let signed_in =
        server.post("/api/v1/auth/login", &json!({"email": "demo@example.org", "password": PASSWORD})).expect(200);
    let token = signed_in["access_token"].as_str();
    let seen = server.send("GET", "/api/v1/monitors", token, None).expect(200);
    assert_eq!(seen["items"].as_array().map(Vec::len), Some(2));
    assert_eq!(server.psql("select count(*) from organisations"), "1");
    assert_eq!(server.psql("select count(*) from cadences"), "2");

    std::fs::write(&file, json!([{"name": "Bad", "url": "gopher://x", "interval": 7}]).to_string()).unwrap();
    let refused = run(seed(), "");
    let said = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(refused.status.code(), Some(1));
    assert!(said.contains("/0/url") && said.contains("/0/interval"), "{said}");
}

#[test]
fn an_operator_makes_accounts_and_resets_passwords() {
    let server = Server::start();
    let admin = |arguments: &[&str]| {
        let mut command = server.command();
        command.arg("admin").args(arguments).arg("--password-stdin");
        command
    };
    let line = format!("{PASSWORD}\n");
    succeeds(admin(&["create-user", "--email", "ann@example.org"]), &line);
    succeeds(
        admin(&["create-user", "--email", "bob@example.org", "--organisation", "Acme", "--role", "editor"]),
        &line,
    );
    succeeds(
        admin(&["create-user", "--email", "cid@example.org", "--organisation", "Acme", "--role", "viewer"]),
        &line,
    );
    let taken = run(admin(&["create-user", "--email", "ann@example.org"]), &line);
    assert!(String::from_utf8(taken.stderr).unwrap().contains("has an account already"));
    assert_eq!(server.psql("select count(*) from organisations"), "2");

    let login =
        |email: &str, password: &str| server.post("/api/v1/auth/login", &json!({"email": email, "password": password}));
    let bob = login("bob@example.org", PASSWORD).expect(200);
    let bob = bob["access_token"].as_str();
    let me = server.send("GET", "/api/v1/auth/me", bob, None).expect(200);
    assert_eq!((&me["role"], &me["organisations"][0]["name"]), (&json!("editor"), &json!("Acme")));
    let monitor = json!({"name": "x", "url": "https://example.org/"});
    server.send("POST", "/api/v1/monitors", bob, Some(&monitor)).expect(201);
    let cid = login("cid@example.org", PASSWORD).expect(200);
    server.send("POST", "/api/v1/monitors", cid["access_token"].as_str(), Some(&monitor)).problem(403);
    let seen = server.send("GET", "/api/v1/monitors", cid["access_token"].as_str(), None).expect(200);
    assert_eq!(seen["items"].as_array().map(Vec::len), Some(1));

    succeeds(admin(&["reset-password", "--email", "Bob@example.org"]), "four quite unrelated words\n");
    server.send("GET", "/api/v1/auth/me", bob, None).problem(401);
    login("bob@example.org", PASSWORD).problem(401);
    login("bob@example.org", "four quite unrelated words").expect(200);
    let nobody = run(admin(&["reset-password", "--email", "nobody@example.org"]), &line);
    assert_eq!(nobody.status.code(), Some(1));
}

#[test]
fn a_start_waits_for_redis_and_says_so() {
    let server = Server::start();
    let (redis_dir, log) = (server.dir.path().join("redis-late"), server.dir.path().join("late.log"));
    let mut late = Redis::start(&redis_dir, &[]).unwrap();
    late.stop().unwrap();
    let admin = format!("127.0.0.1:{}", free_port().unwrap());
    let mut serve = command(&server.postgres.url("upguard"), &late.url());
    serve.arg("serve").env("UPGUARD_ADMIN__LISTEN", &admin);
    let mut control = Process::spawn("late", serve, &log).unwrap();
    let health = || {
        let mut health = command(&server.postgres.url("upguard"), &late.url());
        health.arg("health").env("UPGUARD_ADMIN__LISTEN", &admin);
        run(health, "")
    };
    let waits = eventually("it says that it waits for Redis", || {
        let said: Value = serde_json::from_slice(&health().stdout).ok()?;
        said["conditions"]["start"].as_str().filter(|state| state.contains("Redis")).map(str::to_owned)
    });
    assert!(waits.contains("waiting"), "{waits}");
    assert_eq!(health().status.code(), Some(1));
    late.start_again().unwrap();
    ready_line(&mut control);
    let mut health = command(&server.postgres.url("upguard"), &late.url());
    health.arg("health").env("UPGUARD_ADMIN__LISTEN", &admin);
    let ready = eventually("it is ready", || {
        let mut again = Command::new(health.get_program());
        again.args(health.get_args()).envs(health.get_envs().filter_map(|(name, value)| Some((name, value?))));
        run(again, "").status.success().then_some(true)
    });
    assert!(ready);
    let ended = control.stop(nix::sys::signal::Signal::SIGTERM, Duration::from_secs(20)).unwrap();
    assert!(ended.success(), "{ended}");
}

#[test]
fn replicas_that_start_together_migrate_once() {
    let server = Server::start();
    server.postgres.create_database("fresh").unwrap();
    let fresh = server.postgres.url("fresh");
    let mut running: Vec<Process> = (0..3)
        .map(|number| {
            let mut migrate = command(&fresh, &server.redis.url());
            migrate.arg("migrate").env("UPGUARD_STREAM__LANES", "2");
            Process::spawn("migrate", migrate, &server.dir.path().join(format!("migrate-{number}.log"))).unwrap()
        })
        .collect();
    for process in &mut running {
        let ended = process.wait(Duration::from_mins(1)).unwrap();
        assert!(ended.success(), "{}", process.log_tail(20));
    }
    let lanes = server.postgres.psql("fresh", "select count(*), bool_and(frontier = closed) from lanes").unwrap();
    assert_eq!(lanes, "2|t");
}
