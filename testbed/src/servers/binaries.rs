//! The programs of PostgreSQL on this machine.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::process::find_in_path;

/// The newest PostgreSQL on this machine.
#[derive(Debug, Clone)]
pub(crate) struct Binaries {
    dir: PathBuf,
    /// The major version: 15.
    pub(crate) major: u32,
}

impl Binaries {
    /// None where there is none. Debian keeps the servers out of `PATH`, one folder per major version.
    pub(crate) fn find() -> Result<Option<Self>> {
        let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().filter_map(|entry| {
            let path = entry.ok()?.path();
            let major: u32 = path.file_name()?.to_str()?.parse().ok()?;
            path.join("bin/initdb").exists().then(|| Self { dir: path.join("bin"), major })
        });
        let found = match versions.max_by_key(|found| found.major) {
            Some(found) => Some(found),
            None => Self::find_on_path()?,
        };
        if let Some(old) = found.as_ref().filter(|found| found.major < 14) {
            bail!("PostgreSQL {} is installed, and 14 or newer is needed", old.major);
        }
        Ok(found)
    }

    fn find_on_path() -> Result<Option<Self>> {
        let found = find_in_path("postgres").and_then(|postgres| postgres.canonicalize().ok());
        let Some(postgres) = found else { return Ok(None) };
        let output = Command::new(&postgres).arg("--version").output().context("cannot run postgres --version")?;
        // "postgres (PostgreSQL) 15.18"
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let version = text.split_whitespace().find_map(|word| word.split('.').next()?.parse().ok());
        let dir = postgres.parent().unwrap_or(Path::new("/")).to_owned();
        Ok(Some(Self { dir, major: version.with_context(|| format!("cannot read a version from: {text}"))? }))
    }

    /// One of its programs, such as `initdb`. Debian has psql on `PATH` even where the version's folder lacks it.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        let here = self.dir.join(name);
        if here.exists() { here } else { find_in_path(name).unwrap_or(here) }
    }
}
