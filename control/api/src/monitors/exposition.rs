//! An organisation's monitors in Prometheus' text format: what each region found last. Pure: monitors and their words come
//! in, a page comes out.
//!
//! "Not checked" is never shown as up: a region that nobody looked from, or whose probe doubts what it saw, has no series at
//! all, and neither has a phase that was not measured. It does not know how old a word may be; the store hands out none
//! that is too old.

use std::collections::BTreeMap;

use domain::{
    keys::RegionKey,
    watched::{Watched, Word},
};
use prometheus::{
    Error, TextEncoder,
    proto::{Gauge, LabelPair, Metric, MetricFamily, MetricType},
};
use wire::{Kind, Region, Verdict};

use crate::monitors::families::{Family, SERIES_CUT};

/// Names of the phases, in the order they are measured.
const PHASES: [&str; 5] = ["resolve", "connect", "tls", "processing", "transfer"];
/// Which of them is the handshake.
const TLS: usize = 2;

/// The page. `cut` is how many series there was no room for.
pub(super) fn page(monitors: &[Watched], regions: &BTreeMap<RegionKey, Region>, cut: i64) -> Result<String, Error> {
    let mut text = String::new();
    // One family after the other: what the encoder takes is many times as large as what it makes of it.
    for family in Family::all() {
        let metrics: Vec<_> = match family {
            Family::Info => monitors.iter().map(info).collect(),
            _ => monitors.iter().flat_map(|monitor| of_regions(family, monitor, regions)).collect(),
        };
        write((&family.name(), family.help()), metrics, &mut text)?;
    }
    write(SERIES_CUT, vec![gauge(Vec::new(), cut as f64)], &mut text)?;
    Ok(text)
}

fn write((name, help): (&str, &str), metrics: Vec<Metric>, text: &mut String) -> Result<(), Error> {
    if metrics.is_empty() {
        return Ok(());
    }
    let mut family = MetricFamily::default();
    family.set_name(name.to_owned());
    family.set_help(help.to_owned());
    family.set_field_type(MetricType::GAUGE);
    family.set_metric(metrics);
    TextEncoder::new().encode_utf8(&[family], text)
}

fn info(monitor: &Watched) -> Metric {
    // What follows may be a token: it is nobody's name for a target.
    let url = monitor.url.split(['?', '#']).next().unwrap_or_default();
    let id = monitor.id.0.to_string();
    let kind = Kind::of_url(&monitor.url).map_or("", Kind::as_str);
    gauge(vec![label("kind", kind), label("monitor", &id), label("name", &monitor.name), label("url", url)], 1.0)
}

fn of_regions(family: Family, monitor: &Watched, regions: &BTreeMap<RegionKey, Region>) -> Vec<Metric> {
    let id = monitor.id.0.to_string();
    let mut metrics = Vec::new();
    for word in monitor.words.iter().filter(|word| word.verdict != Verdict::Missed && !word.is_suspect) {
        let Some(region) = regions.get(&word.region) else { continue };
        for (more, value) in values(family, monitor, word) {
            let mut labels = vec![label("monitor", &id), label("region", region.as_str())];
            labels.extend(more.map(|(name, value)| label(name, value)));
            metrics.push(gauge(labels, value));
        }
    }
    metrics
}

/// A further label, where there is one, and the value.
type Sample = (Option<(&'static str, &'static str)>, f64);

fn values(family: Family, monitor: &Watched, word: &Word) -> Vec<Sample> {
    let plain = |value: Option<f64>| value.map(|value| (None, value)).into_iter().collect();
    let seconds = |us: i64| us as f64 / 1e6;
    match family {
        Family::Info => Vec::new(),
        Family::Success => plain(Some(if word.verdict == Verdict::Down { 0.0 } else { 1.0 })),
        Family::Duration => {
            let measured = word.phases_us.iter().flatten().map(|us| i64::from(*us));
            plain(measured.reduce(|sum, us| sum + us).map(seconds))
        }
        Family::Phases(of) if Kind::of_url(&monitor.url) != Some(of) => Vec::new(),
        Family::Phases(_) => {
            let measured = PHASES.iter().zip(word.phases_us).filter_map(|(phase, us)| Some((*phase, us?)));
            measured.map(|(phase, us)| (Some(("phase", phase)), seconds(us.into()))).collect()
        }
        Family::HttpStatus => plain(word.http_status.map(f64::from)),
        Family::CertExpiry => {
            plain(monitor.cert_not_after.filter(|_| word.phases_us[TLS].is_some()).map(|end| end as f64))
        }
        Family::Reason => word.reason.map(|reason| (Some(("reason", reason.as_str())), 1.0)).into_iter().collect(),
    }
}

fn label(name: &str, value: &str) -> LabelPair {
    let mut pair = LabelPair::default();
    pair.set_name(name.to_owned());
    pair.set_value(value.to_owned());
    pair
}

fn gauge(labels: Vec<LabelPair>, value: f64) -> Metric {
    let mut gauge = Gauge::default();
    gauge.set_value(value);
    let mut metric = Metric::from_gauge(gauge);
    metric.set_label(labels);
    metric
}

