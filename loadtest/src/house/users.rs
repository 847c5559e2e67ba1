//! Users of Redis, as an installation has them: what `deploy/redis/users.sh` prints, and one more that may do everything,
//! for who plays the operator. Passwords are the users' names, since nobody else reaches this server.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};

/// Who plays the operator.
pub(super) const OPERATOR: &str = "operator";
/// Who control is.
pub(super) const CONTROL: &str = "control";

/// Writes the users of control and of `regions` into `dir` and returns the file.
pub(super) fn write(dir: &Path, regions: &[&str]) -> Result<PathBuf> {
    let script = xtask::root_dir().join("deploy/redis/users.sh");
    let each = regions.iter().map(|region| format!("{region}:{region}")).collect::<Vec<_>>().join(" ");
    let output = Command::new("sh")
        .arg(&script)
        .env("CONTROL_PASSWORD", CONTROL)
        .env("REGIONS", each)
        .output()
        .with_context(|| format!("cannot run {}", script.display()))?;
    if !output.status.success() {
        bail!("{}: {}", script.display(), String::from_utf8_lossy(&output.stderr));
    }
    let file = dir.join("users.acl");
    let users = String::from_utf8_lossy(&output.stdout).into_owned();
    std::fs::write(&file, format!("{users}user {OPERATOR} on >{OPERATOR} ~* &* +@all\n"))?;
    Ok(file)
}
