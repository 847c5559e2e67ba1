//! `cargo xtask test` and `check`: the steps, each a line with its seconds. What a step is made of is in `steps`; whether a
//! program is static, in `elf`; the dashboard's, in `ui`; those of charts, rules and dashboards for Grafana, in `deploy`.

pub(crate) mod elf;
pub(crate) mod steps;
mod ui;

use std::process::Command;

use anyhow::{Context, Result, bail};
use clap::ValueEnum;
use testbed::process::find_in_path;
use testbed::servers::install;

use self::steps::Steps;
use crate::interrupts::Interrupts;
use crate::{deploy, tidy};

const MUSL: &str = "x86_64-unknown-linux-musl";

/// Checks and tests everything that has to hold before a change goes in
///
/// Rust: formatting, clippy without warnings, the tidy rules, all tests against real PostgreSQL and Redis servers
/// (cargo-nextest where it is installed), doc tests, and the probe as a static musl program that starts. Dashboard: lints,
/// types, that its API types are those of docs/openapi.json, unit tests, bundle budgets, and its stories in a browser against
/// a whole running system. Deploy (only when asked for): the Helm charts with both majors of helm, against the schemas of
/// Kubernetes and inside a real API server; alert rules and Grafana dashboards against a Prometheus that scrapes a running
/// system. Installs what is missing through apt (Node.js through pip). All steps run even if one fails; the summary at the end
/// names those that did.
#[derive(Debug, clap::Args)]
pub(crate) struct TestArgs {
    /// Which suite
    #[arg(default_value = "all")]
    suite: Suite,
    /// Of `deploy`, only this part
    part: Option<deploy::Part>,
}

/// The quick part of `test`: formatting, clippy and the tidy rules
///
/// Tidy rules keep each technology at home (SQL in the store, Redis in wire, …), files and functions short and names
/// telling. Each violation is printed as `path:line: rule — mend`.
#[derive(Debug, clap::Args)]
pub(crate) struct CheckArgs {}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Suite {
    /// Everything written in Rust
    Rust,
    /// The dashboard
    Ui,
    /// Charts, alert rules, Grafana dashboards
    Deploy,
    /// Rust and the dashboard
    All,
}

/// `cargo xtask check`
pub(crate) fn check(_args: &CheckArgs, interrupts: &Interrupts) -> Result<()> {
    let mut steps = Steps::new(interrupts);
    quick(&mut steps)?;
    steps.summary()
}

/// `cargo xtask test`
pub(crate) fn test(args: &TestArgs, interrupts: &Interrupts) -> Result<()> {
    let mut steps = Steps::new(interrupts);
    let (rust, ui) = (matches!(args.suite, Suite::Rust | Suite::All), matches!(args.suite, Suite::Ui | Suite::All));
    // The dashboard is built first: control embeds it, and is compiled once.
    let node = if ui { ui::parts(&mut steps)? } else { None };
    if rust {
        self::rust(&mut steps)?;
    }
    if let Some(node) = node {
        ui::stories(&mut steps, &node)?;
    }
    if matches!(args.suite, Suite::Deploy) {
        deploy::run(&mut steps, args.part)?;
    }
    steps.summary()
}

/// `cargo xtask screenshots`
pub(crate) fn screenshots(interrupts: &Interrupts) -> Result<()> {
    let mut steps = Steps::new(interrupts);
    ui::screenshots(&mut steps)?;
    steps.summary()
}

fn rust(steps: &mut Steps) -> Result<()> {
    steps.run("servers and tools", |_| install::ensure(&["postgresql", "redis-server"]))?;
    quick(steps)?;
    if find_in_path("cargo-nextest").is_some() {
        steps.command("tests (cargo nextest)", cargo(&["nextest", "run", "--workspace"]))?;
    } else {
        steps.command("tests (cargo test)", cargo(&["test", "--workspace", "--all-targets"]))?;
    }
    steps.command("doc tests", cargo(&["test", "--workspace", "--doc"]))?;
    if cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        musl(steps)
    } else {
        steps.skip("static probe", "built on x86_64 Linux only");
        Ok(())
    }
}

fn quick(steps: &mut Steps) -> Result<()> {
    steps.run("rustfmt and clippy are there", |_| ensure_components())?;
    steps.command("format", cargo(&["fmt", "--all", "--check"]))?;
    steps.command("clippy", cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))?;
    steps.run("tidy", |_| tidy::check(testbed::root_dir()))?;
    dependencies(steps)
}

/// Licences, duplicates and sources of what we stand on, by deny.toml.
fn dependencies(steps: &mut Steps) -> Result<()> {
    if find_in_path("cargo-deny").is_none() {
        steps.skip("dependencies (cargo deny)", "cargo-deny is not installed: cargo install --locked cargo-deny");
        return Ok(());
    }
    steps.command("dependencies (cargo deny)", cargo(&["deny", "--offline", "check", "bans", "licenses", "sources"]))
}

/// The probe as it is shipped: one file that runs on any Linux.
fn musl(steps: &mut Steps) -> Result<()> {
    steps.run("musl target", |_| ensure_musl())?;
    steps.command("static build", cargo(&["build", "--release", "--package", "upguard-probe", "--target", MUSL]))?;
    let probe = testbed::target_dir().join(MUSL).join("release/upguard-probe");
    let mut version = Command::new(&probe);
    version.arg("version");
    steps.run("the probe is static", |_| elf::require_static(&probe))?;
    steps.command("the probe starts", version)
}

fn cargo(args: &[&str]) -> Command {
    let mut command = Command::new("cargo");
    command.args(args).current_dir(testbed::root_dir());
    command
}

/// rustup's minimal profile lacks them.
fn ensure_components() -> Result<()> {
    let is_there = |name: &str| {
        Command::new("cargo").args([name, "--version"]).output().is_ok_and(|output| output.status.success())
    };
    if is_there("fmt") && is_there("clippy") {
        return Ok(());
    }
    rustup(&["component", "add", "rustfmt", "clippy"])
}

fn ensure_musl() -> Result<()> {
    install::ensure(&["musl-tools"])?;
    let output = Command::new("rustc")
        .args(["--print", "target-libdir", "--target", MUSL])
        .output()
        .context("cannot run rustc")?;
    let folder = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    if output.status.success() && std::path::Path::new(&folder).exists() {
        return Ok(());
    }
    rustup(&["target", "add", MUSL])
}

fn rustup(args: &[&str]) -> Result<()> {
    let by_hand = || format!("it is missing here, and rustup is how to get it: rustup {}", args.join(" "));
    let status = Command::new("rustup").args(args).stdout(std::io::stderr()).status().with_context(by_hand)?;
    if !status.success() {
        bail!("rustup {} failed ({status})", args.join(" "));
    }
    Ok(())
}
