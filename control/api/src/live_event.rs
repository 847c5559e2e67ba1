//! The events of `GET /api/v1/events` for the API's document. They are written where things happen; a test hears them and
//! compares.

use domain::{schema, status::Status};
use utoipa::ToSchema;
use uuid::Uuid;

/// What happened: an event's name and its data.
#[derive(ToSchema)]
#[serde(tag = "event", content = "data")]
#[expect(dead_code, reason = "its schema is its use")]
pub(crate) enum LiveEvent {
    /// The first of all.
    #[serde(rename = "hello")]
    Hello {
        version: String,
        /// The newest event's id.
        seq: String,
        #[schema(format = DateTime)]
        server_time: String,
    },
    /// Single checks.
    #[serde(rename = "beat")]
    Beat { beats: Vec<Beat> },
    /// A monitor has another status.
    #[serde(rename = "status")]
    Status {
        monitor: Uuid,
        from: Status,
        to: Status,
        #[schema(format = DateTime)]
        since: String,
        #[schema(value_type = Option<schema::Reason>, required)]
        reason: Option<()>,
    },
    /// Somebody made or changed a monitor.
    #[serde(rename = "monitor.changed")]
    MonitorChanged { monitor: Uuid },
    /// Somebody removed a monitor.
    #[serde(rename = "monitor.deleted")]
    MonitorDeleted { monitor: Uuid },
    /// An incident began; `monitor` is null where it is about a region or a lane, here and below.
    #[serde(rename = "incident.opened")]
    IncidentOpened {
        incident: Uuid,
        #[schema(required)]
        monitor: Option<Uuid>,
    },
    /// Somebody looks after it.
    #[serde(rename = "incident.acknowledged")]
    IncidentAcknowledged {
        incident: Uuid,
        #[schema(required)]
        monitor: Option<Uuid>,
    },
    /// Something about it changed.
    #[serde(rename = "incident.updated")]
    IncidentUpdated {
        incident: Uuid,
        #[schema(required)]
        monitor: Option<Uuid>,
    },
    /// It is over.
    #[serde(rename = "incident.resolved")]
    IncidentResolved {
        incident: Uuid,
        #[schema(required)]
        monitor: Option<Uuid>,
    },
    /// A region's workers are there again.
    #[serde(rename = "region.up")]
    RegionUp { region: String },
    /// A region's workers are gone.
    #[serde(rename = "region.down")]
    RegionDown { region: String },
    /// Of which lanes nothing was stored lately: told when one stops, when monitors of longer intervals turn `unknown`, and
    /// when it goes on; and behind `hello` while there are any. Read again what you show.
    #[serde(rename = "lanes")]
    Lanes { lanes: Vec<SilentLane> },
    /// Something may be missing: read again what you show.
    #[serde(rename = "resync")]
    Resync {},
}

/// A lane nothing was stored of lately.
#[derive(ToSchema)]
#[expect(dead_code, reason = "its schema is its use")]
pub(crate) struct SilentLane {
    lane: i16,
    /// When its results were last stored.
    #[schema(format = DateTime)]
    since: String,
    /// Whether that is longer than any takeover takes: checks are not running.
    stalled: bool,
    /// Its monitors with an interval up to this many seconds are `unknown` by now; 0 for none.
    unknown_up_to: i32,
}

/// A single check.
#[derive(ToSchema)]
#[expect(dead_code, reason = "its schema is its use")]
pub(crate) struct Beat {
    monitor: Uuid,
    region: String,
    /// The due second.
    slot: i64,
    attempt: i16,
    verdict: schema::Verdict,
    /// The whole check, milliseconds; null where nothing was measured.
    #[schema(required)]
    ms: Option<f64>,
}
