//! The servers and processes for real: they start, answer, survive a kill, and are gone afterwards, even when we are killed.

#![allow(clippy::unwrap_used, reason = "helpers of tests; a panic is the report")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use nix::unistd::Pid;
use testbed::process::Process;
use testbed::servers::{Postgres, Redis, Settings, free_port};

/// A folder of this test's own, gone with it.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
        fs::create_dir_all(&dir).unwrap();
        Self(dir)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn is_alive(pid: i32) -> bool {
    // A zombie still takes signals; it is dead all the same.
    let zombie = fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| stat.contains(") Z "));
    nix::sys::signal::kill(Pid::from_raw(pid), None).is_ok() && !zombie
}

fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !holds() {
        assert!(Instant::now() < deadline, "not within 20 s: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn shell(script: &str, log: &Path) -> Process {
    let mut command = Command::new("sh");
    command.args(["-c", script]);
    Process::spawn("shell", command, log).unwrap()
}

#[test]
fn postgres_answers_and_keeps_its_data_over_a_kill() {
    let folder = Folder::new("postgres");
    let mut postgres = Postgres::start_with(&folder.0.join("db"), Settings::for_tests()).unwrap();
    postgres.create_database("sites").unwrap();
    postgres.create_database("sites").unwrap();
    postgres.psql("sites", "create table t (a int, b text); insert into t values (1, 'x'), (2, 'y')").unwrap();
    let port = postgres.port();
    postgres.kill9();
    assert!(postgres.psql("sites", "select 1").is_err());
    postgres.start_again().unwrap();
    assert_eq!(postgres.port(), port);
    assert_eq!(postgres.psql("sites", "select * from t order by a").unwrap(), "1|x\n2|y");
    assert!(postgres.psql("sites", "select nonsense").unwrap_err().to_string().contains("nonsense"));
    let pid = postgres.pid();
    drop(postgres);
    assert!(!is_alive(pid));
}

#[test]
fn postgres_is_durable_by_default_and_continues_in_its_folder() {
    let folder = Folder::new("durable");
    let start = || Postgres::start(&folder.0.join("db")).unwrap();
    let postgres = start();
    assert_eq!(postgres.psql("postgres", "show fsync").unwrap(), "on");
    assert_eq!(postgres.psql("postgres", "show synchronous_commit").unwrap(), "on");
    postgres.create_database("kept").unwrap();
    drop(postgres);
    assert_eq!(start().psql("kept", "select current_database()").unwrap(), "kept");
}

/// Root's servers run as another user, who cannot get below such a folder.
#[test]
fn postgres_moves_where_its_user_cannot_follow() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new("closed");
    fs::set_permissions(&folder.0, fs::Permissions::from_mode(0o700)).unwrap();
    let postgres = Postgres::start_with(&folder.0.join("db"), Settings::for_tests()).unwrap();
    let data = PathBuf::from(postgres.psql("postgres", "show data_directory").unwrap());
    assert_eq!(data.starts_with(&folder.0), !nix::unistd::geteuid().is_root());
    drop(postgres);
    assert!(!data.exists());
}

#[test]
fn parallel_starts_do_not_meet() {
    let folder = Folder::new("parallel");
    let ports = std::thread::scope(|scope| {
        let start = |n: i32| {
            let dir = folder.0.join(n.to_string());
            scope.spawn(move || Postgres::start_with(&dir, Settings::for_tests()).unwrap())
        };
        let threads: Vec<_> = (0..4).map(start).collect();
        let servers: Vec<Postgres> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
        servers.iter().map(Postgres::port).collect::<std::collections::HashSet<_>>()
    });
    assert_eq!(ports.len(), 4);
}

