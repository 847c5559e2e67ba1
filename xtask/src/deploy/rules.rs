//! Prometheus' own tools on what it reads: rules and their unit tests, and the configurations that Compose gives Prometheus and
//! Alertmanager. That every alert has its unit tests, both sides, and its runbook is a tidy rule.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use testbed::root_dir;
use testbed::servers::install;

use crate::suite::steps::Steps;

pub(super) fn run(steps: &mut Steps) -> Result<()> {
    steps.run("Prometheus and Alertmanager are there", |_| {
        install::ensure(&["prometheus", "prometheus-alertmanager"])
    })?;
    steps.command("rules: promtool check", promtool(&["check", "rules"], &files("grafana/rules", "yaml")?))?;
    steps
        .command("rules: unit tests of every alert", promtool(&["test", "rules"], &files("grafana/tests", "yaml")?))?;
    steps.run("Compose's Prometheus: promtool check", |_| prometheus_configurations())?;
    steps.run("Compose's Alertmanager: amtool check", |_| alertmanager_configurations())
}

/// The files of a folder of the checkout, by name.
pub(super) fn files(folder: &str, extension: &str) -> Result<Vec<PathBuf>> {
    let folder = root_dir().join(folder);
    let entries = fs::read_dir(&folder).with_context(|| format!("cannot list {}", folder.display()))?;
    let mut files = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    files.retain(|file| file.extension().is_some_and(|found| found == extension));
    files.sort();
    if files.is_empty() {
        bail!("{} holds no .{extension}", folder.display());
    }
    Ok(files)
}

fn promtool(arguments: &[&str], files: &[PathBuf]) -> Command {
    let mut command = Command::new("promtool");
    command.args(arguments).args(files);
    command
}

/// As the script makes it without a key, and with one.
fn prometheus_configurations() -> Result<()> {
    for key in ["", "ug_0123456789"] {
        let folder = scratch("prometheus")?;
        let key_file = folder.join("api-key");
        fs::write(&key_file, key)?;
        let rules = root_dir().join("grafana/rules");
        let made = made("deploy/prometheus/make-config.sh", |script| {
            script.env("METRICS_API_KEY", key).env("KEY_FILE", &key_file).env("RULES", &rules);
        })?;
        if made.contains("upguard-monitors") == key.is_empty() {
            bail!("monitors are to be scraped with a key, and only then:\n{made}");
        }
        checked(Command::new("promtool").args(["check", "config"]), &folder.join("prometheus.yml"), &made)?;
    }
    Ok(())
}

/// As the script makes it for nobody, for a mailbox, for a webhook, and for both.
fn alertmanager_configurations() -> Result<()> {
    let mail =
        [("SMTP_HOST", "mail.example.org"), ("SMTP_FROM", "UpGuard <a@example.org>"), ("ALERT_EMAIL", "b@example.org")];
    let hook = [("ALERT_WEBHOOK", "https://hooks.example.org/x")];
    let odd = [&mail[..], &[("SMTP_USER", "it's me: a#b"), ("SMTP_PASSWORD", "'x' \"y\" \\z {{ $0")]].concat();
    let local = [
        &mail[..],
        &[
            ("SMTP_PORT", "2525"),
            ("SMTP_SECURITY", "none"),
            ("SMTP_HELLO", "up.example.org"),
            ("SMTP_CA", "/etc/ca.pem"),
        ],
    ]
    .concat();
    for settings in [&[][..], &mail, &hook, &[&mail[..], &hook].concat(), &odd, &local] {
        let made = made("deploy/alertmanager/make-config.sh", |script| {
            script.envs(settings.iter().copied());
        })?;
        for (_, value) in settings.iter().filter(|(name, _)| *name != "SMTP_SECURITY") {
            if !made.contains(&value.replace('\'', "''")) {
                bail!("{value} is not in what deploy/alertmanager/make-config.sh makes:\n{made}");
            }
        }
        checked(Command::new("amtool").arg("check-config"), &scratch("alertmanager")?.join("alertmanager.yml"), &made)?;
    }
    Ok(())
}

/// What a script of the checkout prints, in an environment without anything else.
pub(super) fn made(script: &str, settings: impl FnOnce(&mut Command)) -> Result<String> {
    let mut command = Command::new("sh");
    command.arg(root_dir().join(script)).env_clear();
    settings(&mut command);
    let output = command.output().with_context(|| format!("cannot run {script}"))?;
    if !output.status.success() {
        bail!("{script} failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8(output.stdout)?)
}

fn checked(tool: &mut Command, file: &Path, content: &str) -> Result<()> {
    fs::write(file, content)?;
    let output = tool.arg(file).output().with_context(|| format!("cannot run {tool:?}"))?;
    if !output.status.success() {
        let said = [output.stdout, output.stderr].concat();
        bail!("{}\n{content}", String::from_utf8_lossy(&said));
    }
    Ok(())
}

fn scratch(name: &str) -> Result<PathBuf> {
    let folder = testbed::target_dir().join("deploy").join(name);
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    Ok(folder)
}
