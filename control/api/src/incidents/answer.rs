//! How an incident looks in answers, alone and with all that happened.

use domain::{
    actor,
    ids::ChannelId,
    incident::{Kind, Level, State, What},
    schema,
};
use serde::Serialize;
use serde_json::Value;
use store::incidents_read as store;
use utoipa::ToSchema;
use uuid::Uuid;
use wire::{MonitorId, Reason, Region};

use crate::time::{moment, moment_s};

/// What called for people.
#[derive(Serialize, ToSchema)]
#[schema(as = Incident)]
pub(crate) struct IncidentAnswer {
    id: Uuid,
    kind: Kind,
    state: State,
    /// How bad it is.
    level: Level,
    /// How bad it ever was.
    worst: Level,
    /// Why it was opened.
    #[schema(value_type = Option<schema::Reason>, required)]
    reason: Option<Reason>,
    /// Whether it comes and goes.
    flapping: bool,
    /// What it is about; null where it is about a region or a lane.
    #[schema(required)]
    monitor: Option<MonitorName>,
    /// The region it is about; null where it is about a monitor or a lane.
    #[schema(value_type = Option<String>, required)]
    region: Option<Region>,
    /// The regions that found the monitor failing at some time in it, in the order in which they did.
    #[schema(value_type = Vec<String>)]
    failed_in: Vec<Region>,
    #[schema(format = DateTime)]
    opened_at: String,
    #[schema(required, format = DateTime)]
    acknowledged_at: Option<String>,
    #[schema(required, format = DateTime)]
    resolved_at: Option<String>,
    /// Who looks after it, or did.
    #[schema(required)]
    acknowledged_by: Option<Somebody>,
}

/// A monitor's id and name.
#[derive(Serialize, ToSchema)]
pub(crate) struct MonitorName {
    #[schema(value_type = Uuid)]
    pub(crate) id: MonitorId,
    pub(crate) name: String,
}

/// A person, or a program with an API key.
#[derive(Serialize, ToSchema)]
pub(crate) struct Somebody {
    kind: SomebodyKind,
    /// Of the person or of the key.
    id: Uuid,
    /// A person's name or else e-mail address; "API key" and its name.
    name: String,
}

/// Whether a person or a key.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum SomebodyKind {
    Person,
    ApiKey,
}

/// An incident with all that happened.
#[derive(Serialize, ToSchema)]
pub(crate) struct IncidentWhole {
    #[serde(flatten)]
    pub(crate) incident: IncidentAnswer,
    /// What happened, oldest first.
    pub(crate) timeline: Vec<TimelineEntry>,
    /// The first failure of each region.
    pub(crate) failures: Vec<Failure>,
    /// What each channel was told.
    pub(crate) deliveries: Vec<IncidentDelivery>,
}

/// Something that happened to an incident.
#[derive(Serialize, ToSchema)]
pub(crate) struct TimelineEntry {
    /// Its number, from 1.
    change: i32,
    #[schema(format = DateTime)]
    at: String,
    what: What,
    /// Who did it; null for UpGuard itself.
    #[schema(required)]
    who: Option<Somebody>,
    /// Why: the explanation, or a comment's `text`.
    #[schema(value_type = HashMap<String, Value>)]
    data: Value,
}

/// A region's first failure.
#[derive(Serialize, ToSchema)]
pub(crate) struct Failure {
    #[schema(value_type = String)]
    region: Region,
    /// When it was due, unix seconds.
    slot: i64,
    attempt: i16,
    #[schema(value_type = schema::Reason)]
    reason: Reason,
    /// What was wrong, in a sentence.
    #[schema(required)]
    detail: Option<String>,
    /// What was sent and answered.
    #[schema(value_type = Option<schema::Evidence>, required)]
    evidence: Option<Value>,
}

/// What a channel was told of an incident.
#[derive(Serialize, ToSchema)]
pub(crate) struct IncidentDelivery {
    channel: ChannelName,
    /// How many messages are `pending`, `sent`, `dead`, `dropped` or `merged`.
    #[schema(value_type = HashMap<String, i64>)]
    states: Value,
    last: LastMessage,
}

/// A channel in short.
#[derive(Serialize, ToSchema)]
pub(crate) struct ChannelName {
    #[schema(value_type = Uuid)]
    pub(crate) id: ChannelId,
    #[schema(value_type = channels::Kind)]
    pub(crate) kind: String,
    pub(crate) name: String,
}

/// The last message to a channel.
#[derive(Serialize, ToSchema)]
pub(crate) struct LastMessage {
    what: What,
    state: String,
    attempts: i32,
    /// Since when, or until when, it is in this state.
    #[schema(format = DateTime)]
    at: String,
}

/// An incident by itself.
pub(crate) fn shown(incident: &store::Incident) -> IncidentAnswer {
    IncidentAnswer {
        id: incident.id,
        kind: incident.kind,
        state: incident.state,
        level: incident.level,
        worst: incident.worst,
        reason: incident.reason,
        flapping: incident.flapping,
        monitor: incident.monitor.clone().map(|(id, name)| MonitorName { id, name }),
        region: incident.region.clone(),
        failed_in: incident.failed_in.clone(),
        opened_at: moment_s(incident.opened_at),
        acknowledged_at: incident.acknowledged_at.map(moment_s),
        resolved_at: incident.resolved_at.map(moment_s),
        acknowledged_by: incident.acknowledged_by.clone().map(somebody),
    }
}

/// Somebody.
pub(crate) fn somebody(who: actor::Somebody) -> Somebody {
    let kind = if who.is_key { SomebodyKind::ApiKey } else { SomebodyKind::Person };
    Somebody { kind, id: who.id, name: who.name }
}

/// An entry of a timeline.
pub(crate) fn entry(entry: store::Entry) -> TimelineEntry {
    let store::Entry { change, at, what, who, data } = entry;
    TimelineEntry { change, at: moment(at), what, who: who.map(somebody), data }
}

/// A region's first failure.
pub(crate) fn failure(failure: store::Failure) -> Failure {
    let store::Failure { region, slot, attempt, reason, detail, evidence } = failure;
    Failure { region, slot, attempt: attempt.min(wire::ATTEMPT_REQUEST.into()), reason, detail, evidence }
}

/// What a channel was told.
pub(crate) fn delivered(told: store::Told) -> IncidentDelivery {
    let store::Told { channel, name, kind, states, last: (what, state, attempts, at) } = told;
    let last = LastMessage { what, state, attempts, at: moment(at) };
    IncidentDelivery { channel: ChannelName { id: channel, kind, name }, states, last }
}
