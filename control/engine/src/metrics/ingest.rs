//! What becomes of what regions report.

use domain::ledger::Dropped;
use prometheus::{IntCounter, IntCounterVec, Registry};
use wire::Verdict;

use super::{counters, registered};

/// What follows from a turn of the ingester and could not be handed over: what was committed stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unsent {
    /// Rounds of rechecks.
    Recheck,
    /// Entries nobody could read, or store.
    DeadLetter,
}

impl Unsent {
    const ALL: [Self; 2] = [Self::Recheck, Self::DeadLetter];

    fn as_str(self) -> &'static str {
        match self {
            Self::Recheck => "recheck",
            Self::DeadLetter => "dead_letter",
        }
    }
}

/// Outcomes by what became of them.
#[derive(Debug)]
pub struct Ingest {
    outcomes: IntCounterVec,
    /// Outcomes that had their row already.
    pub duplicates: IntCounter,
    dropped: IntCounterVec,
    unsent: IntCounterVec,
}

impl Ingest {
    /// Each at zero.
    pub(super) fn new(r: &Registry) -> Result<Self, prometheus::Error> {
        let ingest = Self {
            outcomes: counters(r, "upguard_ingest_outcomes_total", "Outcomes stored.", &["verdict"])?,
            duplicates: registered(
                r,
                IntCounter::new("upguard_ingest_duplicates_total", "Outcomes that had their row already.")?,
            )?,
            dropped: counters(r, "upguard_ingest_dropped_total", "Outcomes not stored.", &["why"])?,
            unsent: counters(
                r,
                "upguard_ingest_unsent_total",
                "What follows from stored outcomes and could not be handed to Redis.",
                &["what"],
            )?,
        };
        for verdict in Verdict::ALL {
            ingest.stored(*verdict, 0);
        }
        for why in Dropped::ALL {
            ingest.dropped(*why, 0);
        }
        for what in Unsent::ALL {
            ingest.unsent(what, 0);
        }
        Ok(ingest)
    }

    /// Counts stored outcomes.
    pub fn stored(&self, verdict: Verdict, outcomes: u64) {
        self.outcomes.with_label_values(&[verdict.as_str()]).inc_by(outcomes);
    }

    /// Counts what could not be handed over.
    pub fn unsent(&self, what: Unsent, count: usize) {
        self.unsent.with_label_values(&[what.as_str()]).inc_by(count as u64);
    }

    /// Counts outcomes that were not stored.
    pub fn dropped(&self, why: Dropped, outcomes: u64) {
        self.dropped.with_label_values(&[why.as_str()]).inc_by(outcomes);
    }
}
