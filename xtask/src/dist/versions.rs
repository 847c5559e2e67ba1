//! One version everywhere: the workspace's, the charts', and the changelog's.

use std::fs;

use anyhow::{Context, Result, bail};

const CHARTS: [&str; 2] = ["helm/upguard-control/Chart.yaml", "helm/upguard-probe/Chart.yaml"];

/// The version all agree on, which is `wanted` if one is. Only a version that is asked for must have its own heading.
pub(super) fn agreed(wanted: Option<&str>) -> Result<String> {
    let version = workspace(&file("Cargo.toml")?)?;
    if let Some(wanted) = wanted.filter(|wanted| *wanted != version) {
        bail!("Cargo.toml says {version}, not {wanted}: change workspace.package.version");
    }
    for chart in CHARTS {
        require_chart(chart, &file(chart)?, &version)?;
    }
    require_heading(&file("CHANGELOG.md")?, &version, wanted.is_some())?;
    Ok(version)
}

fn file(path: &str) -> Result<String> {
    fs::read_to_string(testbed::root_dir().join(path)).with_context(|| format!("cannot read {path}"))
}

fn workspace(cargo: &str) -> Result<String> {
    let cargo: toml::Value = toml::from_str(cargo)?;
    let version = cargo.get("workspace").and_then(|it| it.get("package")?.get("version")?.as_str());
    Ok(version.context("Cargo.toml has no workspace.package.version")?.to_owned())
}

fn require_chart(path: &str, chart: &str, version: &str) -> Result<()> {
    for key in ["version", "appVersion"] {
        let line = chart.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':'));
        let says = line.with_context(|| format!("{path} has no {key}"))?.trim().trim_matches('"');
        if says != version {
            bail!("{path}: {key} is {says}, and the workspace's version is {version}");
        }
    }
    Ok(())
}

fn require_heading(changelog: &str, version: &str, is_release: bool) -> Result<()> {
    let first = changelog.lines().find_map(|line| line.strip_prefix("## ")).unwrap_or_default();
    let is_its_own = first.split(' ').next().is_some_and(|word| word.trim_matches(['[', ']']) == version);
    if is_its_own || (!is_release && first == "Unreleased") {
        return Ok(());
    }
    bail!("the first heading of CHANGELOG.md is `## {first}`, and that of a release is `## {version} - YYYY-MM-DD`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_agree_now() {
        assert!(agreed(None).unwrap().split('.').count() == 3);
        let other = agreed(Some("99.0.0")).unwrap_err().to_string();
        assert!(other.contains("not 99.0.0"), "{other}");
    }

    #[test]
    fn whoever_differs_is_named() {
        let chart = |text: &str| require_chart("Chart.yaml", text, "1.2.3");
        assert!(chart("version: 1.2.3\nappVersion: \"1.2.3\"\n").is_ok());
        assert!(chart("version: 1.2.3\nappVersion: 1.2.2\n").unwrap_err().to_string().contains("appVersion is 1.2.2"));
        assert!(chart("version: 1.2.3\n").is_err());
        assert!(require_heading("# Changelog\n\n## 1.2.3 - 2030-01-01\n", "1.2.3", true).is_ok());
        assert!(require_heading("## Unreleased\n", "1.2.3", false).is_ok());
        assert!(require_heading("## Unreleased\n", "1.2.3", true).is_err());
        assert!(require_heading("## 1.2.2 - 2030-01-01\n", "1.2.3", false).is_err());
    }
}
