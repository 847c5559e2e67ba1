//! Users of Redis, as an installation has them: what `deploy/redis/users.sh` prints, and one more that may do everything,
//! for who plays the operator.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};

/// Who plays the operator.
pub(crate) const OPERATOR: &str = "operator";
/// Who control is.
pub const CONTROL: &str = "control";

/// The rules of control and of `regions`, one user a line; `password` says each user's.
pub fn rules(regions: &[&str], password: impl Fn(&str) -> String) -> Result<String> {
    let script = crate::root_dir().join("deploy/redis/users.sh");
    let each: Vec<_> = regions.iter().map(|region| format!("{region}:{}", password(region))).collect();
    let mut command = Command::new("sh");
    command.arg(&script).env("CONTROL_PASSWORD", password(CONTROL)).env("REGIONS", each.join(" "));
    let output = command.output().with_context(|| format!("cannot run {}", script.display()))?;
    if !output.status.success() {
        bail!("{}: {}", script.display(), String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Writes all of them into a file in `dir` for Redis to start with, and returns it. Passwords are the users' names, since nobody
/// else reaches this server.
pub(crate) fn write(dir: &Path, regions: &[&str]) -> Result<PathBuf> {
    let users = rules(regions, str::to_owned)?;
    let file = dir.join("users.acl");
    std::fs::write(&file, format!("{users}user {OPERATOR} on >{OPERATOR} ~* &* +@all\n"))?;
    Ok(file)
}
