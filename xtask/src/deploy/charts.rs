//! The Helm charts, tried with what people install them with: both majors of helm, the schemas of Kubernetes, a real API server.
//! A chart's cases are the files of values in its `ci/` folder; whoever adds a value adds it to one of them.

mod cases;
mod cluster;
mod commands;
pub(crate) mod helm;
mod lifetime;
mod network;
mod pods;
mod promises;
mod refusals;
mod schemas;
mod security;
mod settings;
pub(crate) mod tools;
pub(crate) mod yaml;

use std::process::Command;

use anyhow::Result;

use self::tools::Tools;
use crate::suite::steps::Steps;
use crate::values_table;

pub(super) fn run(steps: &mut Steps) -> Result<()> {
    let mut fetched = None;
    steps.run("helm 3, helm 4, kubectl", |_| {
        fetched = Some(Tools::fetch()?);
        Ok(())
    })?;
    let Some(tools) = fetched else { return Ok(()) };
    steps.run("charts: their READMEs are those of their values", |_| values_table::check())?;
    steps.run("charts: lint", |_| cases::lint(&tools))?;
    steps.run("charts: packages are whole", |_| cases::package(&tools))?;
    steps.run("charts: bad values are refused, and it says which", |_| refusals::check(&tools))?;
    let mut rendered = Vec::new();
    steps.run("charts: both helms render the same", |_| {
        rendered = cases::render(&tools)?;
        Ok(())
    })?;
    steps.run("charts: what they promise", |_| promises::check(&rendered))?;
    steps.run("charts: schemas of Kubernetes and of operators", |_| schemas::check(&rendered))?;
    let mut programs = Command::new("cargo");
    programs
        .args(["build", "--package", "upguard-control", "--package", "upguard-probe"])
        .current_dir(testbed::root_dir());
    steps.command("build", programs)?;
    steps.run("charts: the programs take the settings", |_| settings::check(&rendered))?;
    lifetime::run(steps, &tools, &rendered)
}
