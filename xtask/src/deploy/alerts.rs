//! The way of an alert, with Compose's own configurations: Prometheus fires it by our rules, Alertmanager gathers it with its
//! like, holds it back beside something worse, and tells a webhook. Waits are shortened; nothing else is.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use regex_lite::Regex;
use serde_json::{Value, json};

use super::alertmanager::{self, Alertmanager};
use super::charts::yaml;
use super::prometheus::Prometheus;
use super::rules::{files, made};
use super::stage::Stage;
use crate::interrupts::Interrupts;
use crate::screen::say;
use crate::suite::steps::Steps;

/// Compose's waits, and those of the test.
const WAITS: [(&str, &str); 2] = [("group_wait: 30s", "group_wait: 3s"), ("group_interval: 5m", "group_interval: 3s")];
/// How long anything may take that is awaited.
const LIMIT: Duration = Duration::from_secs(40);
/// Longer than the test's waits: who was to be told has been told then.
const QUIET: Duration = Duration::from_secs(8);

/// Something worse, what it holds back, and what it does not; each an alert with one more label.
const HELD: [[(&str, &str, &str); 3]; 5] = [
    [
        ("UpguardRegionWithoutProbe", "region", "eu-west"),
        ("UpguardStreamLagGrows", "region", "eu-west"),
        ("UpguardStreamLagGrows", "region", "us-east"),
    ],
    [
        ("UpguardErrorBudgetBurnsFast", "severity", "critical"),
        ("UpguardErrorBudgetBurnsSlowly", "severity", "warning"),
        ("UpguardDeliveriesDead", "severity", "critical"),
    ],
    [
        ("UpguardControlAbsent", "severity", "critical"),
        ("UpguardTargetDown", "job", "upguard-control"),
        ("UpguardTargetDown", "job", "upguard-probe"),
    ],
    [
        ("UpguardPostgresAway", "severity", "critical"),
        ("UpguardPusherLags", "lane", "0"),
        ("UpguardRegionWithoutProbe", "region", "eu-west"),
    ],
    [
        ("UpguardRedisAway", "severity", "critical"),
        ("UpguardProbeRedisErrors", "region", "eu-west"),
        ("UpguardProbeSuspect", "region", "eu-west"),
    ],
];

pub(super) fn run(steps: &mut Steps) -> Result<()> {
    steps.run("alerts: each has a receiver", |_| everybody_is_told())?;
    if !alertmanager::is_there() {
        steps.skip("alerts: the way to a receiver", "Alertmanager is not installed, so no alert was sent");
        return Ok(());
    }
    steps.run("alerts: what follows from something worse is held back", what_is_held_back)?;
    steps.run("alerts: from Prometheus to a receiver, gathered and held back", the_way_to_a_receiver)
}

/// Alertmanager's configuration for a webhook.
fn configuration(hook: &str) -> Result<String> {
    made("deploy/alertmanager/make-config.sh", |script| {
        script.env("ALERT_WEBHOOK", hook);
    })
}

/// `amtool config routes test`, for every alert there is with the labels it has.
fn everybody_is_told() -> Result<()> {
    let file = folder("routes")?.join("alertmanager.yml");
    fs::write(&file, configuration("http://127.0.0.1:1/")?)?;
    let mut severities = BTreeSet::new();
    let mut count = 0;
    for rules in files("grafana/rules", "yaml")? {
        let rules = yaml::file(&rules)?;
        for rule in yaml::list(&rules["groups"]).flat_map(|group| yaml::list(&group["rules"])) {
            let (Some(name), Some(severity)) = (rule["alert"].as_str(), rule["labels"]["severity"].as_str()) else {
                continue;
            };
            let mut amtool = Command::new("amtool");
            amtool.args(["config", "routes", "test", "--verify.receivers=operators"]);
            amtool.arg(format!("--config.file={}", file.display()));
            let output = amtool.args([format!("alertname={name}"), format!("severity={severity}")]).output()?;
            ensure!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
            severities.insert(severity.to_owned());
            count += 1;
        }
    }
    ensure!(count > 20 && severities.len() == 2, "only {count} alerts of the severities {severities:?}");
    say!("   {count} alerts, {severities:?}");
    Ok(())
}

