//! A program of ours that is started, watched and started again, without what the shell may hold for a system of the user's
//! own. It knows no setting by name but those it keeps away.

use std::{
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use nix::sys::signal::Signal;

use crate::{logs, process::Process};

/// How long a process may take until it is there.
const START_LIMIT: Duration = Duration::from_mins(1);

/// A process that is started, and started again.
pub struct Service {
    /// For people, and for the log's file name.
    pub name: String,
    program: PathBuf,
    args: Vec<String>,
    env: Vec<(String, String)>,
    log: PathBuf,
    process: Option<Process>,
}

impl Service {
    /// `program` with its log in `dir`, not yet started.
    pub fn new(name: &str, program: PathBuf, dir: &Path) -> Self {
        let log = dir.join("logs").join(format!("{name}.log"));
        Self { name: name.to_owned(), program, args: Vec::new(), env: Vec::new(), log, process: None }
    }

    /// Where its output goes.
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// Another program instead.
    #[must_use]
    pub fn program(mut self, program: &Path) -> Self {
        program.clone_into(&mut self.program);
        self
    }

    /// With one more argument.
    #[must_use]
    pub fn arg(mut self, arg: &str) -> Self {
        self.args.push(arg.to_owned());
        self
    }

    /// With one more variable.
    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    /// How it is started: with its own variables, and none that configure a system of the user's own.
    pub fn command(&self) -> Command {
        let mut command = bare(&self.program);
        command.args(&self.args).envs(self.env.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Starts it; ends what still runs of it.
    pub fn start(&mut self) -> Result<()> {
        self.process = None;
        self.process = Some(Process::spawn(&self.name, self.command(), &self.log)?);
        Ok(())
    }

    /// Runs it until it ends by itself; anything but success is an error.
    pub fn run_to_end(&mut self) -> Result<()> {
        self.start()?;
        let ended = self.process.as_mut().and_then(|process| process.wait(START_LIMIT));
        match ended {
            Some(status) if status.success() => Ok(()),
            Some(status) => bail!("{} ended with {status}:\n{}", self.name, self.log_tail()),
            None => bail!("{} did not end within {} s:\n{}", self.name, START_LIMIT.as_secs(), self.log_tail()),
        }
    }

    /// Its process id while it runs.
    pub fn pid(&self) -> Option<i32> {
        self.process.as_ref().map(Process::pid)
    }

    /// Whether it runs; a paused one does.
    pub fn is_running(&mut self) -> bool {
        self.process.as_mut().is_some_and(Process::is_running)
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) -> Result<()> {
        self.process.as_ref().with_context(|| format!("{} was not started", self.name))?.signal(signal)
    }

    /// SIGKILL.
    pub fn kill9(&mut self) {
        if let Some(process) = &mut self.process {
            process.kill9();
        }
    }

    /// SIGTERM, and SIGKILL when it does not listen.
    pub fn stop(&mut self) {
        if let Some(process) = &mut self.process {
            let _ = process.stop(Signal::SIGTERM, Duration::from_secs(10));
        }
    }

    /// Why it may have ended: its panic, else the end of its log.
    pub fn last_words(&self) -> String {
        logs::panic(&self.log).unwrap_or_else(|| self.log_tail())
    }

    /// The end of its log.
    pub fn log_tail(&self) -> String {
        self.process.as_ref().map(|process| process.log_tail(15)).unwrap_or_default()
    }

    /// Asks `ready` until it says yes; an error when the process ends first, or is not ready within a minute.
    pub fn wait_until(&mut self, what: &str, mut ready: impl FnMut() -> bool) -> Result<()> {
        let deadline = Instant::now() + START_LIMIT;
        while !ready() {
            if !self.is_running() {
                bail!("{} ended before {what}:\n{}", self.name, self.log_tail());
            }
            if Instant::now() > deadline {
                bail!("{}: not within {} s: {what}\n{}", self.name, START_LIMIT.as_secs(), self.log_tail());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }
}

/// `program` without what the shell may hold for a system of the user's own.
pub fn bare(program: &Path) -> Command {
    let ours = |name: &str| {
        name.starts_with("UPGUARD_") || ["REGION_ID", "WORKER_ID", "REDIS_URL", "REDIS_CA"].contains(&name)
    };
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_str().is_some_and(ours)) {
        command.env_remove(name);
    }
    command
}

/// A program built next to this one (tests run one folder deeper).
pub fn binary(name: &str) -> Result<PathBuf> {
    let me = std::env::current_exe()?;
    let found = me.ancestors().skip(1).take(2).map(|dir| dir.join(name)).find(|file| file.is_file());
    found.with_context(|| {
        let release = if cfg!(debug_assertions) { "" } else { " --release" };
        format!("{name} is not built beside {}: run `cargo build -p {name}{release}`", me.display())
    })
}
