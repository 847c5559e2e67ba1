//! Rules about `grafana/`, which no single file shows broken: a metric that no program has, a recorded series that nobody
//! records, an alert without runbook or without a test that it fires and one that it stays silent, a panel that does not say
//! what to do.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use anyhow::{Context, Result};
use regex_lite::Regex;
use serde_json::Value;

use super::rules::{Violation, compile};

/// Where runbooks are read.
const RUNBOOKS: &str = "/blob/main/docs/runbooks/";

/// Where all alerts are listed.
const MANUAL: &str = "docs/monitoring.md";

/// A metric's name, or that of a recorded series.
static NAME: LazyLock<Regex> =
    LazyLock::new(|| compile(r"[a-z_]*[a-z]:upguard[a-z0-9_:]*|upguard:[a-z0-9_:]+|\b(upguard|probe)_[a-z0-9_]+"));

/// Where programs declare their metrics.
static DECLARING: LazyLock<Regex> =
    LazyLock::new(|| compile(r"^(probe|control(/\w+)?)/src/(.*/)?(metrics(/\w+)?|families|exposition)\.rs$"));

/// The text of files, by path relative to the checkout.
pub(crate) type Texts = Vec<(String, String)>;

/// What is untidy in the files of `grafana/`, of which `files` are all files of the checkout at `root`.
pub(crate) fn violations(root: &Path, files: &[String]) -> Result<Vec<(String, Violation)>> {
    let read = |keep: &dyn Fn(&str) -> bool| -> Result<Texts> {
        let kept = files.iter().filter(|path| keep(path));
        kept.map(|path| Ok((path.clone(), fs::read_to_string(root.join(path)).with_context(|| path.clone())?)))
            .collect()
    };
    let declaring = |path: &str| DECLARING.is_match(path);
    let ours = read(&|path| path.starts_with("grafana/"))?;
    let manifest = fs::read_to_string(root.join("Cargo.toml")).context("Cargo.toml")?;
    let repository = manifest.lines().find_map(|line| line.strip_prefix("repository = \"")?.strip_suffix('"'));
    let mut found = unknown_names(&ours, &read(&declaring)?);
    let manual = fs::read_to_string(root.join(MANUAL)).context(MANUAL)?;
    found.extend(alerts(&ours, files, repository.unwrap_or_default(), &manual));
    found.extend(panels(&ours));
    Ok(found)
}

fn violation(path: &str, line: usize, rule: String, mend: &'static str) -> (String, Violation) {
    (path.to_owned(), Violation { line: line + 1, rule, mend })
}

/// Names that neither a program exports nor a rule records.
fn unknown_names(ours: &Texts, declaring: &Texts) -> Vec<(String, Violation)> {
    let names = |text: &str| NAME.find_iter(text).map(|name| name.as_str().to_owned()).collect::<Vec<_>>();
    let exported: BTreeSet<String> = declaring.iter().flat_map(|(_, text)| names(text)).collect();
    let records = |line: &str| line.trim().strip_prefix("- record: ").map(str::to_owned);
    let recorded: BTreeSet<String> = ours.iter().flat_map(|(_, text)| text.lines().filter_map(records)).collect();
    let is_known = |name: &str| {
        let family = ["_bucket", "_sum", "_count"].iter().find_map(|suffix| name.strip_suffix(suffix));
        recorded.contains(name) || exported.contains(name) || family.is_some_and(|family| exported.contains(family))
    };
    let mut found = Vec::new();
    for (path, text) in ours {
        for (number, line) in text.lines().enumerate() {
            for name in names(line).into_iter().filter(|name| !is_known(name)) {
                let mend = "name one that the programs' metrics.rs declare or a rule in grafana/rules records";
                found.push(violation(path, number, format!("{name} is no metric"), mend));
            }
        }
    }
    found
}

