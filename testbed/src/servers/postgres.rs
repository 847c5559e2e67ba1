//! A private PostgreSQL: one superuser `postgres` without password, reachable on loopback only.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use nix::sys::signal::Signal;

use super::binaries::Binaries;
use super::data_folder::{ServerUser, initialise, place, remove};
use super::{START_LIMIT, free_port, install, poll};
use crate::process::{Launch, Process};

/// How PostgreSQL is run.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Whether a commit reaches the disk. Off is faster and still survives `kill -9` of the server, not a power cut.
    pub fsync: bool,
    /// Whether the data stays when the server is dropped.
    pub keep: bool,
    /// Further parameters, `("name", "value")`; they win over ours.
    pub parameters: Vec<(String, String)>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { fsync: true, keep: true, parameters: Vec::new() }
    }
}

impl Settings {
    /// Fast and gone afterwards.
    pub fn for_tests() -> Self {
        Self { fsync: false, keep: false, parameters: Vec::new() }
    }
}

/// A running server; stopped on drop.
#[derive(Debug)]
pub struct Postgres {
    home: PathBuf,
    settings: Settings,
    binaries: Binaries,
    user: Option<ServerUser>,
    port: u16,
    process: Process,
}

impl Postgres {
    /// Starts a durable server on the data in `dir`, made if absent, and waits until it answers. As root the folder is given to
    /// the user `postgres`; where that user cannot reach it, the data lives below the system's temporary folder instead.
    pub fn start(dir: &Path) -> Result<Self> {
        Self::start_with(dir, Settings::default())
    }

    /// [`Postgres::start`] with settings, such as [`Settings::for_tests`].
    pub fn start_with(dir: &Path, settings: Settings) -> Result<Self> {
        let binaries = Binaries::find()?.ok_or_else(|| install::missing("postgresql"))?;
        let user = ServerUser::needed()?;
        let home = place(dir, user.as_ref())?;
        initialise(&home, &binaries, user.as_ref())?;
        for _ in 0..5 {
            let port = free_port()?;
            match launch(&home, &settings, &binaries, user.as_ref(), port) {
                Ok(process) => return Ok(Self { home, settings, binaries, user, port, process }),
                Err(error) if error.to_string().contains("Address already in use") => {}
                Err(error) => return Err(error),
            }
        }
        bail!("PostgreSQL found its port taken five times in a row")
    }

    /// Forgets the data of an earlier server that was started on `dir`. It must not run any more.
    pub fn remove_data(dir: &Path) -> Result<()> {
        remove(dir)
    }

    /// `postgres://postgres@127.0.0.1:PORT/DATABASE`
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    /// The port on 127.0.0.1; stays the same over restarts.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The postmaster's process id; a new one after [`Postgres::start_again`].
    pub fn pid(&self) -> i32 {
        self.process.pid()
    }

    /// The postmaster itself, for signals and its log.
    pub fn process(&mut self) -> &mut Process {
        &mut self.process
    }

    /// Creates a database unless it exists. `name` is used as it is: lower-case letters, digits and `_`.
    pub fn create_database(&self, name: &str) -> Result<()> {
        let exists = self.psql("postgres", &format!("select 1 from pg_database where datname = '{name}'"))?;
        if exists.is_empty() {
            self.psql("postgres", &format!("create database {name}"))?;
        }
        Ok(())
    }