#[cfg(test)]
mod tests {
    use domain::watched::Allowance;
    use uuid::Uuid;
    use wire::{MonitorId, Reason};

    use super::*;

    const ID: &str = "00000000-0000-0000-0000-000000000007";

    fn word(region: i16, verdict: Verdict) -> Word {
        Word {
            region: RegionKey(region),
            verdict,
            reason: None,
            is_suspect: false,
            phases_us: [None; 5],
            http_status: None,
        }
    }

    fn watched(name: &str, url: &str, words: Vec<Word>) -> Watched {
        let (name, url) = (name.to_owned(), url.to_owned());
        Watched { id: MonitorId(Uuid::from_u128(7)), name, url, cert_not_after: Some(1_800_000_000), words }
    }

    /// The page without what is said about it.
    fn series(monitors: &[Watched]) -> Vec<String> {
        let regions = BTreeMap::from([(RegionKey(1), "eu".parse().unwrap()), (RegionKey(2), "us".parse().unwrap())]);
        let text = page(monitors, &regions, 0).unwrap();
        text.lines().filter(|line| !line.starts_with('#')).map(|line| line.replace(ID, "7")).collect()
    }

    #[test]
    fn what_was_measured_is_shown_and_nothing_else() {
        let up = Word {
            phases_us: [Some(1_500), Some(20_000), Some(30_000), Some(0), None],
            http_status: Some(204),
            ..word(1, Verdict::Up)
        };
        let down = Word { reason: Some(Reason::TimeoutConnect), ..word(2, Verdict::Down) };
        assert_eq!(
            series(&[watched("shop", "https://a.example/b?token=c#d", vec![up, down])]),
            [
                r#"upguard_monitor_info{kind="http",monitor="7",name="shop",url="https://a.example/b"} 1"#,
                r#"probe_success{monitor="7",region="eu"} 1"#,
                r#"probe_success{monitor="7",region="us"} 0"#,
                r#"probe_duration_seconds{monitor="7",region="eu"} 0.0515"#,
                r#"probe_http_duration_seconds{monitor="7",region="eu",phase="resolve"} 0.0015"#,
                r#"probe_http_duration_seconds{monitor="7",region="eu",phase="connect"} 0.02"#,
                r#"probe_http_duration_seconds{monitor="7",region="eu",phase="tls"} 0.03"#,
                r#"probe_http_duration_seconds{monitor="7",region="eu",phase="processing"} 0"#,
                r#"probe_http_status_code{monitor="7",region="eu"} 204"#,
                r#"probe_ssl_earliest_cert_expiry{monitor="7",region="eu"} 1800000000"#,
                r#"probe_failure_reason{monitor="7",region="us",reason="timeout_connect"} 1"#,
                "upguard_series_cut 0",
            ]
        );
    }

    #[test]
    fn degraded_is_a_success_with_a_reason_and_nobody_looked_is_neither() {
        let slow = Word { reason: Some(Reason::Latency), ..word(1, Verdict::Degraded) };
        let shown = series(&[watched("a", "http://a.example/", vec![slow])]);
        assert!(shown.contains(&r#"probe_success{monitor="7",region="eu"} 1"#.to_owned()));
        assert!(shown.contains(&r#"probe_failure_reason{monitor="7",region="eu",reason="latency"} 1"#.to_owned()));
        let missed = Word { reason: Some(Reason::NoProbe), ..word(1, Verdict::Missed) };
        let suspect = Word { is_suspect: true, http_status: Some(200), ..word(2, Verdict::Up) };
        let unknown_region = word(3, Verdict::Up);
        let shown = series(&[watched("a", "http://a.example/", vec![missed, suspect, unknown_region])]);
        assert_eq!(shown.len(), 2, "the info and the cut alone: {shown:?}");
    }

    #[test]
    fn no_name_breaks_out_of_its_quotes() {
        let name = "a\"} 1\nprobe_success{monitor=\"x\"} 1\n\\n \u{202e} 日本 \u{7f} \r";
        let shown = series(&[watched(name, "http://a.example/\"", vec![])]);
        let line = shown[0].clone();
        assert!(
            line.contains(r#"name="a\"} 1\nprobe_success{monitor=\"x\"} 1\n\\n "#) && line.contains("日本"),
            "{line}"
        );
        assert!(!shown.iter().any(|line| line.starts_with("probe_success")), "{shown:?}");
    }

    #[test]
    fn no_monitor_has_more_series_than_it_is_reckoned_with() {
        let full = Word {
            reason: Some(Reason::Status),
            phases_us: [Some(1); 5],
            http_status: Some(500),
            ..word(1, Verdict::Down)
        };
        let words = vec![full, Word { region: RegionKey(2), ..full }];
        let Allowance { of_monitor, of_region, .. } = Allowance::of(1);
        let shown = series(&[watched("a", "https://a.example/", words)]);
        assert_eq!(shown.len() as i64, of_monitor + 2 * of_region + 1);
    }
}
