//! The dashboard's packages and its build, each done only when something changed. One at a time for a checkout: npm empties
//! folders while it works.

use std::fs::{self, File};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use testbed::process::Process;

use crate::interrupts::Interrupts;
use crate::node::{self, Node};
use crate::screen::say;

/// Node with the packages of the lock file installed.
pub(crate) fn packages(interrupts: &Interrupts) -> Result<Node> {
    let _lock = lock()?;
    let node = Node::ensure()?;
    if node::lacks_packages() {
        say!("installing the dashboard's packages with Node.js {}", node.version());
        complete("npm ci", node.npm(&["ci", "--loglevel", "error"]), interrupts)?;
    }
    Ok(node)
}

/// The built dashboard in `dashboard/dist`, where control finds it.
pub(crate) fn build(node: &Node, interrupts: &Interrupts) -> Result<()> {
    let _lock = lock()?;
    if node::is_build_outdated()? {
        say!("building the dashboard");
        let sources = node::sources()?;
        complete("npm run build", node.npm(&["run", "--silent", "build"]), interrupts)?;
        node::remember_build(&sources)?;
    }
    Ok(())
}

/// Runs a program people watch, to its end.
pub(crate) fn complete(name: &str, command: Command, interrupts: &Interrupts) -> Result<()> {
    let mut process = Process::spawn_visible(name, command)?;
    let status = interrupts.poll(Duration::from_hours(1), || Ok(process.try_wait()))?;
    match status.with_context(|| format!("{name} takes over an hour"))? {
        status if status.success() => Ok(()),
        status => bail!("{name} failed ({status})"),
    }
}

/// Held until it is dropped.
fn lock() -> Result<File> {
    let path = testbed::target_dir().join("dashboard.lock");
    fs::create_dir_all(testbed::target_dir())?;
    let file = File::create(&path).with_context(|| format!("cannot make {}", path.display()))?;
    file.lock().with_context(|| format!("cannot lock {}", path.display()))?;
    Ok(file)
}
