//! What this worker says of its own outcomes: whether it doubts them, and for which it shows what it saw.
//!
//! An outcome keeps its verdict; `suspect` takes its vote away. A network that fails makes sites look down, so a down
//! waits for its witnesses; a clock that is far off makes certificates look expired, or good.

use std::{sync::atomic::Ordering, time::Instant};

use wire::{Diagnosis, Outcome, Verdict};

use super::lane::Lane;

/// A wall clock further off the one of Redis is wrong, milliseconds.
const MOST_OFF_MS: u64 = 2_000;

impl Lane {
    /// Why this worker doubts what it sees now.
    pub(crate) fn diagnosis(&self) -> Option<Diagnosis> {
        if self.shared.witnesses.fail() { Some(Diagnosis::Network) } else { self.clock_diagnosis() }
    }

    fn clock_diagnosis(&self) -> Option<Diagnosis> {
        (self.clock.wall_offset_ms().unsigned_abs() > MOST_OFF_MS).then_some(Diagnosis::Clock)
    }

    /// The outcome of a check that ended just now, with this worker's doubt, and with evidence if that is news. A slot
    /// nobody checked is beyond doubt.
    pub(crate) async fn qualify(&self, mut outcome: Outcome) -> Outcome {
        let end = Instant::now();
        match outcome.verdict {
            Verdict::Missed => {}
            Verdict::Up | Verdict::Degraded => {
                outcome.suspect = self.diagnosis();
                self.shared.failing.forget(outcome.monitor);
            }
            Verdict::Down => {
                // In a box: few checks come here, and those that do not carry no room for it.
                let start = end.checked_sub(outcome.phases.total()).unwrap_or(end);
                let alone = Box::pin(self.shared.witnesses.fail_about(start, end)).await;
                outcome.suspect = if alone { Some(Diagnosis::Network) } else { self.clock_diagnosis() };
                if outcome.suspect.is_some() || !self.shared.failing.is_news(outcome.monitor, end) {
                    outcome.evidence = None;
                }
            }
        }
        outcome
    }

    /// Compares the clocks, after Redis was asked. Says so when one is off, and when it is right again.
    pub(crate) fn note_clock(&self) {
        let off = self.clock_diagnosis().is_some();
        self.shared.metrics.suspect(Diagnosis::Clock).set(off.into());
        let offset_ms = self.clock.wall_offset_ms();
        match (self.clock_off.swap(off, Ordering::Relaxed), off) {
            (false, true) => {
                tracing::warn!(
                    offset_ms,
                    "this machine's clock is off the one of Redis: what checks find is suspect until one is set right"
                );
            }
            (true, false) => tracing::info!(offset_ms, "this machine's clock agrees with the one of Redis again"),
            _ => {}
        }
    }
}
