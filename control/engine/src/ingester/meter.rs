//! What a turn is counted as.

use domain::{ledger::Accepted, time::Millis};
use wire::{Outcome, Verdict};

use super::{Ingester, batch::Batch};
use crate::metrics::Stage;

impl Ingester<'_> {
    pub(super) fn count(&self, batch: &Batch, new: &[Accepted], missed: u64) {
        let metrics = &self.engine.metrics;
        let of = |verdict| new.iter().filter(|each| each.outcome.verdict == verdict).count() as u64;
        for verdict in Verdict::ALL {
            let closed = if *verdict == Verdict::Missed { missed } else { 0 };
            metrics.ingest.stored(*verdict, of(*verdict) + closed);
        }
        metrics.ingest.duplicates.inc_by(batch.duplicates);
        batch.dropped().for_each(|(why, outcomes)| metrics.ingest.dropped(why, outcomes));
        self.time(new);
    }

    /// Where the time of freshly stored checks went.
    fn time(&self, new: &[Accepted]) {
        let stage = |stage| self.engine.metrics.stage(stage);
        let (queued, check, stored) =
            (stage(Stage::QueuedToStarted), stage(Stage::Check), stage(Stage::FinishedToStored));
        let now_ms = self.engine.clock.now_ms();
        let checked = |outcome: &&Outcome| outcome.verdict != Verdict::Missed;
        for outcome in new.iter().map(|accepted| &accepted.outcome).filter(checked) {
            let took = outcome.phases.total().as_secs_f64();
            queued.observe((outcome.started_ms - outcome.slot * 1000).max(0) as f64 / 1000.0);
            check.observe(took);
            stored.observe(((now_ms - outcome.started_ms) as f64 / 1000.0 - took).max(0.0));
        }
    }

    pub(super) fn measure(&self, now_ms: i64, heard_ms: i64) {
        self.progress.heard(Millis(heard_ms));
        self.engine.metrics.results_backlog.set(self.lane, (now_ms - heard_ms).max(0) as f64 / 1000.0);
        self.engine.metrics.closed_lag.set(self.lane, (now_ms / 1000 - self.ledger.closed) as f64);
        self.engine.metrics.monitors(self.lane, self.tracker.counts().all());
    }
}
