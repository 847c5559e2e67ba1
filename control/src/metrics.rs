//! Every metric of the control plane, in one struct. Labels are enums, routes, lanes and regions; never a URL or an id.

mod ages;
mod coverage;
mod ingest;
mod monitors;
mod regions;
mod servers;

use std::time::Instant;

use prometheus::{
    Encoder, Gauge, GaugeVec, Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec,
    Opts, Registry, TextEncoder,
};

pub use self::{
    ages::Ages,
    coverage::Coverage,
    ingest::{Dropped, Ingest, Unsent},
    monitors::{Family, SERIES_CUT},
    regions::{Regions, Workers},
    servers::{DatabaseSizes, DatabaseState, PoolState, Servers, Waits},
};
use crate::{channel, incident, keys::Lane, stale::LaneAges, status::Status};

/// Seconds from a millisecond to ten minutes: what a stage of the pipeline takes.
const STAGES: &[f64] =
    &[0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 180.0, 600.0];

/// How a try to tell a channel ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivered {
    /// The channel took it.
    Sent,
    /// It is tried again.
    Failed,
    /// It is given up.
    Dead,
}

impl Delivered {
    const ALL: [Self; 3] = [Self::Sent, Self::Failed, Self::Dead];

    fn as_str(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Dead => "dead",
        }
    }
}

/// The registry and its metrics.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    /// Jobs put on streams.
    pub pusher_jobs: IntCounterVec,
    /// How far the pusher's cursor is behind now.
    pub pusher_lag: Ages,
    /// What is known of each region.
    pub regions: Regions,
    /// PostgreSQL and Redis.
    pub servers: Servers,
    /// Age of the oldest result not yet read.
    pub results_backlog: Ages,
    /// What became of outcomes.
    pub ingest: Ingest,
    /// How far `closed` is behind now.
    pub closed_lag: Ages,
    lane_stalled: Ages,
    /// Slots that somebody checked, of those that should be closed by now, in a minute.
    pub coverage: Coverage,
    pipeline: HistogramVec,
    http_requests: IntCounterVec,
    http_seconds: HistogramVec,
    lane_owner: IntGaugeVec,
    /// Incidents that are not resolved, of the whole installation.
    pub incidents_open: IntGaugeVec,
    deliveries: IntCounterVec,
    outbox_waiting: IntGauge,
    outbox_overdue: Gauge,
    monitors: IntGaugeVec,
    /// Series that pages of single monitors had no room for.
    pub series_cut: IntCounter,
}

impl Metrics {
    /// All metrics, each at zero where its labels are known.
    pub fn new() -> Result<Self, prometheus::Error> {
        let r = Registry::new();
        let metrics = Self {
            pusher_jobs: counters(&r, "upguard_pusher_jobs_total", "Jobs put on streams.", &["lane"])?,
            pusher_lag: ages(&r, "upguard_pusher_lag_seconds", "How far the pusher's cursor is behind.")?,
            regions: Regions::new(&r)?,
            servers: Servers::new(&r)?,
            results_backlog: ages(&r, "upguard_results_backlog_seconds", "Age of the oldest result not yet read.")?,
            ingest: Ingest::new(&r)?,
            closed_lag: ages(&r, "upguard_closed_lag_seconds", "How far closed slots are behind now.")?,
            lane_stalled: ages(
                &r,
                "upguard_lane_stalled_seconds",
                "How long ago results of the lane were last stored.",
            )?,
            coverage: Coverage::new(registered(
                &r,
                Gauge::new(
                    "upguard_coverage_ratio",
                    "Checked slots of those that a minute should have closed by now.",
                )?,
            )?),
            pipeline: histograms(&r, "upguard_pipeline_seconds", "Time per stage of the pipeline.", &["stage"])?,
            http_requests: counters(
                &r,
                "upguard_http_requests_total",
                "Requests answered.",
                &["route", "method", "status"],
            )?,
            http_seconds: histograms(&r, "upguard_http_request_seconds", "Time to answer a request.", &["route"])?,
            lane_owner: int_gauges(&r, "upguard_lane_owner", "1 where this replica holds the lane.", &["lane"])?,
            incidents_open: int_gauges(&r, "upguard_incidents_open", "Incidents that are not resolved.", &["kind"])?,
            deliveries: counters(
                &r,
                "upguard_deliveries_total",
                "Tries to tell a channel what happened.",
                &["channel", "result"],
            )?,
            outbox_waiting: registered(&r, IntGauge::new("upguard_outbox_waiting", "Messages still to be told.")?)?,
            outbox_overdue: registered(
                &r,
                Gauge::new("upguard_outbox_overdue_seconds", "How long the oldest message that waits has been due.")?,
            )?,
            monitors: int_gauges(
                &r,
                "upguard_monitors",
                "Monitors of the lanes this replica works on.",
                &["lane", "status"],
            )?,
            series_cut: registered(
                &r,
                IntCounter::new("upguard_series_cut_total", "Series left out of pages of /api/v1/metrics.")?,
            )?,
            registry: r,
        };
        metrics.start_at_zero()?;
        Ok(metrics)
    }

