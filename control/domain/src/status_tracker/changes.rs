//! What a lane's owner writes of its monitors.

use serde_json::Value;

use crate::{keys::MonitorKey, status::Status, verdict::RegionState};

/// A stored status and how often it changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatusRow {
    /// Whose.
    pub monitor: MonitorKey,
    /// What.
    pub status: Status,
    /// How often it changed.
    pub version: i64,
}

/// A status that is not as stored.
#[derive(Clone, Debug)]
pub struct Change {
    /// Whose, what it becomes, and the version it replaces.
    pub row: StatusRow,
    /// What it was.
    pub from: Status,
    /// Which revision of the target it is about.
    pub rev: u32,
    /// Why, where outcomes say so.
    pub reason: Option<wire::Reason>,
    /// Who voted what.
    pub explanation: Value,
}

/// What is kept of a monitor beside its status, while that has this version.
#[derive(Clone, Copy, Debug)]
pub struct Kept<'b> {
    /// Whose.
    pub monitor: MonitorKey,
    /// How often its status changed.
    pub version: i64,
    /// What its regions say.
    pub region_states: &'b [RegionState],
    /// When it was last looked at, unix seconds, where that is overdue.
    pub looked_at: Option<i64>,
}
