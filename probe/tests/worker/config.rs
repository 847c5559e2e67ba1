//! What people and containers see of the binary.

use std::process::Output;

use nix::sys::signal::Signal::SIGTERM;

use crate::fleet::{Fleet, bare_command};

fn run(command: &str, variables: &[(&str, &str)]) -> Output {
    bare_command().arg(command).envs(variables.iter().copied()).output().unwrap()
}

/// The one line a bad configuration ends with.
fn refused(variables: &[(&str, &str)]) -> String {
    let output = run("run", variables);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(64), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    said
}

#[test]
fn bad_configuration_exits_64_and_names_the_key() {
    let eu = ("REGION_ID", "eu-west");
    for (variables, key) in [
        (vec![], "REGION_ID"),
        (vec![("REGION_ID", "Europe!")], "REGION_ID"),
        (vec![("REGION_ID", "control")], "REGION_ID"),
        (vec![eu, ("UPGUARD_PROBE__CONCURRENCY", "lots")], "UPGUARD_PROBE__CONCURRENCY"),
        (vec![eu, ("UPGUARD_PROBE__RENEW", "9s")], "UPGUARD_PROBE__RENEW"),
        (vec![eu, ("UPGUARD_PROBE__CONCURENCY", "9")], "UPGUARD_PROBE__CONCURENCY"),
        (vec![eu, ("UPGUARD_PROBE__EGRESS__ALLOW", "home")], "UPGUARD_PROBE__EGRESS__ALLOW"),
        (vec![eu, ("UPGUARD_PROBE__EGRESS__CA", "/nowhere.pem")], "UPGUARD_PROBE__EGRESS__CA"),
        (vec![eu, ("UPGUARD_CONFIG", "/nowhere.toml")], "UPGUARD_CONFIG"),
        (vec![eu, ("REDIS_URL", "redis://me:hunter2@")], "REDIS_URL"),
    ] {
        let said = refused(&variables);
        assert!(said.contains(key) && !said.contains("hunter2"), "{key}: {said}");
    }
}

#[test]
fn witnesses_of_the_environment_are_a_list() {
    let said = refused(&[("REGION_ID", "eu-west"), ("UPGUARD_PROBE__WITNESSES", "[::1]:53,a.example:443,oops")]);
    assert!(said.contains("witnesses (UPGUARD_PROBE__WITNESSES): `oops` is no HOST:PORT: write"), "{said}");
    let said = refused(&[("REGION_ID", "eu-west"), ("UPGUARD_PROBE__WITNESSES", "[::1]:0")]);
    assert!(said.contains("`[::1]:0` is no HOST:PORT"), "{said}");
}

#[test]
fn a_file_is_read_and_the_environment_wins() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("probe.toml");
    std::fs::write(&file, "[probe]\nregion_id = \"eu-west\"\nlease = \"9s\"\nrenew = \"4s\"\n").unwrap();
    let file = file.to_str().unwrap();
    assert!(refused(&[("UPGUARD_CONFIG", file)]).contains("a third of lease (9s)"));
    assert!(refused(&[("UPGUARD_CONFIG", file), ("UPGUARD_PROBE__LEASE", "6s")]).contains("a third of lease (6s)"));
}

#[test]
fn health_is_an_exit_code() {
    let fleet = Fleet::build();
    let mut probe = fleet.probe("w1", &[]);
    let listen = probe.listen();
    let variables = [("REGION_ID", "eu-west"), ("UPGUARD_PROBE__METRICS_LISTEN", listen.as_str())];
    assert_eq!(run("health", &variables).status.code(), Some(0));
    assert_eq!(probe.get("/livez").unwrap(), (200, "alive\n".to_owned()));
    assert_eq!(probe.get("/readyz").unwrap(), (200, "ready\n".to_owned()));
    assert_eq!(probe.get("/").unwrap().0, 404);
    assert_eq!(probe.metric(&format!("upguard_probe_build_info{{version=\"{}\"}}", env!("CARGO_PKG_VERSION"))), 1.0);
    probe.signal(SIGTERM);
    assert_eq!(probe.exit_code(), 0, "idle and drained");
    assert_eq!(run("health", &variables).status.code(), Some(1));
}

#[test]
fn a_taken_port_is_said_by_its_key() {
    let fleet = Fleet::build();
    let probe = fleet.probe("w1", &[]);
    let mut second = fleet.probe_unready("w2", &[("METRICS_LISTEN", &probe.listen())]);
    assert_eq!(second.exit_code(), 1);
    assert!(second.log().contains("UPGUARD_PROBE__METRICS_LISTEN"), "{}", second.log());
}
