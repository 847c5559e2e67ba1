//! A whole system under its demo world, a real Prometheus that scrapes all of it with our rules, and every expression of every
//! dashboard and rule asked of that: none may be an error, and none may be without data.

use std::io::Write;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use testbed::exposition;
use testbed::servers::install;

use super::panels::{self, Dashboard};
use super::prometheus::{Prometheus, has_data};
use super::rules;
use crate::interrupts::Interrupts;
use crate::screen::say;
use crate::suite::steps::Steps;
use crate::up::{self, LocalSystem, api};

/// So long the system runs before it is asked.
const RUN: Duration = Duration::from_mins(1);
/// What has no data then may come until this is over.
const LIMIT: Duration = Duration::from_secs(150);

/// Selectors of alerts that select nothing while all is well, with the reason.
const ONLY_IN_TROUBLE: [(&str, &str); 1] =
    [("upguard_http_requests_total{status=~\"5..\"}", "a request that fails is counted when it fails")];

pub(super) fn run(steps: &mut Steps) -> Result<()> {
    steps.run("Prometheus scrapes a running system", |interrupts| {
        install::ensure(&["prometheus"])?;
        let folder = testbed::target_dir().join("deploy/system");
        up::for_tests(folder, interrupts, |system, line| {
            let scene = Scene::start(line, interrupts)?;
            let began = Instant::now();
            system.poll(RUN, || Ok(None::<()>))?;
            scene.everything_has_data(system, began)?;
            scene.rules_are_well()?;
            scene.expositions_are_as_documented()
        })
    })
}

/// The system's addresses, and who watches it.
struct Scene {
    prometheus: Prometheus,
    control: Vec<String>,
    probes: Vec<String>,
    api: String,
    key: String,
    dashboards: Vec<Dashboard>,
}

impl Scene {
    fn start(line: &Value, interrupts: &Interrupts) -> Result<Self> {
        let text = |key: &str| line[key].as_str().unwrap_or_default();
        let strings = |list: &Value| -> Vec<String> {
            list.as_array().into_iter().flatten().filter_map(|each| each.as_str().map(str::to_owned)).collect()
        };
        let user = api::Api::sign_in(text("api"), text("email"), text("password"))?;
        tell_somebody(&user, line["world"]["http"].as_str().unwrap_or_default())?;
        let key = user.post("/api/v1/api-keys", &json!({"name": "Prometheus", "scopes": ["metrics"]}))?;
        let key = key["key"].as_str().context("no key in the answer")?.to_owned();
        let (control, probes) = (vec![text("admin").to_owned()], strings(&line["probes"]));
        let configuration = configuration(&control, &probes, text("api"), &key);
        let folder = testbed::target_dir().join("deploy/prometheus-of-system");
        let prometheus = Prometheus::start(&folder, &configuration, interrupts)?;
        let dashboards = rules::files("grafana/dashboards", "json")?;
        let dashboards = dashboards.iter().map(|file| panels::read(file)).collect::<Result<_>>()?;
        Ok(Self { prometheus, control, probes, api: text("api").to_owned(), key, dashboards })
    }

    /// `promtool check metrics` finds nothing to say, and the manual's tables are what is exported.
    fn expositions_are_as_documented(&self) -> Result<()> {
        let pages = [
            ("Control", format!("{}/metrics", self.control[0])),
            ("Probe", format!("{}/metrics", self.probes.first().context("no probe")?)),
            ("Monitors", format!("{}/api/v1/metrics", self.api)),
        ];
        let mut wrong = Vec::new();
        for (section, address) in pages {
            let request = api::agent().get(&address).header("Authorization", format!("Bearer {}", self.key));
            let mut answer = request.call().with_context(|| format!("{address} does not answer"))?;
            let page = answer.body_mut().read_to_string()?;
            if answer.status() != 200 {
                bail!("{address} answered {}: {page}", answer.status());
            }
            wrong.extend(linted(&page).with_context(|| address.clone())?);
            wrong.extend(exposition::differences(section, &page)?);
        }
        none(&wrong)
    }

    /// Asks until everything has data; an expression that is an error never will.
    fn everything_has_data(&self, system: &mut LocalSystem, began: Instant) -> Result<()> {
        let mut lacking = Vec::new();
        system.poll(LIMIT.saturating_sub(began.elapsed()), || {
            lacking = self.lacking()?;
            Ok(lacking.is_empty().then_some(()))
        })?;
        let panels: usize = self.dashboards.iter().map(|dashboard| dashboard.panels.len()).sum();
        let variables: usize = self.dashboards.iter().map(|dashboard| dashboard.variables.len()).sum();
        say!(
            "   {panels} expressions of panels and {variables} variables asked after {:.0} s",
            began.elapsed().as_secs_f64()
        );
        none(&lacking)
    }

