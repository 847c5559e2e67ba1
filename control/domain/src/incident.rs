//! Incidents: periods in which a monitor's status called for people. Pure: what is open and what changed come in, what
//! happens to it comes out. It never learns what time it is by itself, and it does not know who is told.

mod decide;
mod flaps;

use serde::Serialize;
use wire::words;

use crate::{
    keys::{Lane, MonitorKey, RegionKey},
    monitor::Monitor,
};

pub use decide::{Act, Open, decide};
pub use flaps::{FlapDetector, Flaps};

/// What an incident is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A monitor is not up.
    Availability,
    /// A monitor's certificate ends soon.
    Certificate,
    /// A monitor was checked less than it should be.
    Coverage,
    /// A region's probes are gone or cannot trust what they see.
    Region,
    /// Nothing of a lane is stored: UpGuard itself does not check.
    Lane,
}

words!(Kind {
    Availability = "availability", Certificate = "certificate", Coverage = "coverage", Region = "region", Lane = "lane",
});

/// Which of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Subject {
    /// A monitor of an organisation.
    Monitor(MonitorKey),
    /// A region of the operators.
    Region(RegionKey),
    /// A lane of the operators.
    Lane(Lane),
}

impl Subject {
    /// The monitor.
    pub fn monitor(self) -> Option<MonitorKey> {
        if let Self::Monitor(key) = self { Some(key) } else { None }
    }

    /// The region.
    pub fn region(self) -> Option<RegionKey> {
        if let Self::Region(key) = self { Some(key) } else { None }
    }

    /// The lane.
    pub fn lane(self) -> Option<Lane> {
        if let Self::Lane(lane) = self { Some(lane) } else { None }
    }
}

/// How bad it is; what is no availability incident has its kind for a level. Policies say which are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Checked too little.
    Coverage,
    /// A certificate ends soon.
    Certificate,
    /// A region is sick.
    Region,
    /// A lane stands still.
    Lane,
    /// A quorum finds it slow.
    Degraded,
    /// Some regions find it down, too few for a quorum.
    Regional,
    /// A quorum finds it down.
    Down,
}

words!(Level {
    Coverage = "coverage", Certificate = "certificate", Region = "region", Lane = "lane",
    Degraded = "degraded", Regional = "regional", Down = "down",
});

/// Where an incident stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Nobody took it.
    Open,
    /// Somebody looks after it: no reminders.
    Acknowledged,
    /// Over.
    Resolved,
}

words!(State { Open = "open", Acknowledged = "acknowledged", Resolved = "resolved" });

/// An entry of a timeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// It began.
    Opened,
    /// It is worse than it ever was.
    Escalated,
    /// It is another level, none worse than before.
    Changed,
    /// It comes and goes.
    Flapping,
    /// Somebody took it.
    Acknowledged,
    /// Channels were reminded.
    Reminded,
    /// Somebody said something.
    Commented,
    /// It is over.
    Resolved,
}

words!(What {
    Opened = "opened", Escalated = "escalated", Changed = "changed", Flapping = "flapping",
    Acknowledged = "acknowledged", Reminded = "reminded", Commented = "commented", Resolved = "resolved",
});

/// What somebody did to a monitor that ends incidents about it, though nothing recovered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Closing {
    /// It is not watched any more.
    Paused,
    /// It is gone.
    Deleted,
    /// It asks another server, whose certificate is another.
    Retargeted,
}

words!(Closing { Paused = "paused", Deleted = "deleted", Retargeted = "retargeted" });

impl Closing {
    /// Which incidents end: those of one kind, or all.
    pub fn kind(self) -> Option<Kind> {
        match self {
            Self::Paused | Self::Deleted => None,
            Self::Retargeted => Some(Kind::Certificate),
        }
    }

    /// What an edit does, if it ends incidents.
    pub fn of(old: &Monitor, new: &Monitor) -> Option<Self> {
        match (old.enabled(), new.enabled()) {
            (true, false) => Some(Self::Paused),
            _ => new.server_differs(old).then_some(Self::Retargeted),
        }
    }

    /// Why, as a sentence of a timeline.
    pub fn why(self) -> &'static str {
        match self {
            Self::Paused => "the monitor was paused",
            Self::Deleted => "the monitor was deleted",
            Self::Retargeted => "the monitor asks another server now",
        }
    }
}
