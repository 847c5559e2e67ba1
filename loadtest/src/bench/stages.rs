//! Histograms: control's own of each stage of the pipeline, and of values measured here, in the same buckets.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use serde_json::{Value, json};
use testbed::http;

use super::{quantile, report::rounded};

/// The upper ends of the buckets, seconds; one without end follows.
const ENDS: [f64; 16] =
    [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 180.0, 600.0];

/// How often a stage took at most so long, by the end of the bucket as the metric writes it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Histogram {
    buckets: BTreeMap<String, f64>,
    count: f64,
    sum: f64,
}

/// A stage's histogram at an admin port.
pub(super) fn stage(admin: &str, stage: &str) -> Result<Histogram> {
    let text = http::get(&format!("{admin}/metrics"))?;
    Histogram::read(&text, stage).with_context(|| format!("no histogram of {stage} at {admin}/metrics"))
}

impl Histogram {
    fn read(text: &str, stage: &str) -> Option<Self> {
        let (mut found, label) = (Self::default(), format!("stage=\"{stage}\""));
        let lines = text.lines().filter_map(|line| line.strip_prefix("upguard_pipeline_seconds"));
        for line in lines.filter(|line| line.contains(&label)) {
            let value: f64 = line.rsplit(' ').next()?.parse().ok()?;
            match line.split_once('{')?.0 {
                "_bucket" => {
                    let end = line.split_once("le=\"")?.1.split('"').next()?;
                    found.buckets.insert(end.to_owned(), value);
                }
                "_count" => found.count = value,
                _ => found.sum = value,
            }
        }
        (!found.buckets.is_empty()).then_some(found)
    }

    /// What was added since `before`, over the buckets that are not empty, with the quantiles' upper bounds.
    pub(super) fn since(&self, before: &Self) -> Value {
        let added = |end: &str| self.buckets.get(end).unwrap_or(&0.0) - before.buckets.get(end).unwrap_or(&0.0);
        let ends: Vec<_> = ENDS.iter().map(f64::to_string).chain(["+Inf".to_owned()]).collect();
        let ends: Vec<_> = ends.into_iter().filter(|end| self.buckets.contains_key(end)).collect();
        let upto: Vec<_> = ends.iter().map(|end| added(end)).collect();
        let count = self.count - before.count;
        let within =
            |share: f64| ends.iter().zip(&upto).find(|(_, n)| **n >= count * share).map(|(end, _)| end.clone());
        let each = upto.iter().enumerate().map(|(n, upto_here)| upto_here - n.checked_sub(1).map_or(0.0, |n| upto[n]));
        let buckets: serde_json::Map<_, _> =
            ends.iter().zip(each).filter(|(_, n)| *n > 0.0).map(|(end, n)| (end.clone(), json!(n as u64))).collect();
        let mean = if count > 0.0 { (self.sum - before.sum) / count } else { 0.0 };
        json!({
            "count": count as u64, "mean": rounded(mean), "p50_within": within(0.5), "p99_within": within(0.99),
            "buckets": buckets,
        })
    }
}

/// The same of values measured here, with exact quantiles.
pub(super) fn of(seconds: &[f64]) -> Value {
    let mut buckets = serde_json::Map::new();
    let mut least = f64::NEG_INFINITY;
    for end in ENDS.into_iter().chain([f64::INFINITY]) {
        let count = seconds.iter().filter(|value| **value > least && **value <= end).count();
        if count > 0 {
            buckets.insert(if end.is_finite() { end.to_string() } else { "+Inf".to_owned() }, count.into());
        }
        least = end;
    }
    let mean = seconds.iter().sum::<f64>() / seconds.len().max(1) as f64;
    json!({
        "count": seconds.len(), "mean": rounded(mean), "p50": rounded(quantile(seconds, 0.5)),
        "p99": rounded(quantile(seconds, 0.99)), "buckets": buckets,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metrics(first: u32, second: u32, all: u32) -> String {
        format!(
            "# TYPE upguard_pipeline_seconds histogram\n\
             upguard_pipeline_seconds_bucket{{stage=\"check\",le=\"0.001\"}} 7\n\
             upguard_pipeline_seconds_bucket{{stage=\"stored_to_notified\",le=\"0.001\"}} {first}\n\
             upguard_pipeline_seconds_bucket{{stage=\"stored_to_notified\",le=\"0.005\"}} {second}\n\
             upguard_pipeline_seconds_bucket{{stage=\"stored_to_notified\",le=\"+Inf\"}} {all}\n\
             upguard_pipeline_seconds_sum{{stage=\"stored_to_notified\"}} {}\n\
             upguard_pipeline_seconds_count{{stage=\"stored_to_notified\"}} {all}\n",
            f64::from(all) / 10.0
        )
    }

    #[test]
    fn a_stage_is_what_was_added() {
        let read = |text: &str| Histogram::read(text, "stored_to_notified").unwrap();
        let added = read(&metrics(1, 61, 111)).since(&read(&metrics(1, 1, 11)));
        let buckets = json!({"0.005": 60, "+Inf": 40});
        let whole = json!({"count": 100, "mean": 0.1, "p50_within": "0.005", "p99_within": "+Inf", "buckets": buckets});
        assert_eq!(added, whole);
        assert!(Histogram::read(&metrics(0, 0, 0), "due_to_queued").is_none());
    }

    #[test]
    fn values_fall_into_buckets() {
        let found = of(&[0.0005, 0.2, 0.25, 700.0]);
        assert_eq!(found["buckets"], json!({"0.001": 1, "0.25": 2, "+Inf": 1}));
        assert_eq!((found["count"].clone(), found["p99"].clone()), (json!(4), json!(700)));
    }
}
