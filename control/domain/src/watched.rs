//! Monitors as Prometheus sees them: how many there is room for, and what each region said last.

use wire::{MonitorId, Reason, Verdict};

use crate::keys::RegionKey;

/// Phases of a check, in the order they are measured.
pub const PHASES: usize = 5;

/// How many series a page may have, and what each monitor is reckoned with: as many as it can have, so that who is on the
/// page does not depend on what was found.
#[derive(Clone, Copy, Debug)]
pub struct Allowance {
    /// Of a monitor, whatever its regions.
    pub of_monitor: i64,
    /// Of each region of a monitor: success, duration, status, certificate, reason, and the phases.
    pub of_region: i64,
    /// Of the page.
    pub most: i64,
}

impl Allowance {
    /// With room for `most` series.
    pub fn of(most: u32) -> Self {
        Self { of_monitor: 1, of_region: 5 + PHASES as i64, most: most.into() }
    }
}

/// A monitor that is checked.
#[derive(Clone, Debug)]
pub struct Watched {
    /// The one name of it that never changes.
    pub id: MonitorId,
    /// What people call it.
    pub name: String,
    /// What is checked.
    pub url: String,
    /// The end of its certificate, unix seconds.
    pub cert_not_after: Option<i64>,
    /// What each region said last.
    pub words: Vec<Word>,
}

/// What a region said last of a monitor.
#[derive(Clone, Copy, Debug)]
pub struct Word {
    /// From where.
    pub region: RegionKey,
    /// What was found.
    pub verdict: Verdict,
    /// Why it is not plainly up.
    pub reason: Option<Reason>,
    /// Whether its probe doubts what it saw.
    pub is_suspect: bool,
    /// Microseconds of each phase, where measured.
    pub phases_us: [Option<i32>; PHASES],
    /// The answer's status code.
    pub http_status: Option<i16>,
}
