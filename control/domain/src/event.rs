//! What dashboards are told: the events of `GET /api/v1/events`, as they are written and as they are documented.

use serde::Serialize;
use uuid::Uuid;
use wire::{MonitorId, Reason, Region, Verdict};

use crate::status::Status;

/// What happened: an event's name and its data.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = LiveEvent))]
#[serde(tag = "event", content = "data")]
#[expect(missing_docs, reason = "fields are what they are called")]
pub enum Event {
    /// The first of all.
    #[serde(rename = "hello")]
    Hello {
        version: String,
        /// The newest event's id.
        seq: String,
        #[cfg_attr(feature = "openapi", schema(format = DateTime))]
        server_time: String,
    },
    /// Single checks.
    #[serde(rename = "beat")]
    Beat { beats: Vec<Beat> },
    /// A monitor has another status.
    #[serde(rename = "status")]
    Status {
        #[cfg_attr(feature = "openapi", schema(value_type = Uuid))]
        monitor: MonitorId,
        from: Status,
        to: Status,
        #[cfg_attr(feature = "openapi", schema(format = DateTime))]
        since: String,
        #[cfg_attr(feature = "openapi", schema(value_type = Option<crate::schema::Reason>, required))]
        reason: Option<Reason>,
    },
    /// Somebody made or changed a monitor.
    #[serde(rename = "monitor.changed")]
    MonitorChanged {
        #[cfg_attr(feature = "openapi", schema(value_type = Uuid))]
        monitor: MonitorId,
    },
    /// Somebody removed a monitor.
    #[serde(rename = "monitor.deleted")]
    MonitorDeleted {
        #[cfg_attr(feature = "openapi", schema(value_type = Uuid))]
        monitor: MonitorId,
    },
    /// An incident began; `monitor` is null where it is about a region or a lane, here and below.
    #[serde(rename = "incident.opened")]
    IncidentOpened {
        incident: Uuid,
        #[cfg_attr(feature = "openapi", schema(value_type = Option<Uuid>, required))]
        monitor: Option<MonitorId>,
    },
    /// Somebody looks after it.
    #[serde(rename = "incident.acknowledged")]
    IncidentAcknowledged {
        incident: Uuid,
        #[cfg_attr(feature = "openapi", schema(value_type = Option<Uuid>, required))]
        monitor: Option<MonitorId>,
    },
    /// Something about it changed.
    #[serde(rename = "incident.updated")]
    IncidentUpdated {
        incident: Uuid,
        #[cfg_attr(feature = "openapi", schema(value_type = Option<Uuid>, required))]
        monitor: Option<MonitorId>,
    },
    /// It is over.
    #[serde(rename = "incident.resolved")]
    IncidentResolved {
        incident: Uuid,
        #[cfg_attr(feature = "openapi", schema(value_type = Option<Uuid>, required))]
        monitor: Option<MonitorId>,
    },
    /// A region's workers are there again.
    #[serde(rename = "region.up")]
    RegionUp {
        #[cfg_attr(feature = "openapi", schema(value_type = String))]
        region: Region,
    },
    /// A region's workers are gone.
    #[serde(rename = "region.down")]
    RegionDown {
        #[cfg_attr(feature = "openapi", schema(value_type = String))]
        region: Region,
    },
    /// Of which lanes nothing was stored lately: told when one stops, when monitors of longer intervals turn `unknown`, and
    /// when it goes on; and behind `hello` while there are any. Read again what you show.
    #[serde(rename = "lanes")]
    Lanes { lanes: Vec<SilentLane> },
    /// Something may be missing: read again what you show.
    #[serde(rename = "resync")]
    Resync {},
}

/// A lane nothing was stored of lately.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[expect(missing_docs, reason = "fields are what they are called")]
pub struct SilentLane {
    pub lane: i16,
    /// When its results were last stored.
    #[cfg_attr(feature = "openapi", schema(format = DateTime))]
    pub since: String,
    /// Whether that is longer than any takeover takes: checks are not running.
    pub stalled: bool,
    /// Its monitors with an interval up to this many seconds are `unknown` by now; 0 for none.
    pub unknown_up_to: i32,
}

/// A single check.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[expect(missing_docs, reason = "fields are what they are called")]
pub struct Beat {
    #[cfg_attr(feature = "openapi", schema(value_type = Uuid))]
    pub monitor: MonitorId,
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub region: Region,
    /// The due second.
    pub slot: i64,
    #[cfg_attr(feature = "openapi", schema(value_type = i16))]
    pub attempt: u8,
    #[cfg_attr(feature = "openapi", schema(value_type = crate::schema::Verdict))]
    pub verdict: Verdict,
    /// The whole check, milliseconds; null where nothing was measured.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<f64>, required))]
    pub ms: u64,
}

/// What happened to an incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OfIncident {
    /// It began.
    Opened,
    /// Somebody looks after it.
    Acknowledged,
    /// Something about it changed.
    Updated,
    /// It is over.
    Resolved,
}

impl OfIncident {
    /// As an event; `monitor` is none where it is about a region or a lane.
    pub fn event(self, incident: Uuid, monitor: Option<MonitorId>) -> Event {
        match self {
            Self::Opened => Event::IncidentOpened { incident, monitor },
            Self::Acknowledged => Event::IncidentAcknowledged { incident, monitor },
            Self::Updated => Event::IncidentUpdated { incident, monitor },
            Self::Resolved => Event::IncidentResolved { incident, monitor },
        }
    }
}