/// Every alert has its runbook, where its annotation says, and both unit tests.
fn alerts(ours: &Texts, files: &[String], repository: &str, manual: &str) -> Vec<(String, Violation)> {
    let tests: String =
        ours.iter().filter(|(path, _)| path.starts_with("grafana/tests/")).map(|(_, text)| text.as_str()).collect();
    let mut found = Vec::new();
    for (path, text) in ours.iter().filter(|(path, _)| path.starts_with("grafana/rules/")) {
        for (number, line) in text.lines().enumerate() {
            let Some(name) = line.trim().strip_prefix("- alert: ") else { continue };
            let mut lacks = |is_there: bool, what: &str, mend| {
                if !is_there {
                    found.push(violation(path, number, format!("{name} {what}"), mend));
                }
            };
            let body = text.lines().skip(number + 1).take_while(|line| !line.trim().starts_with("- "));
            let body = body.collect::<Vec<_>>().join("\n");
            for field in ["severity:", "summary:", "description:"] {
                lacks(body.contains(field), &format!("has no {field}"), "whoever is called at night needs it");
            }
            let url = format!("runbook_url: {repository}{RUNBOOKS}{name}.md");
            lacks(
                body.lines().any(|line| line.trim() == url),
                "links to no runbook of its own",
                "runbook_url: …/docs/runbooks/<alert>.md",
            );
            let runbook = format!("docs/runbooks/{name}.md");
            lacks(files.contains(&runbook), "has no runbook", "write docs/runbooks/<alert>.md");
            lacks(
                manual.contains(&format!("(runbooks/{name}.md)")),
                "is not in the manual",
                "list it in docs/monitoring.md",
            );
            let (fires, silent) = tested(&tests, name);
            lacks(fires, "is not tested to fire", "add a unit test to grafana/tests");
            lacks(silent, "is not tested to stay silent", "add a unit test to grafana/tests");
        }
    }
    found
}

/// Whether some unit test expects the alert, and whether some expects none.
fn tested(tests: &str, name: &str) -> (bool, bool) {
    let mentions = tests
        .split("alertname: ")
        .skip(1)
        .filter(|rest| rest.strip_prefix(name).is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric())));
    let silent: Vec<bool> = mentions
        .filter_map(|rest| rest.split_once("exp_alerts:").map(|(_, expected)| expected.trim_start().starts_with("[]")))
        .collect();
    (silent.contains(&false), silent.contains(&true))
}

