//! The dashboard's steps: its parts by themselves, then its stories in a browser against a whole running system.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use testbed::process::{Process, find_in_path};
use testbed::servers::install;

use super::steps::Steps;
use crate::interrupts::Interrupts;
use crate::node::{self, Node};
use crate::{api, dashboard, up};

/// How long all stories may take.
const STORIES_LIMIT: Duration = Duration::from_mins(30);

/// Everything that needs no running system, and the build. Without packages there is nothing more to run.
pub(super) fn parts(steps: &mut Steps) -> Result<Option<Node>> {
    let mut found = None;
    steps.run("the dashboard's packages", |interrupts| {
        found = Some(dashboard::packages(interrupts)?);
        Ok(())
    })?;
    let Some(node) = found else { return Ok(None) };
    let script = |name: &str| node.npm(&["run", "--silent", name]);
    steps.command("dashboard: lints (biome)", script("lint"))?;
    steps.command("dashboard: types", script("typecheck"))?;
    steps.run("dashboard: types of the API", |interrupts| api_types(&node, interrupts))?;
    steps.command("dashboard: unit tests", script("test"))?;
    steps.run("dashboard: build", |interrupts| build(&node, interrupts))?;
    steps.command("dashboard: bundle budgets", script("budget"))?;
    Ok(Some(node))
}

/// The stories, in Chromium.
pub(super) fn stories(steps: &mut Steps, node: &Node) -> Result<()> {
    steps.run("a browser", |_| install::ensure(&["chromium", "fonts-liberation"]))?;
    steps.run("dashboard: stories (Playwright)", |interrupts| {
        in_browser(node.npm(&["run", "--silent", "e2e"]), interrupts)
    })
}

/// The same, writing every screen to where the manual shows it.
pub(super) fn screenshots(steps: &mut Steps) -> Result<()> {
    steps.run("a browser", |_| install::ensure(&["chromium", "fonts-liberation"]))?;
    steps.run("screenshots", |interrupts| {
        let node = dashboard::packages(interrupts)?;
        let mut command = node.npm(&["run", "--silent", "e2e", "--", "screenshots"]);
        command.env("UPGUARD_SCREENSHOTS", testbed::root_dir().join("docs/screenshots"));
        in_browser(command, interrupts)
    })
}

/// The routes' tree is written by the build: it must be there as committed.
fn build(node: &Node, interrupts: &Interrupts) -> Result<()> {
    let tree = node::dashboard_dir().join("src/routeTree.gen.ts");
    let before = fs::read(&tree).ok();
    dashboard::build(node, interrupts)?;
    if fs::read(&tree).ok() != before {
        bail!("src/routeTree.gen.ts was not up to date: it is now, commit it");
    }
    Ok(())
}

/// What the dashboard takes the API for is what the API says of itself.
fn api_types(node: &Node, interrupts: &Interrupts) -> Result<()> {
    let generated = scratch()?.join("schema.gen.ts");
    dashboard::complete("openapi-typescript", api::types(node, &generated), interrupts)?;
    let read = |path: &Path| fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()));
    if read(&api::committed())? != read(&generated)? {
        bail!("dashboard/src/api/schema.gen.ts is not what docs/openapi.json gives: run `cargo xtask api`");
    }
    Ok(())
}

/// Runs a program of Playwright's against a system that is started for it. What it writes goes to `target/e2e`.
fn in_browser(mut command: Command, interrupts: &Interrupts) -> Result<()> {
    let browser = find_in_path("chromium").context("chromium is in no folder of PATH")?;
    let folder = scratch()?;
    command.env("UPGUARD_CHROMIUM", browser).env("UPGUARD_E2E_OUTPUT", folder.join("output"));
    up::for_tests(folder.join("system"), interrupts, |system, line| {
        let text = |key: &str| line[key].as_str().unwrap_or_default().to_owned();
        command.env("UPGUARD_URL", text("api")).env("UPGUARD_EMAIL", text("email"));
        command.env("UPGUARD_PASSWORD", text("password")).env("UPGUARD_SYSTEM", line.to_string());
        let mut stories = Process::spawn_visible("the stories", command)?;
        match system.poll(STORIES_LIMIT, || Ok(stories.try_wait()))? {
            Some(status) if status.success() => Ok(()),
            Some(status) => bail!("{status}; the system's logs are in {}", system.logs().display()),
            None => bail!("they take over {} min", STORIES_LIMIT.as_secs() / 60),
        }
    })
}

fn scratch() -> Result<PathBuf> {
    let folder = testbed::target_dir().join("e2e");
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    Ok(folder)
}
