//! Every metric of the probe, by name. Labels are closed enums and the region, every series starts at zero, and the handles
//! are looked up once: counting a check costs an array index and an atomic.

use std::collections::HashMap;

use prometheus::{
    Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry,
    TextEncoder, core::Collector,
};
use wire::{Diagnosis, Kind, Outcome, Phases, Reason, Region, Verdict};

/// The label `kind` of a job this probe could not read.
const UNKNOWN: &str = "unknown";

/// Reasons only control gives: no probe ever does, so they are no series here.
const CONTROLS_OWN: [Reason; 4] = [Reason::NoProbe, Reason::Scheduler, Reason::Backpressure, Reason::Heartbeat];

/// From a loopback connect to the longest timeout there is, in seconds.
const PHASE_BUCKETS: [f64; 14] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

/// Up to the default batch size.
const BATCH_BUCKETS: [f64; 10] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0];

/// What the probe counts.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    /// By kind, unknown ones last, then by reason, `up` first. Empty where a pair cannot happen.
    checks: Vec<Vec<Option<IntCounter>>>,
    /// In the order of [`Phases::named`].
    phases: [Histogram; 5],
    /// Jobs held: running, waiting for their host, or waiting to be accepted by Redis.
    pub(crate) inflight: IntGauge,
    /// The most jobs held at once.
    pub(crate) concurrency_limit: IntGauge,
    /// In whole seconds and fractions, of the oldest job when jobs were taken last.
    pub(crate) queue_age: prometheus::Gauge,
    /// Outcomes per accepted report.
    pub(crate) batch_outcomes: Histogram,
    /// Jobs taken over from lapsed leases.
    pub(crate) jobs_claimed: IntCounter,
    /// Commands and connections that failed.
    pub(crate) redis_errors: IntCounter,
    /// Stream entries that were no job.
    pub(crate) malformed: IntCounter,
    /// Checks not reported because this process did not run for a while.
    pub(crate) void: IntCounter,
    /// Of the network, then of the clock.
    suspect: [IntGauge; 2],
}

impl Metrics {
    /// A registry of its own, every series at zero. Each carries the region, so that a fleet can be summed by region however
    /// it is scraped.
    pub(crate) fn new(region: &Region) -> Result<Self, prometheus::Error> {
        let of_region = HashMap::from([("region".to_owned(), region.to_string())]);
        let registry = Registry::new_custom(None, Some(of_region))?;
        let built = IntGauge::with_opts(
            Opts::new("upguard_probe_build_info", "The running version; always 1")
                .const_label("version", env!("CARGO_PKG_VERSION")),
        )?;
        add(&registry, built)?.set(1);
        let gauge = |name: &str, help: &str| add(&registry, IntGauge::new(name, help)?);
        let counter = |name: &str, help: &str| add(&registry, IntCounter::new(name, help)?);
        Ok(Self {
            checks: checks(&registry)?,
            phases: phases(&registry)?,
            inflight: gauge("upguard_probe_inflight", "Jobs held: running, or waiting until Redis has their outcome")?,
            concurrency_limit: gauge("upguard_probe_concurrency_limit", "The most jobs held at once")?,
            queue_age: add(
                &registry,
                prometheus::Gauge::new(
                    "upguard_probe_queue_age_seconds",
                    "Time the oldest job had been queued when jobs were taken last",
                )?,
            )?,
            batch_outcomes: add(
                &registry,
                Histogram::with_opts(
                    HistogramOpts::new("upguard_probe_batch_outcomes", "Outcomes per report accepted by Redis")
                        .buckets(BATCH_BUCKETS.to_vec()),
                )?,
            )?,
            jobs_claimed: counter("upguard_probe_jobs_claimed_total", "Jobs taken over from lapsed leases")?,
            redis_errors: counter("upguard_probe_redis_errors_total", "Redis commands and connections that failed")?,
            malformed: counter("upguard_probe_poison_total", "Stream entries that were no job, acknowledged unrun")?,
            suspect: suspect(&registry)?,
            void: counter("upguard_probe_void_total", "Jobs given up because this process did not run for a while")?,
            registry,
        })
    }

    /// 1 while what checks find is suspect for this reason, else 0.
    pub(crate) fn suspect(&self, diagnosis: Diagnosis) -> &IntGauge {
        match diagnosis {
            Diagnosis::Network => &self.suspect[0],
            Diagnosis::Clock => &self.suspect[1],
        }
    }

    /// Counts an outcome Redis has accepted. `kind` is unknown where the job could not be read.
    pub(crate) fn accepted(&self, kind: Option<Kind>, outcome: &Outcome) {
        if let Some(counter) = &self.checks[kind_index(kind)][reason_index(outcome.reason)] {
            counter.inc();
        }
        for (histogram, (_, phase)) in self.phases.iter().zip(outcome.phases.named()) {
            if let Some(phase) = phase {
                histogram.observe(phase.as_secs_f64());
            }
        }
    }