/// Every panel says what to do, in what unit it is, and where it gets bad; every dashboard has a name of its own for ever.
fn panels(ours: &Texts) -> Vec<(String, Violation)> {
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    for (path, text) in ours.iter().filter(|(path, _)| path.starts_with("grafana/dashboards/")) {
        let mut lacks = |rule: String, mend| found.push(violation(path, 0, rule, mend));
        let Ok(dashboard) = serde_json::from_str::<Value>(text) else {
            lacks("is not JSON".to_owned(), "mend the JSON");
            continue;
        };
        let uid = dashboard["uid"].as_str().unwrap_or_default();
        if !uid.starts_with("upguard-") || !seen.insert(uid.to_owned()) {
            lacks(format!("has the uid {uid:?}"), "give it one of its own, upguard-<name>, and never change it");
        }
        for panel in dashboard["panels"].as_array().into_iter().flatten().filter(|panel| panel["type"] != "row") {
            let title = panel["title"].as_str().unwrap_or_default();
            let defaults = &panel["fieldConfig"]["defaults"];
            let is_told = panel["description"].as_str().is_some_and(|text| text.len() > 20);
            if !is_told || title.is_empty() {
                lacks(format!("{title:?} has no description"), "say what to do when it is bad");
            }
            if defaults["unit"].is_null() || defaults["thresholds"].is_null() {
                lacks(
                    format!("{title:?} has no unit or no thresholds"),
                    "say what its numbers are, and from where on they are bad",
                );
            }
            if panel["datasource"]["uid"] != "${datasource}" {
                lacks(format!("{title:?} has a data source of its own"), "use ${datasource}");
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: &str = "groups:\n  - rules:\n      - record: region:upguard_a:sum\n        expr: sum by (region) (upguard_a_total)\n\
        \x20     - alert: Bad\n        expr: region:upguard_a:sum > 1\n        labels: {severity: warning}\n        annotations:\n\
        \x20         summary: s\n          description: d\n          runbook_url: https://x/blob/main/docs/runbooks/Bad.md\n";
    const TESTS: &str = "alertname: Bad\n  exp_alerts:\n    - exp_labels: {}\n- {alertname: Bad, exp_alerts: []}\n- {alertname: Badly, exp_alerts: []}\n";
    const DASHBOARD: &str = r#"{"uid": "upguard-x", "panels": [{"type": "row"}, {"type": "stat", "title": "A", "description": "Bad when it is red: look at B.",
        "datasource": {"uid": "${datasource}"}, "fieldConfig": {"defaults": {"unit": "s", "thresholds": {}}}, "targets": [{"expr": "upguard_a_total"}]}]}"#;

    fn broken(rules: &str, tests: &str, dashboard: &str) -> String {
        let texts = |all: &[(&str, &str)]| {
            all.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect::<Texts>()
        };
        let ours = texts(&[
            ("grafana/rules/a.yaml", rules),
            ("grafana/tests/a.yaml", tests),
            ("grafana/dashboards/a.json", dashboard),
        ]);
        let declaring = texts(&[("control/engine/src/metrics.rs", "\"upguard_a_total\"")]);
        let mut found = unknown_names(&ours, &declaring);
        found.extend(alerts(&ours, &["docs/runbooks/Bad.md".to_owned()], "https://x", "[Bad](runbooks/Bad.md)"));
        found.extend(panels(&ours));
        found.into_iter().map(|(_, found)| found.rule).collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn what_is_whole_is_left_alone() {
        assert_eq!(broken(RULES, TESTS, DASHBOARD), "");
    }

    #[test]
    fn every_rule_can_be_broken() {
        let rules = |from: &str, to: &str| broken(&RULES.replace(from, to), TESTS, DASHBOARD);
        let dashboard = |from: &str, to: &str| broken(RULES, TESTS, &DASHBOARD.replace(from, to));
        assert_eq!(rules("(upguard_a_total)", "(upguard_b_total)"), "upguard_b_total is no metric");
        assert_eq!(
            rules("expr: region:upguard_a:sum", "expr: region:upguard_c:sum"),
            "region:upguard_c:sum is no metric"
        );
        assert_eq!(rules("labels: {severity: warning}", "labels: {}"), "Bad has no severity:");
        assert_eq!(rules("runbooks/Bad.md", "runbooks/Good.md"), "Bad links to no runbook of its own");
        assert_eq!(
            broken(RULES, &TESTS.replace("exp_alerts:\n", "exp_alerts: []\n"), DASHBOARD),
            "Bad is not tested to fire"
        );
        assert_eq!(
            broken(RULES, &TESTS.replace("Bad, exp", "Badly, exp"), DASHBOARD),
            "Bad is not tested to stay silent"
        );
        let unread = alerts(&vec![("grafana/rules/a.yaml".to_owned(), RULES.to_owned())], &[], "https://x", "");
        for rule in ["Bad has no runbook", "Bad is not in the manual"] {
            assert!(unread.iter().any(|(_, found)| found.rule == rule), "{rule}");
        }
        assert_eq!(dashboard("Bad when it is red: look at B.", ""), "\"A\" has no description");
        assert_eq!(dashboard("\"unit\": \"s\", ", ""), "\"A\" has no unit or no thresholds");
        assert_eq!(dashboard("upguard-x", "x"), "has the uid \"x\"");
        assert_eq!(dashboard("${datasource}", "P1"), "\"A\" has a data source of its own");
        assert_eq!(dashboard("upguard_a_total", "upguard_a_bucket"), "upguard_a_bucket is no metric");
        assert_eq!(dashboard("}]}", ""), "is not JSON");
    }
}
