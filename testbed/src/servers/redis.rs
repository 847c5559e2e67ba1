//! A private Redis: AOF with `everysec` and `noeviction`, as the product requires, and nothing else persisted.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use nix::sys::signal::Signal;

use super::{START_LIMIT, free_port, install, poll};
use crate::process::{Process, find_in_path};

/// A running `redis-server`; stopped on drop, its data stays in the folder.
#[derive(Debug)]
pub struct Redis {
    dir: PathBuf,
    extra: Vec<String>,
    port: u16,
    process: Process,
}

impl Redis {
    /// Starts a server on the data in `dir` (made if absent) and waits until it has loaded it. `extra` are further arguments
    /// such as `["--maxmemory", "64mb"]`; they win over ours.
    pub fn start(dir: &Path, extra: &[&str]) -> Result<Self> {
        fs::create_dir_all(dir).with_context(|| format!("cannot make {}", dir.display()))?;
        let dir = dir.canonicalize()?;
        require_version_7()?;
        let extra: Vec<String> = extra.iter().map(ToString::to_string).collect();
        for _ in 0..5 {
            let port = free_port()?;
            match launch(&dir, &extra, port) {
                Ok(process) => return Ok(Self { dir, extra, port, process }),
                Err(error) if error.to_string().contains("Address already in use") => {}
                Err(error) => return Err(error),
            }
        }
        bail!("redis-server found its port taken five times in a row")
    }

    /// `redis://127.0.0.1:PORT`
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// The port on 127.0.0.1; stays the same over restarts.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The server's process id; a new one after [`Redis::start_again`].
    pub fn pid(&self) -> i32 {
        self.process.pid()
    }

    /// The process itself, for signals and its log.
    pub fn process(&mut self) -> &mut Process {
        &mut self.process
    }

    /// SIGKILL: what is not yet in the AOF is lost.
    pub fn kill9(&mut self) {
        self.process.kill9();
    }

    /// Stops it properly: the AOF is complete afterwards.
    pub fn stop(&mut self) -> Result<()> {
        self.process.stop(Signal::SIGTERM, Duration::from_secs(10)).map(drop)
    }

    /// Starts it again on the same port and data, after [`Redis::kill9`] or [`Redis::stop`].
    pub fn start_again(&mut self) -> Result<()> {
        self.stop()?;
        self.process = launch(&self.dir, &self.extra, self.port)?;
        Ok(())
    }

    /// The AOF file that is being written (the newest incremental one); cut its end while the server is dead to act out a crash.
    pub fn aof_path(&self) -> Result<PathBuf> {
        let folder = self.dir.join("appendonlydir");
        let files = fs::read_dir(&folder).with_context(|| format!("no AOF folder {}", folder.display()))?;
        let incremental = files.filter_map(|file| Some(file.ok()?.path())).filter_map(|file| {
            let name = file.file_name()?.to_str()?.strip_suffix(".incr.aof")?;
            let number: u64 = name.rsplit('.').next()?.parse().ok()?;
            Some((number, file))
        });
        let newest = incremental.max().ok_or_else(|| anyhow!("no incremental AOF in {}", folder.display()))?;
        Ok(newest.1)
    }

    /// Runs one command through `redis-cli` and returns its reply as text, without the last line break. An error reply is an `Err`.
    pub fn cli(&self, args: &[&str]) -> Result<String> {
        cli(self.port, args)
    }
}

pub(super) fn cli(port: u16, args: &[&str]) -> Result<String> {
    let output = Command::new("redis-cli")
        .args(["-e", "-h", "127.0.0.1", "-p", &port.to_string()])
        .args(args)
        .output()
        .context("cannot run redis-cli: it comes with the package redis-tools")?;
    let reply = String::from_utf8_lossy(&output.stdout).trim_end().to_owned();
    if !output.status.success() {
        bail!("redis-cli {}: {reply}{}", args.join(" "), String::from_utf8_lossy(&output.stderr).trim_end());
    }
    Ok(reply)
}

/// Before 7.0 the AOF is one file and XAUTOCLAIM tells less.
fn require_version_7() -> Result<()> {
    let server = find_in_path("redis-server").ok_or_else(|| install::missing("redis-server"))?;
    let output = Command::new(server).arg("--version").output().context("cannot run redis-server --version")?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let version = text.split_whitespace().find_map(|word| word.strip_prefix("v=")).unwrap_or_default();
    let major: u32 = version.split('.').next().and_then(|major| major.parse().ok()).unwrap_or(0);
    if major < 7 {
        bail!("redis-server is version {version}, and 7.0 or newer is needed: put a newer one first in PATH");
    }
    Ok(())
}

fn launch(dir: &Path, extra: &[String], port: u16) -> Result<Process> {
    let server = find_in_path("redis-server").ok_or_else(|| install::missing("redis-server"))?;
    let mut command = Command::new(server);
    command.args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--daemonize", "no", "--logfile", ""]);
    command.arg("--dir").arg(dir).current_dir(dir);
    command.args(["--appendonly", "yes", "--appendfsync", "everysec", "--save", ""]);
    command.args(["--maxmemory-policy", "noeviction"]).args(extra);
    let mut process = Process::spawn("redis", command, &dir.join("redis.log"))?;
    let ready = poll(START_LIMIT, || {
        if let Some(status) = process.try_wait() {
            bail!("redis-server ended while starting ({status}):\n{}", process.log_tail(20));
        }
        Ok(answers_ping(port).unwrap_or(false))
    })?;
    if !ready {
        bail!("redis-server did not answer within {} s:\n{}", START_LIMIT.as_secs(), process.log_tail(20));
    }
    Ok(process)
}

/// While it loads its data the answer is `-LOADING`; who asks for a password is there as well.
pub(super) fn answers_ping(port: u16) -> std::io::Result<bool> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(1)))?;
    stream.write_all(b"PING\r\n")?;
    let mut reply = [0; 5];
    stream.read_exact(&mut reply)?;
    Ok([b"+PONG", b"-NOAU"].contains(&&reply))
}
