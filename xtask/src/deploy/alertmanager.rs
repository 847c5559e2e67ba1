//! An Alertmanager of our own, on a free port, asked and told over its HTTP API.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use testbed::process::{Process, find_in_path};
use testbed::servers::free_port;
use ureq::Agent;

use crate::interrupts::Interrupts;
use crate::up::api::agent;

/// What the program is called: by Debian, and by everybody else.
const NAMES: [&str; 2] = ["prometheus-alertmanager", "alertmanager"];

/// Whether it is installed.
pub(super) fn is_there() -> bool {
    NAMES.iter().any(|name| find_in_path(name).is_some())
}

/// A running Alertmanager, stopped on drop.
pub(super) struct Alertmanager {
    process: Process,
    /// `127.0.0.1:port`
    pub(super) address: String,
    agent: Agent,
}

impl Alertmanager {
    /// Starts one with this configuration in a folder that is emptied first, and waits until it answers.
    pub(super) fn start(folder: &Path, configuration: &str, interrupts: &Interrupts) -> Result<Self> {
        let _ = fs::remove_dir_all(folder);
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let file = folder.join("alertmanager.yml");
        fs::write(&file, configuration)?;
        let program = NAMES.iter().find_map(|name| find_in_path(name)).context("there is no Alertmanager")?;
        let address = format!("127.0.0.1:{}", free_port()?);
        let mut command = Command::new(program);
        command.arg(format!("--config.file={}", file.display()));
        command.arg(format!("--storage.path={}", folder.join("data").display()));
        command.args([&format!("--web.listen-address={address}"), "--cluster.listen-address="]).current_dir(folder);
        let process = Process::spawn("alertmanager", command, &folder.join("alertmanager.log"))?;
        let mut started = Self { process, address, agent: agent() };
        let ready = interrupts.poll(Duration::from_mins(1), || {
            if let Some(status) = started.process.try_wait() {
                bail!("Alertmanager ended ({status}):\n{}", started.process.log_tail(20));
            }
            let answer = started.agent.get(started.url("/-/ready")).call();
            Ok(answer.is_ok_and(|answer| answer.status() == 200).then_some(()))
        })?;
        ready.with_context(|| format!("Alertmanager does not answer:\n{}", started.process.log_tail(20)))?;
        Ok(started)
    }

    /// Alerts, as Prometheus would hand them in.
    pub(super) fn tell(&self, alerts: &Value) -> Result<()> {
        let mut answer = self.agent.post(self.url("/api/v2/alerts")).send_json(alerts)?;
        let said = answer.body_mut().read_to_string()?;
        ensure!(answer.status() == 200, "Alertmanager answered {}: {said}", answer.status());
        Ok(())
    }

    /// The labels of alerts it has, and of each whether something worse holds it back.
    pub(super) fn alerts(&self) -> Result<Vec<(Value, bool)>> {
        let mut alerts: Value = self.agent.get(self.url("/api/v2/alerts")).call()?.body_mut().read_json()?;
        let alerts = alerts.as_array_mut().context("Alertmanager answered something else than a list")?;
        let is_held = |alert: &Value| alert["status"]["inhibitedBy"].as_array().is_some_and(|by| !by.is_empty());
        Ok(alerts.iter_mut().map(|alert| (alert["labels"].take(), is_held(alert))).collect())
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}