/// Told over its API, one pair after the other.
fn what_is_held_back(interrupts: &Interrupts) -> Result<()> {
    let configuration = configuration("http://127.0.0.1:1/")?;
    for [worse, follows, other] in HELD {
        let alertmanager = Alertmanager::start(&folder("held")?, &configuration, interrupts)?;
        let labels = [worse, follows, other].map(|(name, key, value)| json!({"alertname": name, key: value}));
        alertmanager.tell(&json!([{"labels": labels[1]}, {"labels": labels[2]}]))?;
        ensure!(alertmanager.alerts()?.iter().all(|(_, held)| !held), "{follows:?} is held back by nothing worse");
        alertmanager.tell(&json!([{"labels": labels[0]}]))?;
        let alerts = alertmanager.alerts()?;
        for (labels, expected) in labels.iter().zip([false, true, false]) {
            let held = alerts.iter().find(|(found, _)| found == labels).map(|(_, held)| *held);
            ensure!(held == Some(expected), "beside {worse:?}, is {labels} held back? {held:?}, not {expected}");
        }
    }
    Ok(())
}

/// Three acts: two regions lose their probes; they are back, and PostgreSQL is gone; control is gone.
fn the_way_to_a_receiver(interrupts: &Interrupts) -> Result<()> {
    let stage = Stage::start()?;
    stage.show(Some(&page(&[("eu-west", 0, 60), ("ap-south", 0, 60), ("us-east", 2, 60)], true)));
    let mut configuration = configuration(&format!("http://{}/hook", stage.address))?;
    for (shipped, short) in WAITS {
        ensure!(configuration.contains(shipped), "{shipped} is not in\n{configuration}");
        configuration = configuration.replace(shipped, short);
    }
    let alertmanager = Alertmanager::start(&folder("way")?, &configuration, interrupts)?;
    let configuration = scraping(&stage.address, &alertmanager.address)?;
    let _prometheus = Prometheus::start(&folder("way-of-prometheus")?, &configuration, interrupts)?;
    let theatre = Theatre { stage, alertmanager, interrupts };

    // Gathered by name: two regions are one message. What waits there is no news, but what waits elsewhere is.
    theatre.expect(
        &["firing UpguardRegionWithoutProbe ap-south eu-west", "firing UpguardStreamLagGrows us-east"],
        &["UpguardStreamLagGrows ap-south", "UpguardStreamLagGrows eu-west"],
    )?;
    // What was held back is told when it outlasts what held it.
    theatre.stage.show(Some(&page(&[("eu-west", 1, 60), ("ap-south", 1, 0), ("us-east", 2, 0)], false)));
    theatre.expect(
        &[
            "firing UpguardPostgresAway -",
            "firing UpguardStreamLagGrows eu-west",
            "resolved UpguardRegionWithoutProbe ap-south eu-west",
        ],
        &["UpguardClosingLags -", "UpguardPusherLags -"],
    )?;
    theatre.stage.show(None);
    theatre.expect(
        &["firing UpguardControlAbsent -", "resolved UpguardPostgresAway -", "resolved UpguardStreamLagGrows eu-west"],
        &["UpguardTargetDown -"],
    )
}

/// Control's page: regions with their probes and the age of their oldest job, and whether PostgreSQL is there.
fn page(regions: &[(&str, u32, u32)], postgres: bool) -> String {
    let late = if postgres { 0 } else { 400 };
    let mut lines = vec![
        "upguard_build_info{version=\"0\"} 1".to_owned(),
        "upguard_redis_up 1".to_owned(),
        "upguard_lane_owner{lane=\"0\"} 1".to_owned(),
        format!("upguard_postgres_up {}", u8::from(postgres)),
        format!("upguard_pusher_lag_seconds{{lane=\"0\"}} {late}"),
        format!("upguard_closed_lag_seconds{{lane=\"0\"}} {late}"),
    ];
    for (region, probes, lag) in regions {
        lines.push(format!("upguard_region_workers{{region=\"{region}\",state=\"well\"}} {probes}"));
        lines.push(format!("upguard_stream_lag_seconds{{region=\"{region}\"}} {lag}"));
    }
    lines.join("\n") + "\n"
}