    fn start_at_zero(&self) -> Result<(), prometheus::Error> {
        for stage in Stage::ALL {
            self.pipeline.with_label_values(&[stage.as_str()]);
        }
        for kind in incident::Kind::ALL {
            self.incidents_open.with_label_values(&[kind.as_str()]);
        }
        for kind in channel::Kind::ALL {
            for result in Delivered::ALL {
                self.deliveries.with_label_values(&[kind.as_str(), result.as_str()]);
            }
        }
        let build = int_gauges(&self.registry, "upguard_build_info", "The running version.", &["version"])?;
        build.with_label_values(&[env!("CARGO_PKG_VERSION")]).set(1);
        Ok(())
    }

    /// Starts a lane's series at zero.
    pub fn know_lane(&self, lane: Lane) {
        self.pusher_jobs.with_label_values(&[lane.to_string()]);
        self.ages().into_iter().for_each(|ages| ages.know(lane));
        self.let_go(lane);
    }

    /// The lane is ours from now on.
    pub fn take_lane(&self, lane: Lane) {
        self.lane_owner.with_label_values(&[lane.to_string()]).set(1);
        // Grows from now on, should nothing ever be pushed.
        self.pusher_lag.take(lane);
    }

    /// The lane is not ours, or no longer.
    pub fn let_go(&self, lane: Lane) {
        self.lane_owner.with_label_values(&[lane.to_string()]).set(0);
        self.ages().into_iter().for_each(|ages| ages.let_go(lane));
        for status in Status::ALL {
            self.count_monitors(lane, status, 0);
        }
    }

    /// What the row of a lane said just now, whoever holds it.
    pub fn see_lane(&self, seen: &LaneAges) {
        let LaneAges { lane, silent, unclosed, unpushed, .. } = *seen;
        let ages = [silent, silent, unclosed, unpushed];
        let all = [&self.lane_stalled, &self.results_backlog, &self.closed_lag, &self.pusher_lag];
        all.into_iter().zip(ages).for_each(|(series, age)| series.see(lane, age));
    }

    fn ages(&self) -> [&Ages; 4] {
        [&self.pusher_lag, &self.results_backlog, &self.closed_lag, &self.lane_stalled]
    }

    /// A stage's histogram, to be looked up once and observed often.
    pub fn stage(&self, stage: Stage) -> Histogram {
        self.pipeline.with_label_values(&[stage.as_str()])
    }

    /// Counts one try to tell a channel of this kind.
    pub fn delivered(&self, kind: channel::Kind, result: Delivered) {
        self.deliveries.with_label_values(&[kind.as_str(), result.as_str()]).inc();
    }

    /// Counts one answered request.
    pub fn http(&self, route: &str, method: &str, status: u16, seconds: f64) {
        self.http_requests.with_label_values(&[route, method, &status.to_string()]).inc();
        self.http_seconds.with_label_values(&[route]).observe(seconds);
    }

    /// What is still to be told: how many messages, and for how many seconds the oldest of them has been due.
    pub fn outbox(&self, waiting: i64, overdue: f64) {
        self.outbox_waiting.set(waiting);
        self.outbox_overdue.set(overdue);
    }

    /// How many monitors of a lane of ours have which status, but for those that are paused: a lane sees only some of them.
    pub fn monitors(&self, lane: Lane, by_status: impl Iterator<Item = (Status, i64)>) {
        for (status, monitors) in by_status.filter(|(status, _)| *status != Status::Paused) {
            self.count_monitors(lane, status, monitors);
        }
    }

    /// How many monitors of a lane are paused. Whoever works on the lane says it.
    pub fn paused(&self, lane: Lane, monitors: i64) {
        if self.lane_owner.with_label_values(&[lane.to_string()]).get() == 1 {
            self.count_monitors(lane, Status::Paused, monitors);
        }
    }

    fn count_monitors(&self, lane: Lane, status: Status, monitors: i64) {
        self.monitors.with_label_values(&[lane.to_string().as_str(), status.as_str()]).set(monitors);
    }

    /// The exposition, in Prometheus' text format.
    pub fn encode(&self) -> Result<Vec<u8>, prometheus::Error> {
        let now = Instant::now();
        self.ages().into_iter().for_each(|ages| ages.grow(now));
        self.coverage.shrink(now);
        let mut text = Vec::new();
        TextEncoder::new().encode(&self.registry.gather(), &mut text)?;
        Ok(text)
    }
}

/// A stage on the way from a due slot to its row, and from what it meant to whom it concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// From the slot to its job on the stream.
    DueToQueued,
    /// From the slot to the start of its check; queueing is nearly all of it.
    QueuedToStarted,
    /// The check itself.
    Check,
    /// From the end of the check to its committed row.
    FinishedToStored,
    /// From what is to be told, once its policy's delay is over, to a channel that took it.
    StoredToNotified,
}

