//! Every metric of what works by itself, in one struct. Labels are enums, lanes and regions; never a URL or an id.

mod ages;
mod coverage;
mod ingest;
mod regions;
mod servers;

use std::time::Instant;

use prometheus::{
    Gauge, GaugeVec, Histogram, HistogramOpts, HistogramVec, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry,
};

pub use self::{
    ages::Ages,
    coverage::Coverage,
    ingest::{Ingest, Unsent},
    regions::Regions,
    servers::{Servers, Waits},
};
use channels::{self};
use domain::{incident, keys::Lane, stale::LaneAges, status::Status};

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

/// What the loops count.
#[derive(Debug)]
pub struct Metrics {
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
    lane_owner: IntGaugeVec,
    /// Incidents that are not resolved, of the whole installation.
    pub incidents_open: IntGaugeVec,
    deliveries: IntCounterVec,
    outbox_waiting: IntGauge,
    outbox_overdue: Gauge,
    monitors: IntGaugeVec,
}

impl Metrics {
    /// All of them in the registry `r`, each at zero where its labels are known.
    pub fn new(r: &Registry) -> Result<Self, prometheus::Error> {
        let metrics = Self {
            pusher_jobs: counters(r, "upguard_pusher_jobs_total", "Jobs put on streams.", &["lane"])?,
            pusher_lag: ages(r, "upguard_pusher_lag_seconds", "How far the pusher's cursor is behind.")?,
            regions: Regions::new(r)?,
            servers: Servers::new(r)?,
            results_backlog: ages(r, "upguard_results_backlog_seconds", "Age of the oldest result not yet read.")?,
            ingest: Ingest::new(r)?,
            closed_lag: ages(r, "upguard_closed_lag_seconds", "How far closed slots are behind now.")?,
            lane_stalled: ages(
                r,
                "upguard_lane_stalled_seconds",
                "How long ago results of the lane were last stored.",
            )?,
            coverage: Coverage::new(registered(
                r,
                Gauge::new(
                    "upguard_coverage_ratio",
                    "Checked slots of those that a minute should have closed by now.",
                )?,
            )?),
            pipeline: histograms(r, "upguard_pipeline_seconds", "Time per stage of the pipeline.", &["stage"])?,
            lane_owner: int_gauges(r, "upguard_lane_owner", "1 where this replica holds the lane.", &["lane"])?,
            incidents_open: int_gauges(r, "upguard_incidents_open", "Incidents that are not resolved.", &["kind"])?,
            deliveries: counters(
                r,
                "upguard_deliveries_total",
                "Tries to tell a channel what happened.",
                &["channel", "result"],
            )?,
            outbox_waiting: registered(r, IntGauge::new("upguard_outbox_waiting", "Messages still to be told.")?)?,
            outbox_overdue: registered(
                r,
                Gauge::new("upguard_outbox_overdue_seconds", "How long the oldest message that waits has been due.")?,
            )?,
            monitors: int_gauges(
                r,
                "upguard_monitors",
                "Monitors of the lanes this replica works on.",
                &["lane", "status"],
            )?,
        };
        metrics.start_at_zero();
        Ok(metrics)
    }

    fn start_at_zero(&self) {
        for stage in Stage::ALL {
            self.pipeline.with_label_values(&[stage.as_str()]);
        }
        for kind in incident::Kind::ALL {
            self.incidents_open.with_label_values(&[kind.as_str()]);
        }
        for kind in channels::Kind::ALL {
            for result in Delivered::ALL {
                self.deliveries.with_label_values(&[kind.as_str(), result.as_str()]);
            }
        }
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
    pub fn delivered(&self, kind: channels::Kind, result: Delivered) {
        self.deliveries.with_label_values(&[kind.as_str(), result.as_str()]).inc();
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

    /// Brings up to date what ages by itself. To be called before the registry is read.
    pub fn refresh(&self) {
        let now = Instant::now();
        self.ages().into_iter().for_each(|ages| ages.grow(now));
        self.coverage.shrink(now);
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
