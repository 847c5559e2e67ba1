//! A private Sentinel: one of several that watch a master and agree on another when it is gone.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::redis::{answers_ping, cli};
use super::{START_LIMIT, free_port, install, poll};
use crate::process::{Process, find_in_path};

/// A master silent for so long counts as gone.
const DOWN_AFTER_MS: u32 = 1_500;

/// A running Sentinel; stopped on drop.
#[derive(Debug)]
pub struct Sentinel {
    port: u16,
    _process: Process,
}

impl Sentinel {
    /// Starts one in `dir` (made if absent) that watches the server on `master_port` by `name`; so many must agree that it
    /// is gone. `extra` are further lines of its configuration, such as `requirepass secret`.
    pub fn start(dir: &Path, name: &str, master_port: u16, quorum: usize, extra: &[&str]) -> Result<Self> {
        fs::create_dir_all(dir).with_context(|| format!("cannot make {}", dir.display()))?;
        let (dir, port) = (dir.canonicalize()?, free_port()?);
        // It writes what it finds out into its configuration, so it needs one of its own.
        let file = dir.join("sentinel.conf");
        let lines = [
            format!("port {port}\nbind 127.0.0.1\ndir {}", dir.display()),
            format!("sentinel monitor {name} 127.0.0.1 {master_port} {quorum}"),
            format!("sentinel down-after-milliseconds {name} {DOWN_AFTER_MS}\nsentinel failover-timeout {name} 10000"),
            extra.join("\n"),
        ];
        fs::write(&file, lines.join("\n") + "\n")?;
        let server = find_in_path("redis-server").ok_or_else(|| install::missing("redis-server"))?;
        let mut command = Command::new(server);
        command.arg(&file).args(["--sentinel", "--logfile", ""]).current_dir(&dir);
        let mut process = Process::spawn("sentinel", command, &dir.join("sentinel.log"))?;
        let ready = poll(START_LIMIT, || {
            if let Some(status) = process.try_wait() {
                bail!("the Sentinel ended while starting ({status}):\n{}", process.log_tail(20));
            }
            Ok(answers_ping(port).unwrap_or(false))
        })?;
        if !ready {
            bail!("the Sentinel did not answer within {} s:\n{}", START_LIMIT.as_secs(), process.log_tail(20));
        }
        Ok(Self { port, _process: process })
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Runs one command through `redis-cli`.
    pub fn cli(&self, args: &[&str]) -> Result<String> {
        cli(self.port, args)
    }
}