impl Stage {
    const ALL: [Self; 5] =
        [Self::DueToQueued, Self::QueuedToStarted, Self::Check, Self::FinishedToStored, Self::StoredToNotified];

    fn as_str(self) -> &'static str {
        match self {
            Self::DueToQueued => "due_to_queued",
            Self::QueuedToStarted => "queued_to_started",
            Self::Check => "check",
            Self::FinishedToStored => "finished_to_stored",
            Self::StoredToNotified => "stored_to_notified",
        }
    }
}

fn registered<C: prometheus::core::Collector + Clone + 'static>(
    registry: &Registry,
    collector: C,
) -> Result<C, prometheus::Error> {
    registry.register(Box::new(collector.clone()))?;
    Ok(collector)
}

fn counters(r: &Registry, name: &str, help: &str, labels: &[&str]) -> Result<IntCounterVec, prometheus::Error> {
    registered(r, IntCounterVec::new(Opts::new(name, help), labels)?)
}

fn ages(r: &Registry, name: &str, help: &str) -> Result<Ages, prometheus::Error> {
    gauges(r, name, help, &["lane"]).map(Ages::new)
}

fn gauges(r: &Registry, name: &str, help: &str, labels: &[&str]) -> Result<GaugeVec, prometheus::Error> {
    registered(r, GaugeVec::new(Opts::new(name, help), labels)?)
}

fn int_gauges(r: &Registry, name: &str, help: &str, labels: &[&str]) -> Result<IntGaugeVec, prometheus::Error> {
    registered(r, IntGaugeVec::new(Opts::new(name, help), labels)?)
}

fn histograms(r: &Registry, name: &str, help: &str, labels: &[&str]) -> Result<HistogramVec, prometheus::Error> {
    registered(r, HistogramVec::new(HistogramOpts::new(name, help).buckets(STAGES.to_vec()), labels)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_zeroes() {
        let metrics = Metrics::new().unwrap();
        metrics.know_lane(Lane(0));
        let text = String::from_utf8(metrics.encode().unwrap()).unwrap();
        for line in [
            "upguard_pusher_jobs_total{lane=\"0\"} 0",
            "upguard_ingest_outcomes_total{verdict=\"missed\"} 0",
            "upguard_ingest_duplicates_total 0",
            "upguard_ingest_dropped_total{why=\"too_late\"} 0",
            "upguard_closed_lag_seconds{lane=\"0\"} 0",
            "upguard_lane_stalled_seconds{lane=\"0\"} 0",
            "upguard_pipeline_seconds_count{stage=\"finished_to_stored\"} 0",
            "upguard_lane_owner{lane=\"0\"} 0",
            "upguard_outbox_waiting 0",
            "upguard_monitors{lane=\"0\",status=\"regional\"} 0",
            "upguard_series_cut_total 0",
            "upguard_incidents_open{kind=\"region\"} 0",
            "upguard_deliveries_total{channel=\"pagerduty\",result=\"dead\"} 0",
            "upguard_pipeline_seconds_count{stage=\"stored_to_notified\"} 0",
            "upguard_build_info{version=\"0.1.0\"} 1",
        ] {
            assert!(text.contains(line), "{line} is not in\n{text}");
        }
    }

    #[test]
    fn monitors_are_counted_by_who_works_on_their_lane() {
        let metrics = Metrics::new().unwrap();
        metrics.know_lane(Lane(0));
        let has = |line: &str| String::from_utf8(metrics.encode().unwrap()).unwrap().contains(line);
        metrics.paused(Lane(0), 3);
        assert!(has("upguard_monitors{lane=\"0\",status=\"paused\"} 0"), "another replica says it");
        metrics.take_lane(Lane(0));
        metrics.paused(Lane(0), 3);
        metrics.monitors(Lane(0), [(Status::Up, 5), (Status::Paused, 1)].into_iter());
        assert!(has("upguard_monitors{lane=\"0\",status=\"paused\"} 3") && has("status=\"up\"} 5"));
        metrics.let_go(Lane(0));
        assert!(has("upguard_monitors{lane=\"0\",status=\"paused\"} 0") && has("status=\"up\"} 0"));
    }

    #[test]
    fn the_manual_lists_every_metric() {
        let metrics = Metrics::new().unwrap();
        metrics.know_lane(Lane(0));
        metrics.regions.know(&["eu-west".parse().unwrap()]);
        metrics.http("/api/v1/monitors", "GET", 200, 0.1);
        let text = String::from_utf8(metrics.encode().unwrap()).unwrap();
        let differences = testbed::exposition::differences("Control", &text).unwrap();
        assert!(differences.is_empty(), "{differences:#?}");
    }
}
