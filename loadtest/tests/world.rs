//! `loadtest world`, as `cargo xtask up` starts it.

#![allow(clippy::unwrap_used, reason = "helpers of tests; a panic is the report")]

use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
};

#[test]
fn the_command_says_when_it_is_ready_and_ends_on_sigterm() {
    let folder = tempfile::tempdir().unwrap();
    let ca = folder.path().join("ca.pem");
    let mut command = Command::new(env!("CARGO_BIN_EXE_loadtest"));
    let mut child = command.arg("world").arg("--ca-out").arg(&ca).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let ready: serde_json::Value = serde_json::from_str(&line).unwrap();
    assert!(ready["http"].as_str().unwrap().starts_with("http://127.0.0.1:"));
    assert!(ready["https"].as_str().unwrap().starts_with("https://localhost:"));
    assert_eq!(ready["ca"], ca.to_str().unwrap());
    assert!(std::fs::read_to_string(&ca).unwrap().starts_with("-----BEGIN CERTIFICATE-----"));
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(child.id() as i32), nix::sys::signal::Signal::SIGTERM).unwrap();
    assert!(child.wait().unwrap().success());
}