    /// The exposition, in Prometheus' text format.
    pub(crate) fn text(&self) -> Result<String, prometheus::Error> {
        TextEncoder::new().encode_to_string(&self.registry.gather())
    }
}

fn kind_index(kind: Option<Kind>) -> usize {
    kind.map_or(Kind::ALL.len(), |kind| kind as usize)
}

fn reason_index(reason: Option<Reason>) -> usize {
    reason.map_or(0, |reason| reason as usize + 1)
}

fn add<C: Collector + Clone + 'static>(registry: &Registry, metric: C) -> Result<C, prometheus::Error> {
    registry.register(Box::new(metric.clone()))?;
    Ok(metric)
}

fn checks(registry: &Registry) -> Result<Vec<Vec<Option<IntCounter>>>, prometheus::Error> {
    let opts = Opts::new("upguard_probe_checks_total", "Outcomes Redis has accepted");
    let family = add(registry, IntCounterVec::new(opts, &["kind", "verdict", "reason"])?)?;
    let kinds = Kind::ALL.iter().map(|kind| kind.as_str()).chain([UNKNOWN]);
    let of_kind = |kind: &str| {
        let reasons = std::iter::once(None).chain(Reason::ALL.iter().copied().map(Some));
        let series = |reason: Option<Reason>| {
            let verdict = reason.map_or(Verdict::Up, Reason::verdict);
            let word = reason.map_or("none", Reason::as_str);
            happens(kind, verdict, reason).then(|| family.with_label_values(&[kind, verdict.as_str(), word]))
        };
        reasons.map(series).collect()
    };
    Ok(kinds.map(of_kind).collect())
}

/// A job that could not be read is never run.
fn happens(kind: &str, verdict: Verdict, reason: Option<Reason>) -> bool {
    reason.is_none_or(|reason| !CONTROLS_OWN.contains(&reason)) && (kind != UNKNOWN || verdict == Verdict::Missed)
}

fn suspect(registry: &Registry) -> Result<[IntGauge; 2], prometheus::Error> {
    let opts = Opts::new("upguard_probe_suspect", "1 while what checks find is suspect for this reason");
    let family = add(registry, IntGaugeVec::new(opts, &["diagnosis"])?)?;
    Ok([Diagnosis::Network, Diagnosis::Clock].map(|diagnosis| family.with_label_values(&[diagnosis.as_str()])))
}

fn phases(registry: &Registry) -> Result<[Histogram; 5], prometheus::Error> {
    let opts = HistogramOpts::new("upguard_probe_phase_seconds", "How long each phase of a check took");
    let family = add(registry, HistogramVec::new(opts.buckets(PHASE_BUCKETS.to_vec()), &["phase"])?)?;
    Ok(Phases::default().named().map(|(name, _)| family.with_label_values(&[name])))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn outcome(reason: Option<Reason>) -> Outcome {
        let missed = Outcome::missed(wire::MonitorId(uuid::Uuid::nil()), 0, 0, Reason::Late, 0);
        let verdict = reason.map_or(Verdict::Up, Reason::verdict);
        let phases = Phases { connect: Some(Duration::from_millis(3)), ..Phases::default() };
        Outcome { verdict, reason, phases, ..missed }
    }

    fn metrics() -> Metrics {
        Metrics::new(&"eu-west".parse().unwrap()).unwrap()
    }

    #[test]
    fn every_series_starts_at_zero() {
        let text = metrics().text().unwrap().replace(env!("CARGO_PKG_VERSION"), "<version>");
        insta::assert_snapshot!(text);
    }

    #[test]
    fn the_manual_lists_every_metric() {
        let differences = testbed::exposition::differences("Probe", &metrics().text().unwrap()).unwrap();
        assert!(differences.is_empty(), "{differences:#?}");
    }

    #[test]
    fn each_outcome_lands_in_its_own_series() {
        let metrics = metrics();
        for reason in Reason::ALL.iter().filter(|reason| !CONTROLS_OWN.contains(reason)) {
            metrics.accepted(Some(Kind::Http), &outcome(Some(*reason)));
        }
        metrics.accepted(Some(Kind::Http), &outcome(None));
        metrics.accepted(None, &outcome(Some(Reason::Unsupported)));
        let text = metrics.text().unwrap();
        let ones = text.lines().filter(|line| line.starts_with("upguard_probe_checks_total") && line.ends_with(" 1"));
        assert_eq!(ones.count(), Reason::ALL.len() - CONTROLS_OWN.len() + 2);
        assert!(
            text.contains(r#"checks_total{kind="unknown",reason="unsupported",verdict="missed",region="eu-west"} 1"#),
            "{text}"
        );
        assert!(text.contains(r#"phase_seconds_count{phase="connect",region="eu-west"} 26"#), "{text}");
        assert!(text.contains(r#"phase_seconds_count{phase="resolve",region="eu-west"} 0"#), "{text}");
    }
}
