//! What the dashboards and rules ask of Prometheus: every expression of every panel, every variable, every selector of every
//! alert. It reads files; it does not ask.

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use anyhow::{Context, Result, bail};
use regex_lite::{Captures, Regex};
use serde_json::Value;

/// A question, and who asks it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Question {
    pub(super) place: String,
    pub(super) expression: String,
    /// Of this moment alone; otherwise of a range of time.
    pub(super) is_instant: bool,
}

/// `label_values(selector, label)`: what there is to choose from.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Choice {
    pub(super) place: String,
    pub(super) selector: String,
    pub(super) label: String,
}

/// A dashboard's questions.
#[derive(Debug, Default)]
pub(super) struct Dashboard {
    pub(super) panels: Vec<Question>,
    pub(super) variables: Vec<Choice>,
    /// They mark what happened, and mostly nothing did.
    pub(super) annotations: Vec<Question>,
}

/// Reads one.
pub(super) fn read(file: &Path) -> Result<Dashboard> {
    let text = fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let dashboard: Value = serde_json::from_str(&text).with_context(|| format!("{} is not JSON", file.display()))?;
    let name = file.file_stem().unwrap_or_default().to_string_lossy();
    questions(&name, &dashboard)
}

fn questions(name: &str, dashboard: &Value) -> Result<Dashboard> {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let mut found = Dashboard::default();
    for panel in
        list(&dashboard["panels"]).iter().flat_map(|panel| [vec![panel.clone()], list(&panel["panels"])].concat())
    {
        for target in list(&panel["targets"]) {
            found.panels.push(Question {
                place: format!("{name} / {} / {}", text(&panel["title"]), text(&target["refId"])),
                expression: filled_in(text(&target["expr"]))?,
                is_instant: target["instant"] == true,
            });
        }
    }
    for annotation in list(&dashboard["annotations"]["list"]) {
        found.annotations.push(Question {
            place: format!("{name} / annotation {}", text(&annotation["name"])),
            expression: filled_in(text(&annotation["target"]["expr"]))?,
            is_instant: true,
        });
    }
    for variable in list(&dashboard["templating"]["list"]).iter().filter(|variable| variable["type"] == "query") {
        let place = format!("{name} / ${}", text(&variable["name"]));
        let query = text(&variable["query"]["query"]);
        let (selector, label) = query
            .strip_prefix("label_values(")
            .and_then(|rest| rest.strip_suffix(')')?.rsplit_once(", "))
            .with_context(|| format!("{place}: {query:?} is not label_values(selector, label)"))?;
        found.variables.push(Choice { place, selector: filled_in(selector)?, label: label.to_owned() });
    }
    Ok(found)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

static VARIABLE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\$(\w+|\{\w+(:\w+)?\})").ok());

/// Grafana's own variables as of a panel of some minutes, ours as if all were chosen.
fn filled_in(expression: &str) -> Result<String> {
    let value = |found: &Captures| match found[1].trim_matches(['{', '}']).split(':').next() {
        Some("__rate_interval") => "1m",
        Some("__range") => "5m",
        Some("__interval") => "15s",
        _ => ".*",
    };
    let variable = VARIABLE.as_ref().context("the pattern of variables")?;
    let filled = variable.replace_all(expression, value).into_owned();
    if filled.is_empty() || filled.contains('$') {
        bail!("{expression:?} cannot be asked");
    }
    Ok(filled)
}

static SELECTOR: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\b(([a-z_0-9]+:)?upguard[a-z0-9_:]*|probe_[a-z0-9_]+|up)\b(\{[^}]*\})?").ok());

/// The selectors in an expression: what has to be there for it to mean anything.
pub(super) fn selectors(expression: &str) -> Vec<String> {
    // Strings are read with what they select; those inside functions, as in label_replace, name no metric.
    SELECTOR
        .as_ref()
        .map(|pattern| pattern.find_iter(expression).map(|found| found.as_str().to_owned()).collect())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_question_of_a_dashboard_is_found() {
        let dashboard = json!({
            "panels": [
                {"title": "A", "targets": [{"refId": "A", "expr": "a{region=~\"$region\"}"}, {"refId": "B", "expr": "b[$__rate_interval]", "instant": true}]},
                {"title": "Row", "panels": [{"title": "C", "targets": [{"refId": "A", "expr": "c{lane=~\"${lane:regex}\"}"}]}]}
            ],
            "annotations": {"list": [{"name": "Alerts", "target": {"expr": "ALERTS"}}]},
            "templating": {"list": [{"name": "datasource", "type": "datasource"},
                {"name": "lane", "type": "query", "query": {"query": "label_values(d{x=\"y, z\"}, lane)"}}]}
        });
        let found = questions("x", &dashboard).unwrap();
        let asked: Vec<_> =
            found.panels.iter().map(|each| (&each.place[..], &each.expression[..], each.is_instant)).collect();
        assert_eq!(
            asked,
            [
                ("x / A / A", "a{region=~\".*\"}", false),
                ("x / A / B", "b[1m]", true),
                ("x / C / A", "c{lane=~\".*\"}", false)
            ]
        );
        assert_eq!(found.annotations[0].expression, "ALERTS");
        let lane =
            Choice { place: "x / $lane".to_owned(), selector: "d{x=\"y, z\"}".to_owned(), label: "lane".to_owned() };
        assert_eq!(found.variables, [lane]);
        assert!(filled_in("a $ b").is_err() && filled_in("").is_err());
    }

    #[test]
    fn selectors_are_metrics_with_their_matchers() {
        let found = selectors(
            "sum by (up_to) (rate(upguard_x_total{a=\"b\"}[5m])) / region:upguard_y:sum > 2 and up{job=~\"c\"} == 0",
        );
        assert_eq!(found, ["upguard_x_total{a=\"b\"}", "region:upguard_y:sum", "up{job=~\"c\"}"]);
    }
}