    /// Runs SQL through psql. Rows come back as lines, columns separated by `|`, without the last line break.
    pub fn psql(&self, database: &str, sql: &str) -> Result<String> {
        let output = Command::new(self.binaries.program("psql"))
            .args(["-XAtq", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-U", "postgres"])
            .args(["-p", &self.port.to_string(), "-d", database, "-c", sql])
            .output()
            .context("cannot run psql")?;
        if !output.status.success() {
            bail!("psql: {}", String::from_utf8_lossy(&output.stderr).trim_end());
        }
        Ok(String::from_utf8_lossy(&output.stdout).trim_end_matches('\n').to_owned())
    }

    /// Stops it at once and in order (SIGINT, "fast"): sessions are ended, everything committed is on disk.
    pub fn stop(&mut self) -> Result<()> {
        self.process.stop(Signal::SIGINT, Duration::from_secs(20)).map(drop)
    }

    /// SIGKILL to the postmaster; its sessions notice and end.
    pub fn kill9(&mut self) {
        self.process.kill9();
    }

    /// Starts it again on the same port and data, after [`Postgres::stop`] or [`Postgres::kill9`].
    pub fn start_again(&mut self) -> Result<()> {
        self.stop()?;
        self.process = launch(&self.home, &self.settings, &self.binaries, self.user.as_ref(), self.port)?;
        Ok(())
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if self.settings.keep {
            let _ = self.stop();
        } else {
            // QUIT ends everything at once; unlike KILL it leaves no orphaned sessions that go on writing.
            let _ = self.process.stop(Signal::SIGQUIT, Duration::from_secs(10));
            let _ = fs::remove_dir_all(&self.home);
        }
    }
}

/// Starts it and waits. Right after a kill the old server's sessions may still hold its memory or its port: that is waited for.
fn launch(
    home: &Path,
    settings: &Settings,
    binaries: &Binaries,
    user: Option<&ServerUser>,
    port: u16,
) -> Result<Process> {
    let deadline = Instant::now() + Duration::from_secs(15);
    loop {
        let mut process = launch_once(home, settings, binaries, user, port)?;
        let pg_isready = binaries.program("pg_isready");
        let ready = poll(START_LIMIT, || Ok(!process.is_running() || answers(&pg_isready, port)))?;
        if ready && process.is_running() {
            return Ok(process);
        }
        let tail = process.log_tail(20);
        let transient =
            ["postmaster.pid\" already exists", "shared memory block"].iter().any(|words| tail.contains(words));
        if !transient || Instant::now() > deadline {
            bail!("PostgreSQL did not start, see {}:\n{tail}", process.log().display());
        }
        std::thread::sleep(Duration::from_millis(200));
    }
}

fn answers(pg_isready: &Path, port: u16) -> bool {
    let output =
        Command::new(pg_isready).args(["-q", "-U", "postgres", "-h", "127.0.0.1", "-p", &port.to_string()]).output();
    output.is_ok_and(|output| output.status.success())
}

fn launch_once(
    home: &Path,
    settings: &Settings,
    binaries: &Binaries,
    user: Option<&ServerUser>,
    port: u16,
) -> Result<Process> {
    let mut command = Command::new(binaries.program("postgres"));
    command.arg("-D").arg(home.join("data")).current_dir(home);
    for (name, value) in parameters(home, settings, port) {
        command.arg("-c").arg(format!("{name}={value}"));
    }
    // QUIT: the postmaster takes its sessions with it, at once. KILL would leave them to notice by themselves.
    let launch = Launch { user: user.map(|user| user.name.clone()), on_our_death: Signal::SIGQUIT };
    let log = home.join("postgres.log");
    let _ = fs::rename(&log, home.join("postgres.log.1"));
    Process::spawn_with("postgres", command, &log, &launch)
}

fn parameters(home: &Path, settings: &Settings, port: u16) -> Vec<(String, String)> {
    let on_off = |on: bool| if on { "on" } else { "off" };
    let port = port.to_string();
    let socket_dir = home.to_string_lossy();
    // The kernel's limit for the path of a socket is 107 bytes.
    let socket_dir = if socket_dir.len() < 85 { &socket_dir } else { "" };
    let ours = [
        ("listen_addresses", "127.0.0.1"),
        ("port", &port),
        ("unix_socket_directories", socket_dir),
        ("fsync", on_off(settings.fsync)),
        ("full_page_writes", on_off(settings.fsync)),
        ("synchronous_commit", "on"),
        ("max_connections", "200"),
        ("timezone", "UTC"),
        ("log_line_prefix", "%m [%p] %a "),
    ];
    let ours = ours.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    ours.chain(settings.parameters.iter().cloned()).collect()
}
