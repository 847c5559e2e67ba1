//! Redis on three servers with `min-replicas-to-write 1`, as docs/redis.md says to run it.

use std::{fs, mem, path::Path, process::Command, time::Duration};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use serde_json::json;
use testbed::servers::Redis;

use crate::deployment::{Deployment, Plan};

/// A third server for the system's two. The second is not to be the next master, so that it is known who is.
fn add_third(system: &Deployment, dir: &Path) -> Redis {
    let master = system.servers().redis().port().to_string();
    let third = Redis::start(&dir.join("third"), &["--replicaof", "127.0.0.1", &master]).unwrap();
    system.ask_spare(&["CONFIG", "SET", "replica-priority", "0"]);
    let asks = ["CONFIG", "SET", "min-replicas-to-write", "1"];
    system.redis(&asks);
    system.ask_spare(&asks);
    third.cli(&asks).unwrap();
    let known = |sentinel: &str| {
        let told = sentinel_says(sentinel, "replicas");
        told.matches("slave-priority").count() == 2 && told.contains("slave-priority\n0\n")
    };
    system.until("the Sentinels know both replicas, and which is never the master", || {
        sentinels(system).iter().all(|one| known(one))
    });
    third
}

/// `host:port` of each.
fn sentinels(system: &Deployment) -> Vec<String> {
    let (hosts, _) = system.address.strip_prefix("redis+sentinel://").unwrap().split_once('/').unwrap();
    hosts.split(',').map(str::to_owned).collect()
}

fn sentinel_says(sentinel: &str, what: &str) -> String {
    let (host, port) = sentinel.split_once(':').unwrap();
    let output = Command::new("redis-cli").args(["-h", host, "-p", port, "SENTINEL", what, "main"]).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

fn refused_writes(system: &Deployment) -> u64 {
    let stats = system.redis(&["INFO", "errorstats"]);
    let count = stats.lines().find_map(|line| line.trim().strip_prefix("errorstat_NOREPLICAS:count="));
    count.map_or(0, |count| count.parse().unwrap())
}

#[test]
fn a_master_is_followed_by_one_that_has_a_replica_and_without_any_nothing_is_written_or_lost() {
    let plan = Plan::default().controls(2).probes(&["eu-west/w1", "eu-west/w2", "us-east/w1"]).times("3s", "5s", "8s");
    let mut system = plan.watched().start();
    let site = system.site("up");
    system.monitors(40, &json!({"url": site.url()}));
    system.until("both regions check", || system.both_check(0, 20));
    let dir = tempfile::tempdir().unwrap();
    let mut third = add_third(&system, dir.path());

    // The master dies: the next one has a replica, and goes on.
    system.until("both replicas are in step", || {
        system.redis(&["INFO", "replication"]).matches("state=online").count() == 2
    });
    system.servers().redis().kill9();
    let took = system.until("the third is the master", || third.cli(&["ROLE"]).unwrap().starts_with("master"));
    mem::swap(&mut third, &mut *system.servers().redis());
    let died = system.now();
    let again = system.until("both regions check again", || system.both_check(died, 20));
    eprintln!(
        "another master after {took:?}, fresh results of both regions {again:?} later, {} writes refused",
        refused_writes(&system)
    );
    assert!(again < Duration::from_secs(20), "{again:?}");
    let before = refused_writes(&system);

    // Its replica hangs: what nobody would have a copy of is refused.
    let spare = system.ask_spare(&["INFO", "server"]);
    let pid = spare.lines().find_map(|line| line.trim().strip_prefix("process_id:")).unwrap().parse().unwrap();
    kill(Pid::from_raw(pid), Signal::SIGSTOP).unwrap();
    system.until("writes are refused", || refused_writes(&system) > before);
    let refused = system.now();
    system.until("a while has passed", || system.now() > refused + 6);
    let running = system.probes.values_mut().all(testbed::service::Service::is_running);
    assert!(running, "a probe gave up");
    for place in [0, 1] {
        assert!(system.controls[place].service.is_running(), "a replica gave up");
        eprintln!("{}", system.readyz(place));
    }
    kill(Pid::from_raw(pid), Signal::SIGCONT).unwrap();
    let back = system.now();
    system.until("both regions check again", || system.both_check(back, 20));
    let audit = system.audit();
    audit.expect_no("down");
    let logs = fs::read_dir(system.servers().dir.join("logs")).unwrap().flatten();
    let said: String = logs.map(|log| fs::read_to_string(log.path()).unwrap()).collect();
    let lines: Vec<_> = said.lines().filter(|line| line.contains("NOREPLICAS")).collect();
    eprintln!("{} lines say so", lines.len());
    assert!(lines.iter().any(|line| line.contains("WARN")), "nobody says why nothing is pushed: {lines:#?}");
}
