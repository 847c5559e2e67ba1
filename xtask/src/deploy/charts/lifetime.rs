//! The life of a release in a real cluster, by both helms: installed with the very commands of the README, a second region beside
//! the first, upgraded, rolled back, tested, refused, uninstalled. No pod runs anything; each is admitted, or not.

mod admission;
mod site;

use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use self::site::Site;
use super::cases::Rendered;
use super::cluster::{Cluster, assets};
use super::commands;
use super::tools::Tools;
use super::yaml::list;
use crate::suite::steps::Steps;

const EXTERNAL: &str = "helm/upguard-control --values helm/upguard-control/ci/external-values.yaml --wait --timeout 2m";

pub(super) fn run(steps: &mut Steps, tools: &Tools, rendered: &[Rendered]) -> Result<()> {
    let Some(assets) = assets() else {
        steps.skip(
            "charts: in an API server",
            "KUBEBUILDER_ASSETS names no folder with kube-apiserver, so no chart was installed",
        );
        return Ok(());
    };
    let mut started = None;
    steps.run("charts: an API server starts", |interrupts| {
        started = Some(Cluster::start(&assets, tools, interrupts)?);
        Ok(())
    })?;
    let Some(cluster) = started else { return Ok(()) };
    let (major, minor) = cluster.version;
    steps.run(&format!("charts: Kubernetes {major}.{minor} admits our pods, and none of root"), |interrupts| {
        admission::check(&cluster, rendered, interrupts)
    })?;
    for (name, program) in tools.helms() {
        let life: [(&str, Life); 4] = [
            ("the README's commands, two regions", readme),
            ("install, upgrade, rollback, uninstall", revisions),
            ("every case the server has the kinds for", every_case),
            ("what is refused leaves nothing behind", refusals),
        ];
        for (what, live) in life {
            steps.run(&format!("charts: {name}, {what}"), |interrupts| {
                live(&Site::new(&cluster, program, what, interrupts)?, rendered)
            })?;
        }
    }
    Ok(())
}

type Life = fn(&Site, &[Rendered]) -> Result<()>;

/// Control, then two regions; each goes by itself.
fn readme(site: &Site, _: &[Rendered]) -> Result<()> {
    let commands = commands::of("README.md", "## Kubernetes")?;
    let [control, region] = &commands[..] else { anyhow::bail!("the README has not two helm commands: {commands:?}") };
    let other = region.replace("eu-west", "us-east").replace("probe-eu", "probe-us");
    ensure!(other != *region, "the README's second command is not that of probe-eu in eu-west");
    for command in [control, region, &other] {
        site.sh(command)?;
    }
    for (deployment, pods) in [("upguard", 2), ("probe-eu", 2), ("probe-us", 2)] {
        site.expect_ready(deployment, pods)?;
    }
    ensure!(site.setting("probe-us", "REGION_ID")? == "us-east", "the second region is not us-east");
    let passwords = site.secret("upguard-quickstart")?;
    ensure!(
        site.secret("upguard-region-eu-west")? != site.secret("upguard-region-us-east")?,
        "two regions, one password"
    );
    if site.makes_pods() {
        site.sh("helm test upguard")?;
        site.sh("helm test probe-eu")?;
    }
    site.sh(&control.replace("helm install", "helm upgrade"))?;
    ensure!(site.secret("upguard-quickstart")? == passwords, "an upgrade made up new passwords");
    site.sh("helm uninstall probe-eu --wait")?;
    site.expect_gone("probe-eu")?;
    site.expect_ready("probe-us", 2)?;
    site.sh("helm uninstall probe-us upguard --wait")?;
    site.expect_gone("probe-us")?;
    ensure!(site.secret("upguard-quickstart")? == passwords, "the passwords went, and the volumes stayed");
    site.sh(control)?;
    ensure!(site.secret("upguard-quickstart")? == passwords, "installed again, it does not know its passwords");
    site.sh("helm uninstall upguard --wait").map(drop)
}

