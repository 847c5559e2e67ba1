//! A Prometheus of our own, on a free port, asked over its HTTP API.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::Value;
use testbed::process::Process;
use testbed::servers::free_port;
use ureq::Agent;

use crate::interrupts::Interrupts;
use crate::up::api::agent;

/// A running Prometheus, stopped on drop.
pub(super) struct Prometheus {
    process: Process,
    base: String,
    agent: Agent,
}

impl Prometheus {
    /// Starts one with this configuration in a folder that is emptied first, and waits until it answers.
    pub(super) fn start(folder: &Path, configuration: &str, interrupts: &Interrupts) -> Result<Self> {
        let _ = fs::remove_dir_all(folder);
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let file = folder.join("prometheus.yml");
        fs::write(&file, configuration)?;
        let port = free_port()?;
        let mut command = Command::new("prometheus");
        command.arg(format!("--config.file={}", file.display()));
        command.arg(format!("--storage.tsdb.path={}", folder.join("data").display()));
        command.arg(format!("--web.listen-address=127.0.0.1:{port}")).current_dir(folder);
        let process = Process::spawn("prometheus", command, &folder.join("prometheus.log"))?;
        let mut started = Self { process, base: format!("http://127.0.0.1:{port}"), agent: agent() };
        let ready = interrupts.poll(Duration::from_mins(1), || {
            if let Some(status) = started.process.try_wait() {
                bail!("Prometheus ended ({status}):\n{}", started.process.log_tail(20));
            }
            let answer = started.agent.get(format!("{}/-/ready", started.base)).call();
            Ok(answer.is_ok_and(|answer| answer.status() == 200).then_some(()))
        })?;
        ready.with_context(|| format!("Prometheus does not answer:\n{}", started.process.log_tail(20)))?;
        Ok(started)
    }

    /// What an expression is now.
    pub(super) fn now(&self, expression: &str) -> Result<Vec<Value>> {
        self.result("query", &[("query", expression)])
    }

    /// What an expression was over the last minute.
    pub(super) fn last_minute(&self, expression: &str) -> Result<Vec<Value>> {
        let now = self.now("time()")?;
        // A scalar is `[time, "value"]`.
        let end = now.get(1).and_then(Value::as_str).and_then(|text| text.parse::<f64>().ok()).context("no time")?;
        let (start, end) = ((end - 60.0).to_string(), end.to_string());
        self.result("query_range", &[("query", expression), ("start", &start), ("end", &end), ("step", "15")])
    }

    /// The values of a label, among series of this selector.
    pub(super) fn values(&self, label: &str, selector: &str) -> Result<Vec<Value>> {
        list(self.ask(&format!("label/{label}/values"), &[("match[]", selector)])?)
    }

    /// Rules of all groups, as they were evaluated last.
    pub(super) fn rules(&self) -> Result<Vec<Value>> {
        let groups = list(self.ask("rules", &[])?["groups"].take())?;
        Ok(groups.into_iter().flat_map(|mut group| list(group["rules"].take()).unwrap_or_default()).collect())
    }

    /// What is scraped.
    pub(super) fn targets(&self) -> Result<Vec<Value>> {
        list(self.ask("targets", &[("state", "active")])?["activeTargets"].take())
    }

    fn result(&self, path: &str, parameters: &[(&str, &str)]) -> Result<Vec<Value>> {
        list(self.ask(path, parameters)?["result"].take())
    }

    fn ask(&self, path: &str, parameters: &[(&str, &str)]) -> Result<Value> {
        let mut request = self.agent.get(format!("{}/api/v1/{path}", self.base));
        for (name, value) in parameters {
            request = request.query(*name, *value);
        }
        let mut answer: Value = request.call()?.body_mut().read_json()?;
        if answer["status"] != "success" {
            bail!("{}", answer["error"].as_str().unwrap_or("Prometheus answered something else than JSON"));
        }
        Ok(answer["data"].take())
    }
}

fn list(value: Value) -> Result<Vec<Value>> {
    match value {
        Value::Array(items) => Ok(items),
        other => bail!("Prometheus answered {other} in place of a list"),
    }
}

/// Whether there is any number in it: no series is nothing, and neither is one that is nothing divided by nothing.
pub(super) fn has_data(series: &[Value]) -> bool {
    let is_number = |sample: &Value| sample[1].as_str().is_some_and(|value| value != "NaN");
    series
        .iter()
        .any(|one| is_number(&one["value"]) || one["values"].as_array().is_some_and(|all| all.iter().any(is_number)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::has_data;

    #[test]
    fn neither_no_series_nor_no_number_is_data() {
        assert!(!has_data(&[]));
        assert!(!has_data(&[json!({"metric": {}, "value": [1, "NaN"]})]));
        assert!(!has_data(&[json!({"metric": {}, "values": [[1, "NaN"], [2, "NaN"]]})]));
        assert!(has_data(&[json!({"metric": {}, "value": [1, "0"]})]));
        assert!(has_data(&[json!({"metric": {}, "values": [[1, "NaN"], [2, "+Inf"]]})]));
    }
}