    /// Who asks for something that is not there.
    fn lacking(&self) -> Result<Vec<String>> {
        let mut lacking = Vec::new();
        for dashboard in &self.dashboards {
            for asked in &dashboard.panels {
                let answer = if asked.is_instant {
                    self.prometheus.now(&asked.expression)
                } else {
                    self.prometheus.last_minute(&asked.expression)
                };
                let answer = answer.with_context(|| format!("{}: {}", asked.place, asked.expression))?;
                if !has_data(&answer) {
                    lacking.push(format!("{}: no data for {}", asked.place, asked.expression));
                }
            }
            for choice in &dashboard.variables {
                let values = self.prometheus.values(&choice.label, &choice.selector);
                if values.with_context(|| choice.place.clone())?.is_empty() {
                    lacking.push(format!("{}: nothing to choose from", choice.place));
                }
            }
            for asked in &dashboard.annotations {
                self.prometheus.now(&asked.expression).with_context(|| asked.place.clone())?;
            }
        }
        for target in self.prometheus.targets()?.iter().filter(|target| target["health"] != "up") {
            lacking.push(format!("{} is not scraped: {}", target["scrapeUrl"], target["lastError"]));
        }
        Ok(lacking)
    }

    /// Every rule was evaluated without an error, every recorded series is there, every alert stands on series that are there,
    /// and none fires.
    fn rules_are_well(&self) -> Result<()> {
        let rules = self.prometheus.rules()?;
        let (mut wrong, mut alerts, mut recorded) = (Vec::new(), 0, 0);
        for rule in &rules {
            let (name, expression) = (text(&rule["name"]), text(&rule["query"]));
            if rule["health"] != "ok" {
                wrong.push(format!("{name}: {} {}", text(&rule["health"]), text(&rule["lastError"])));
            } else if rule["type"] == "recording" {
                recorded += 1;
                if !has_data(&self.prometheus.now(name)?) {
                    wrong.push(format!("{name} is never recorded: {expression}"));
                }
            } else {
                alerts += 1;
                wrong.extend(self.unfounded(name, expression)?);
                if rule["state"] != "inactive" {
                    wrong.push(format!("{name} is {} in a healthy system: {}", text(&rule["state"]), rule["alerts"]));
                }
            }
        }
        say!("   {recorded} recorded series and {alerts} alerts");
        if alerts == 0 || recorded == 0 {
            bail!("Prometheus loaded no rules");
        }
        none(&wrong)
    }

    fn unfounded(&self, name: &str, expression: &str) -> Result<Vec<String>> {
        let mut wrong = Vec::new();
        for selector in panels::selectors(expression) {
            let may_be_empty = ONLY_IN_TROUBLE.iter().any(|(known, _)| *known == selector);
            if !may_be_empty && self.prometheus.now(&selector)?.is_empty() {
                wrong.push(format!("{name} can never fire: nothing is {selector}"));
            }
        }
        Ok(wrong)
    }
}

/// The demo's incidents are told to a site of the demo world, so that there is something to see of deliveries.
fn tell_somebody(user: &api::Api, world: &str) -> Result<()> {
    let channel = json!({"name": "A site", "kind": "webhook", "settings": {"url": format!("{world}/up")}});
    let channel = user.post("/api/v1/channels", &channel)?;
    for policy in user.items("/api/v1/policies")? {
        let path = format!("/api/v1/policies/{}", text(&policy["id"]));
        user.patch(&path, &json!({"channels": [channel["id"]]}))?;
    }
    Ok(())
}

/// Scrapes often, so that a minute is long.
fn configuration(control: &[String], probes: &[String], api: &str, key: &str) -> String {
    let host = |url: &str| url.trim_start_matches("http://").to_owned();
    let hosts = |urls: &[String]| json!(urls.iter().map(|url| host(url)).collect::<Vec<_>>());
    let rules = testbed::root_dir().join("grafana/rules/*.yaml");
    let job = |name: &str, targets: Value| json!({"job_name": name, "static_configs": [{"targets": targets}]});
    let mut monitors = job("upguard-monitors", json!([host(api)]));
    monitors["metrics_path"] = json!("/api/v1/metrics");
    monitors["authorization"] = json!({"credentials": key});
    let jobs = [job("upguard-control", hosts(control)), job("upguard-probe", hosts(probes)), monitors];
    json!({
        "global": {"scrape_interval": "2s", "scrape_timeout": "2s", "evaluation_interval": "5s"},
        "rule_files": [rules],
        "scrape_configs": jobs,
    })
    .to_string()
}

/// What `promtool check metrics` has to say.
fn linted(page: &str) -> Result<Vec<String>> {
    let mut command = Command::new("promtool");
    command.args(["check", "metrics"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().context("cannot run promtool")?;
    child.stdin.take().context("promtool reads nothing")?.write_all(page.as_bytes())?;
    let output = child.wait_with_output()?;
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    if output.status.success() { Ok(Vec::new()) } else { Ok(said.lines().map(str::to_owned).collect()) }
}

fn none(wrong: &[String]) -> Result<()> {
    if wrong.is_empty() { Ok(()) } else { bail!("{} complaints:\n  {}", wrong.len(), wrong.join("\n  ")) }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