fn revisions(site: &Site, _: &[Rendered]) -> Result<()> {
    for (name, key, value) in [
        ("upguard", "auth-secret", "0123456789abcdef0123456789abcdef"),
        ("upguard-postgres", "uri", "postgres://u:p@db.example.org/upguard"),
        ("upguard-redis", "url", "redis://u:p@redis.example.org"),
    ] {
        site.give(&json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name},
            "stringData": {key: value, "secrets-key": "0123456789abcdef0123456789abcdef"}}))?;
    }
    site.sh(&format!("helm install upguard {EXTERNAL}"))?;
    site.expect_ready("upguard", 3)?;
    let first = site.template("upguard")?;
    site.sh(&format!("helm upgrade upguard {EXTERNAL}"))?;
    ensure!(site.template("upguard")? == first, "an upgrade to the same rolls the pods");
    site.sh(&format!("helm upgrade upguard {EXTERNAL} --set-json config.alerting.coverage=0.5"))?;
    ensure!(site.setting("upguard", "UPGUARD_ALERTING__COVERAGE")? == "0.5", "the new setting is not there");
    ensure!(site.template("upguard")? != first, "a new setting rolls no pod");
    site.expect_ready("upguard", 3)?;
    site.sh("helm rollback upguard 1 --wait --timeout 2m")?;
    ensure!(site.template("upguard")? == first, "what is rolled back is not as it was");
    ensure!(site.setting("upguard", "UPGUARD_ALERTING__COVERAGE").is_err(), "the new setting stayed");
    site.expect_ready("upguard", 3)?;
    site.sh("helm uninstall upguard --wait")?;
    site.expect_gone("upguard")
}

/// Objects are accepted, whatever the values; without waiting, since not every case's surroundings are there.
fn every_case(site: &Site, rendered: &[Rendered]) -> Result<()> {
    let known = site.api_versions()?;
    let mut names = Vec::new();
    for one in rendered.iter().filter(|one| one.kubernetes == super::cases::KUBERNETES[0]) {
        let lacks = one.objects.iter().filter_map(|object| object["apiVersion"].as_str());
        // What a server is too old for, charts leave out by themselves; kinds of operators they were asked for.
        let lacks: Vec<&str> =
            lacks.filter(|version| !known.lines().any(|known| known == *version) && *version != "policy/v1").collect();
        if lacks.is_empty() {
            let values = one.case.values.display().to_string();
            site.sh(&format!("helm install upguard helm/{} --values '{values}'", one.case.chart))?;
            site.sh("helm uninstall upguard --wait")?;
            names.push(one.case.title());
        }
    }
    ensure!(names.len() >= 7, "only {names:?} were installed");
    Ok(())
}

/// By the templates, by the server, and by the release that is there already.
fn refusals(site: &Site, _: &[Rendered]) -> Result<()> {
    let probe = "helm install probe-eu helm/upguard-probe --set redis.existingSecret=redis";
    let to = "networkPolicy.redis.to[0]";
    for (command, expected) in [
        (probe.to_owned(), "region is empty"),
        (
            format!("{probe} --set region=eu-west --set '{to}.ipBlock.cidr=10.0.0.300/8,{to}.namespaceSelector=null'"),
            "cidr",
        ),
        (format!("{probe} --set region=eu-west --set 'podLabels.a=has a blank'"), "label"),
    ] {
        let refused = site.sh(&command).err().with_context(|| format!("not refused: {command}"))?;
        ensure!(format!("{refused:#}").contains(expected), "the complaint lacks `{expected}`: {refused:#}");
        let _ = site.sh("helm uninstall probe-eu --wait");
        site.expect_gone("probe-eu")?;
    }
    site.sh(&format!("{probe} --set region=eu-west --wait --timeout 2m"))?;
    let again = site.sh(&format!("{probe} --set region=us-east")).err().context("one name was given twice")?;
    ensure!(format!("{again:#}").contains("in use"), "{again:#}");
    ensure!(site.setting("probe-eu", "REGION_ID")? == "eu-west", "the second took the first one's place");
    site.sh("helm uninstall probe-eu --wait").map(drop)
}

/// How many pods of a deployment are ready, and how many there are.
fn ready(deployment: &Value) -> (u64, u64) {
    let count = |key: &str| deployment["status"][key].as_u64().unwrap_or(0);
    (count("readyReplicas"), count("replicas"))
}

/// Whether a list of objects of the server has any that is not marked to outlive its release.
fn any_left(objects: &Value) -> bool {
    list(&objects["items"]).any(|object| {
        object["metadata"]["annotations"]["helm.sh/resource-policy"] != "keep"
            && object["kind"] != "PersistentVolumeClaim"
    })
}

/// Used by the parts: a name that a namespace may have.
fn namespace(program: &Path, what: &str) -> String {
    let major = program.ancestors().nth(2).and_then(Path::file_name).unwrap_or_default().to_string_lossy().into_owned();
    let words: String = what.chars().filter(char::is_ascii_alphabetic).take(12).collect();
    format!("{major}-{}", words.to_lowercase())
}
