//! What a worker says of itself every few seconds, in order with the outcomes it qualifies.

use crate::outcome::Diagnosis;

/// One worker's state. It rides on the region's results stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// `WORKER_ID`.
    pub worker: String,
    /// The probe's version.
    pub version: String,
    /// Checks running or waiting to be reported.
    pub in_flight: u32,
    /// The most it runs at once.
    pub limit: u32,
    /// Age of the oldest job when it was taken last, milliseconds.
    pub queue_age_ms: u64,
    /// How far the worker's own wall clock is ahead of Redis `TIME`, milliseconds.
    pub clock_offset_ms: i64,
    /// Why it doubts what it sees now; none while it does not.
    pub diagnosis: Option<Diagnosis>,
}
