//! The cases of the charts: each file of values in `helm/<chart>/ci`, linted, packed and rendered by both helms, as on an old
//! and on a new Kubernetes.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::helm::{CHARTS, chart_dir, helm, output};
use super::tools::Tools;
use super::yaml;

/// The oldest Kubernetes that takes everything, and the newest there is.
pub(crate) const KUBERNETES: [&str; 2] = ["1.25", "1.37"];
/// The operators' kinds are there.
const KINDS: [&str; 4] = [
    "monitoring.coreos.com/v1/ServiceMonitor",
    "monitoring.coreos.com/v1/PodMonitor",
    "monitoring.coreos.com/v1/PrometheusRule",
    "keda.sh/v1alpha1/ScaledObject",
];

/// One chart with one file of values.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    pub(crate) chart: &'static str,
    pub(crate) values: PathBuf,
}

/// What became of it.
#[derive(Debug)]
pub(crate) struct Rendered {
    pub(crate) case: Case,
    pub(crate) kubernetes: &'static str,
    pub(crate) objects: Vec<Value>,
}

impl Case {
    /// `upguard-probe/ci/region`
    pub(crate) fn title(&self) -> String {
        format!("{}/ci/{}", self.chart, self.name())
    }

    /// `region`, of `region-values.yaml`.
    pub(crate) fn name(&self) -> String {
        let stem = self.values.file_stem().unwrap_or_default().to_string_lossy();
        stem.trim_end_matches("-values").to_owned()
    }
}

/// Every case of both charts.
pub(crate) fn all() -> Result<Vec<Case>> {
    let mut cases = Vec::new();
    for chart in CHARTS {
        let folder = chart_dir(chart).join("ci");
        let files = fs::read_dir(&folder).with_context(|| format!("cannot list {}", folder.display()))?;
        let mut files = files.map(|file| Ok(file?.path())).collect::<Result<Vec<_>>>()?;
        files.sort();
        cases.extend(files.into_iter().map(|values| Case { chart, values }));
    }
    Ok(cases)
}

/// `helm lint --strict` of each.
pub(super) fn lint(tools: &Tools) -> Result<()> {
    for (name, program) in tools.helms() {
        for case in all()? {
            let mut command = helm(program);
            command.args(["lint", "--strict"]).arg(chart_dir(case.chart)).arg("--values").arg(&case.values);
            output(&mut command).with_context(|| format!("{name} lint, {}", case.title()))?;
        }
    }
    Ok(())
}

/// A packed chart carries what it links to, and renders the same.
pub(super) fn package(tools: &Tools) -> Result<()> {
    let folder = testbed::target_dir().join("kube-tools/packages");
    for (name, program) in tools.helms() {
        let _ = fs::remove_dir_all(&folder);
        for case in all()?.into_iter().filter(|case| ["monitored", "region"].contains(&case.name().as_str())) {
            let mut command = helm(program);
            command.arg("package").arg(chart_dir(case.chart)).arg("--destination").arg(&folder);
            output(&mut command).with_context(|| format!("{name} package {}", case.chart))?;
            let packed = folder.join(format!("{}-{}.tgz", case.chart, env!("CARGO_PKG_VERSION")));
            ensure!(packed.exists(), "{name} made no {}: its version is not the workspace's", packed.display());
            let [from_folder, from_package] = [chart_dir(case.chart), packed].map(|chart| {
                let mut command = helm(program);
                command.args(["template", "upguard"]).arg(chart).arg("--values").arg(&case.values);
                yaml::objects(&output(&mut command)?)
            });
            let (from_folder, from_package) = (from_folder?, from_package?);
            ensure!(from_folder == from_package, "{name}: {} packed is another chart", case.chart);
        }
    }
    Ok(())
}

/// Renders all; both helms give the same, but for passwords that are made up.
pub(super) fn render(tools: &Tools) -> Result<Vec<Rendered>> {
    let mut rendered = Vec::new();
    for case in all()? {
        for kubernetes in KUBERNETES {
            let [three, four] = tools.helms().map(|(name, program)| {
                let mut command = helm(program);
                command.args(["template", "upguard"]).arg(chart_dir(case.chart)).arg("--values").arg(&case.values);
                command.args(["--namespace", "watch", "--kube-version", kubernetes]);
                command.args(KINDS.iter().flat_map(|kind| ["--api-versions", kind]));
                let text = output(&mut command).with_context(|| format!("{name} template, {}", case.title()))?;
                yaml::objects(&text).with_context(|| case.title())
            });
            let (three, four) = (sorted(three?), sorted(four?));
            ensure!(!three.is_empty(), "{}: nothing is rendered", case.title());
            if case.name() != "quickstart" {
                ensure!(three == four, "{}: helm 3 and helm 4 render different objects", case.title());
            }
            let titles = |objects: &[Value]| objects.iter().map(yaml::title).collect::<Vec<_>>();
            ensure!(titles(&three) == titles(&four), "{}: helm 3 and helm 4 render other objects", case.title());
            rendered.push(Rendered { case: case.clone(), kubernetes, objects: three });
        }
    }
    Ok(rendered)
}

/// By kind and name, since the order is helm's own.
fn sorted(mut objects: Vec<Value>) -> Vec<Value> {
    objects.sort_by_key(yaml::title);
    objects
}
