//! The proof of `--smoke`: the dashboard is served, and every demo monitor has, from every region, an outcome of this run that is what it should be.

use std::collections::HashSet;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::REGIONS;
use super::api::{Api, agent};
use super::demo::EXPECTED;
use super::system::LocalSystem;
use crate::screen::{say, table};

/// Two rounds of the slowest monitor, a lapsed lease and a busy machine.
const LIMIT: Duration = Duration::from_mins(1);

/// A result's key, to tell this run's from those of earlier ones.
fn key(monitor: &str, result: &Value) -> String {
    format!("{monitor} {} {} {}", result["slot"], result["region"], result["attempt"])
}

/// The keys of all demo results stored so far.
pub(crate) fn stored(api: &Api) -> Result<HashSet<String>> {
    let mut keys = HashSet::new();
    for (name, id) in demo_monitors(api)? {
        keys.extend(api.results(&id)?.iter().map(|result| key(&name, result)));
    }
    Ok(keys)
}

fn demo_monitors(api: &Api) -> Result<Vec<(String, String)>> {
    let monitors = api.monitors()?;
    let id_of = |name: &str| monitors.iter().find(|monitor| monitor["name"] == name)?["id"].as_str().map(str::to_owned);
    let found = EXPECTED
        .map(|(name, _)| Ok((name.to_owned(), id_of(name).with_context(|| format!("there is no monitor {name:?}"))?)));
    found.into_iter().collect()
}

/// The page at `/` is the dashboard's, and the script it starts with is there.
fn prove_dashboard(api: &Api) -> Result<()> {
    let text = |path: &str| -> Result<String> {
        let mut answer = agent().get(format!("{}{path}", api.base())).call()?;
        if answer.status() != 200 {
            bail!("{path} answered {}", answer.status());
        }
        Ok(answer.body_mut().read_to_string()?)
    };
    let page = text("/")?;
    let script = page.split("src=\"/assets/").nth(1).and_then(|rest| rest.split('"').next());
    let script = script.with_context(|| format!("the page at / is not the dashboard:\n{page}"))?;
    text(&format!("/assets/{script}")).map(drop)
}

/// Waits for the outcomes and returns them as a table, or fails with the table and what it lacks.
pub(crate) fn prove(system: &mut LocalSystem, api: &Api) -> Result<String> {
    prove_dashboard(api).context("the dashboard is not served")?;
    say!("waiting for outcomes of {} monitors from {}", EXPECTED.len(), REGIONS.join(" and "));
    let monitors = demo_monitors(api)?;
    let mut last = Picture::default();
    let proved = system.poll(LIMIT, || {
        last = Picture::take(api, &monitors)?;
        Ok(last.lacking.is_empty().then_some(()))
    })?;
    match proved {
        Some(()) => Ok(last.table()),
        None => {
            bail!("not within {} s: {}\n{}\n{}", LIMIT.as_secs(), last.lacking.join(", "), last.table(), system.tails())
        }
    }
}

/// The newest outcomes of this run, and what is missing in them.
#[derive(Debug, Default)]
struct Picture {
    rows: Vec<Vec<String>>,
    lacking: Vec<String>,
}

impl Picture {
    fn take(api: &Api, monitors: &[(String, String)]) -> Result<Self> {
        let mut picture = Self::default();
        for ((name, id), (_, expected)) in monitors.iter().zip(EXPECTED) {
            let results = api.results(id)?;
            let fresh: Vec<&Value> = results.iter().filter(|result| !api.before.contains(&key(name, result))).collect();
            for region in REGIONS {
                picture.add(name, region, expected, &fresh);
            }
        }
        Ok(picture)
    }

    /// A slot of before that was closed as missed meanwhile is no outcome.
    fn add(&mut self, name: &str, region: &str, expected: Option<&str>, fresh: &[&Value]) {
        let of_region = |result: &&&Value| result["region"] == region && result["verdict"] != "missed";
        let newest = fresh.iter().find(of_region);
        let verdict = newest.and_then(|result| result["verdict"].as_str());
        match (verdict, expected) {
            (None, _) => self.lacking.push(format!("{name} has no outcome from {region}")),
            (Some(verdict), Some(expected)) if verdict != expected => {
                self.lacking.push(format!("{name} is {verdict} from {region}, not {expected}"));
            }
            _ => {}
        }
        self.rows.push(row(name, region, newest.copied()));
    }

    fn table(&self) -> String {
        let head = ["monitor", "region", "verdict", "reason", "http", "ms"].map(str::to_owned).to_vec();
        table(&[&[head], &self.rows[..]].concat())
    }
}

fn row(name: &str, region: &str, result: Option<&Value>) -> Vec<String> {
    let Some(result) = result else { return [name, region, "-"].map(str::to_owned).to_vec() };
    let text = |key: &str| match &result[key] {
        Value::String(text) => text.clone(),
        Value::Null => "-".to_owned(),
        other => other.to_string(),
    };
    let seconds: f64 =
        result["phases"].as_object().into_iter().flat_map(|phases| phases.values()).filter_map(Value::as_f64).sum();
    let (verdict, reason, http) = (text("verdict"), text("reason"), text("http_status"));
    vec![name.to_owned(), region.to_owned(), verdict, reason, http, format!("{:.1}", seconds * 1000.0)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn lacking(expected: Option<&str>, results: &[Value]) -> Vec<String> {
        let mut picture = Picture::default();
        picture.add("shop", "eu-west", expected, &results.iter().collect::<Vec<_>>());
        assert_eq!(picture.rows.len(), 1);
        picture.lacking
    }

    #[test]
    fn only_an_outcome_of_the_region_with_the_expected_verdict_is_proof() {
        let result =
            |region: &str, verdict: &str| json!({"region": region, "verdict": verdict, "slot": 1, "attempt": 0});
        assert!(lacking(Some("up"), &[result("eu-west", "up")]).is_empty());
        assert!(lacking(None, &[result("eu-west", "down")]).is_empty());
        assert_eq!(lacking(Some("up"), &[result("eu-west", "down")]), ["shop is down from eu-west, not up"]);
        assert_eq!(lacking(None, &[result("us-east", "up")]), ["shop has no outcome from eu-west"]);
        assert_eq!(lacking(Some("up"), &[result("eu-west", "missed")]), ["shop has no outcome from eu-west"]);
    }

    #[test]
    fn phases_add_up_to_milliseconds() {
        let result = json!({"verdict": "up", "reason": null, "http_status": 200, "phases": {"resolve": 0.001, "connect": 0.0025}});
        assert_eq!(row("shop", "eu-west", Some(&result)), ["shop", "eu-west", "up", "-", "200", "3.5"]);
    }
}
