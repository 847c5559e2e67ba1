//! helm as a program: what it prints, or why it refused.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

/// The two charts.
pub(crate) const CHARTS: [&str; 2] = ["upguard-control", "upguard-probe"];

/// `helm/<chart>`
pub(crate) fn chart_dir(chart: &str) -> PathBuf {
    testbed::root_dir().join("helm").join(chart)
}

/// helm at the top of the checkout, with a home of its own.
pub(crate) fn helm(program: &Path) -> Command {
    let home = testbed::target_dir().join("kube-tools/home");
    let mut command = Command::new(program);
    command.current_dir(testbed::root_dir());
    for (name, folder) in [("HELM_CACHE_HOME", "cache"), ("HELM_CONFIG_HOME", "config"), ("HELM_DATA_HOME", "data")] {
        command.env(name, home.join(folder));
    }
    command
}

/// What it prints. The error is what it says instead, without the notes on linked folders.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("cannot run {}", command.get_program().display()))?;
    if output.status.success() {
        return Ok(String::from_utf8(output.stdout)?);
    }
    let said = String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
    let said: Vec<&str> = said.lines().filter(|line| !line.contains("found symbolic link")).collect();
    bail!("{}", said.join("\n"))
}