#[test]
fn redis_answers_and_loads_its_aof_after_a_kill() {
    let folder = Folder::new("redis");
    let mut redis = Redis::start(&folder.0, &["--maxmemory", "64mb"]).unwrap();
    assert_eq!(redis.cli(&["set", "a", "1"]).unwrap(), "OK");
    assert_eq!(redis.cli(&["config", "get", "maxmemory"]).unwrap(), "maxmemory\n67108864");
    assert!(redis.cli(&["incr", "a", "b"]).unwrap_err().to_string().contains("wrong number"));
    let aof = redis.aof_path().unwrap();
    wait_until("the AOF is written", || {
        fs::read_to_string(&aof).is_ok_and(|text| text.contains("SET") || text.contains("set"))
    });
    let url = redis.url();
    redis.kill9();
    redis.start_again().unwrap();
    assert_eq!((redis.url(), redis.cli(&["get", "a"]).unwrap()), (url, "1".to_owned()));
}

#[test]
fn stop_kills_what_does_not_listen_and_what_it_left_behind() {
    let folder = Folder::new("stop");
    let log = folder.0.join("log");
    let mut process = shell("trap '' TERM; sleep 600 & echo $!; while true; do sleep 1; done", &log);
    wait_until("the grandchild is named", || process.log_tail(1).parse::<i32>().is_ok());
    let grandchild: i32 = process.log_tail(1).parse().unwrap();
    let status = process.stop(Signal::SIGTERM, Duration::from_millis(100)).unwrap();
    assert!(!status.success() && !process.is_running());
    wait_until("the grandchild is gone", || !is_alive(grandchild));
}

#[test]
fn an_end_is_seen_with_its_status_and_log() {
    let folder = Folder::new("end");
    let mut process = shell("echo one; echo two >&2; echo three; exit 3", &folder.0.join("deep/log"));
    assert_eq!(process.wait(Duration::from_secs(20)).unwrap().code(), Some(3));
    assert_eq!(process.log_tail(2), "two\nthree");
    assert!(process.signal(Signal::SIGTERM).is_err());
    assert_eq!(process.stop(Signal::SIGTERM, Duration::ZERO).unwrap().code(), Some(3));
}

/// Not a test of its own: the victim of the next one, which runs this program again with `XTASK_VICTIM` naming a folder.
#[test]
fn victim() {
    #[expect(clippy::disallowed_methods, reason = "how the test below talks to its own second process")]
    let Ok(dir) = std::env::var("XTASK_VICTIM") else { return };
    let dir = Path::new(&dir);
    // Started by a thread that ends at once: that alone must kill nothing.
    let start = || (Postgres::start(&dir.join("pg")).unwrap(), Redis::start(&dir.join("redis"), &[]).unwrap());
    let (postgres, redis) = std::thread::scope(|scope| scope.spawn(start).join().unwrap());
    fs::write(dir.join("pids.new"), format!("{} {}", postgres.pid(), redis.pid())).unwrap();
    fs::rename(dir.join("pids.new"), dir.join("pids")).unwrap();
    std::thread::sleep(Duration::from_mins(1));
    drop((postgres, redis));
}

#[test]
#[cfg(target_os = "linux")]
fn nothing_survives_our_own_kill() {
    let folder = Folder::new("killed");
    let mut victim = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "victim"])
        .env("XTASK_VICTIM", &folder.0)
        .spawn()
        .unwrap();
    let pids = folder.0.join("pids");
    wait_until("the servers run", || pids.exists());
    let pids: Vec<i32> = fs::read_to_string(pids).unwrap().split(' ').map(|pid| pid.parse().unwrap()).collect();
    std::thread::sleep(Duration::from_millis(300));
    assert!(
        pids.iter().all(|pid| is_alive(*pid)),
        "the servers live as long as their process, not as long as a thread"
    );
    victim.kill().unwrap();
    victim.wait().unwrap();
    wait_until("PostgreSQL and Redis are gone", || !pids.iter().any(|pid| is_alive(*pid)));
}

#[test]
fn free_ports_are_free_and_below_the_ephemeral_range() {
    let port = free_port().unwrap();
    assert!((20_000..32_768).contains(&port));
    std::net::TcpListener::bind(("127.0.0.1", port)).unwrap();
}
