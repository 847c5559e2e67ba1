//! What a process uses, as Linux tells it in /proc.

use std::{fs, time::Instant};

use anyhow::{Context, Result};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use serde_json::{Map, Value};

use super::report::rounded;

/// Clock ticks a second in /proc: 100 on every Linux that people run.
const TICKS: f64 = 100.0;

/// Lifts the limit of open files as far as we may, for us and for what we start.
pub(super) fn allow_many_files() -> Result<()> {
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    setrlimit(Resource::RLIMIT_NOFILE, hard, hard).context("cannot lift the limit of open files")
}

/// How many files we may have open.
pub(super) fn open_files() -> Result<usize> {
    Ok(getrlimit(Resource::RLIMIT_NOFILE)?.0 as usize)
}

/// Resident memory in MiB.
pub(super) fn rss_mib(pid: i32) -> Result<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("/proc has no VmRSS")?;
    let kib: f64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kib / 1024.0)
}

/// Processor seconds of a process, and of its children living and reaped.
fn cpu_seconds(pid: i32) -> f64 {
    let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
    let living: f64 =
        children.split_whitespace().filter_map(|child| child.parse().ok()).map(|child| ticks(child, 2)).sum();
    (ticks(pid, 4) + living) / TICKS
}

/// The first `fields` of utime, stime, cutime, cstime.
fn ticks(pid: i32, fields: usize) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // The name, in parentheses, may hold anything; utime is the twelfth field after it.
    let after = stat.rsplit_once(") ").map_or("", |(_, after)| after);
    after.split(' ').skip(11).take(fields).filter_map(|ticks| ticks.parse::<f64>().ok()).sum()
}

/// Measures how many cores some processes use, from now on.
pub(super) struct Cores {
    since: Instant,
    at: Vec<(&'static str, i32, f64)>,
}

impl Cores {
    pub(super) fn of(processes: &[(&'static str, i32)]) -> Self {
        let at = processes.iter().map(|(name, pid)| (*name, *pid, cpu_seconds(*pid))).collect();
        Self { since: Instant::now(), at }
    }

    /// Cores used since, by name.
    pub(super) fn used(&self) -> Value {
        let seconds = self.since.elapsed().as_secs_f64();
        let used = |pid, before| rounded((cpu_seconds(pid) - before) / seconds);
        let all = self.at.iter().map(|(name, pid, before)| ((*name).to_owned(), used(*pid, before)));
        Value::from(all.collect::<Map<_, _>>())
    }
}

#[cfg(test)]
mod tests {
    use nix::sys::resource::{UsageWho, getrusage};

    use super::*;

    /// Seconds this process has worked, by the kernel's own account.
    fn worked() -> f64 {
        let usage = getrusage(UsageWho::RUSAGE_SELF).unwrap();
        let seconds = |time: nix::sys::time::TimeVal| time.tv_sec() as f64 + time.tv_usec() as f64 / 1e6;
        seconds(usage.user_time()) + seconds(usage.system_time())
    }

    #[test]
    fn we_use_memory_and_time() {
        let me = std::process::id() as i32;
        assert!(rss_mib(me).unwrap() > 0.5);
        let cores = Cores::of(&[("me", me)]);
        let before = worked();
        while worked() - before < 0.2 {}
        let counted = cores.used()["me"].as_f64().unwrap() * cores.since.elapsed().as_secs_f64();
        assert!(counted > 0.15, "{counted} s of work were counted");
    }
}