/// Prometheus' configuration as Compose has it, with the addresses of the test, and our rules in short.
fn scraping(control: &str, alertmanager: &str) -> Result<String> {
    let rules = folder("way-of-rules")?;
    let wait = Regex::new(r"(?m)^(\s+for): \d+[mh]$")?;
    for file in files("grafana/rules", "yaml")? {
        let name = file.file_name().context("a file without a name")?;
        fs::write(rules.join(name), wait.replace_all(&fs::read_to_string(&file)?, "$1: 2s").as_ref())?;
    }
    let mut made = made("deploy/prometheus/make-config.sh", |script| {
        script.env("RULES", &rules).env("PROBES", "probe.invalid");
    })?;
    for (shipped, ours) in [
        (r#""control-1:9090", "control-2:9090""#, format!("{control:?}")),
        ("alertmanager:9093", alertmanager.to_owned()),
        ("scrape_interval: 15s", "scrape_interval: 1s\n  scrape_timeout: 1s".to_owned()),
        ("evaluation_interval: 15s", "evaluation_interval: 1s".to_owned()),
    ] {
        ensure!(made.contains(shipped), "{shipped} is not in\n{made}");
        made = made.replace(shipped, &ours);
    }
    Ok(made)
}

struct Theatre<'a> {
    stage: Stage,
    alertmanager: Alertmanager,
    interrupts: &'a Interrupts,
}

impl Theatre<'_> {
    /// Waits until these messages have come and these alerts are held back; and then a while longer, in which nothing comes
    /// that says more.
    fn expect(&self, messages: &[&str], held: &[&str]) -> Result<()> {
        let mut told = Vec::new();
        let mut holds = BTreeSet::new();
        let done = self.interrupts.poll(LIMIT, || {
            told.extend(self.stage.told());
            let alerts = self.alertmanager.alerts()?;
            holds = alerts.iter().filter(|(_, held)| *held).map(|(labels, _)| name(labels)).collect();
            let all = held.iter().all(|alert| holds.contains(*alert));
            let has_come = |one: &&str| told.iter().any(|message| sentence(message) == **one);
            Ok((all && messages.iter().all(has_come)).then_some(()))
        })?;
        let sentences = |told: &[Value]| told.iter().map(sentence).collect::<Vec<_>>().join("\n  ");
        if done.is_none() {
            bail!("not all of {messages:?} and {held:?}: held back {holds:?}, told\n  {}", sentences(&told));
        }
        self.interrupts.poll(QUIET, || Ok(None::<()>))?;
        told.extend(self.stage.told());
        for message in &told {
            let mut firing = yaml::list(&message["alerts"]).filter(|alert| alert["status"] == "firing");
            if firing.any(|alert| held.contains(&name(&alert["labels"]).as_str())) {
                bail!("one of {held:?} is told:\n  {}", sentences(&told));
            }
            let summaries = yaml::list(&message["alerts"]).filter_map(|alert| alert["annotations"]["summary"].as_str());
            ensure!(summaries.count() > 0, "a message that says nothing: {message}");
        }
        say!("   {}", sentences(&told));
        Ok(())
    }
}

/// What happened, the alert, and its regions in order: `firing UpguardRegionWithoutProbe ap-south eu-west`.
fn sentence(message: &Value) -> String {
    let what = message["status"].as_str().unwrap_or_default();
    let alert = message["groupLabels"]["alertname"].as_str().unwrap_or_default();
    let alerts = yaml::list(&message["alerts"]).filter(|alert| alert["status"] == message["status"]);
    let regions: BTreeSet<&str> = alerts.map(|alert| alert["labels"]["region"].as_str().unwrap_or("-")).collect();
    format!("{what} {alert} {}", regions.into_iter().collect::<Vec<_>>().join(" "))
}

/// An alert and its region.
fn name(labels: &Value) -> String {
    let label = |key: &str| labels[key].as_str().unwrap_or("-").to_owned();
    format!("{} {}", label("alertname"), label("region"))
}

fn folder(name: &str) -> Result<PathBuf> {
    let folder = testbed::target_dir().join("deploy/alerts").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    Ok(folder)
}
