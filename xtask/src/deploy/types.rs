//! Grafana's dashboards against Grafana's own types: a misspelt field is shown by no error, only by a panel that is not as it
//! was meant.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use super::rules;
use crate::dashboard::complete;
use crate::interrupts::Interrupts;
use crate::node::Node;
use crate::suite::steps::Steps;

/// Types that Grafana's server publishes with each version, and the compiler.
const PACKAGES: [&str; 2] = ["@grafana/schema@12.3.0", "typescript@5.9.3"];
const SCRIPT: &str = include_str!("dashboards.mjs");

pub(super) fn run(steps: &mut Steps) -> Result<()> {
    steps.run("dashboards: Grafana's types", check)
}

fn check(interrupts: &Interrupts) -> Result<()> {
    let node = Node::ensure()?;
    let folder = packages(&node, interrupts)?;
    fs::write(folder.join("dashboards.mjs"), SCRIPT)?;
    let mut command: Command = node.program();
    command.arg("dashboards.mjs").args(rules::files("grafana/dashboards", "json")?).current_dir(&folder);
    complete("the dashboards' types", command, interrupts)
}

/// A folder with the packages; installed once.
fn packages(node: &Node, interrupts: &Interrupts) -> Result<PathBuf> {
    let folder = testbed::target_dir().join("deploy/grafana");
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let stamp = folder.join("installed");
    let wanted = PACKAGES.join(" ");
    if fs::read_to_string(&stamp).ok().as_ref() != Some(&wanted) {
        fs::write(folder.join("package.json"), "{\"private\": true}\n")?;
        let mut install = node.npm(&["install", "--no-save", "--loglevel", "error"]);
        install.args(PACKAGES).current_dir(&folder);
        complete("npm install", install, interrupts)?;
        fs::write(&stamp, wanted)?;
    }
    Ok(folder)
}
