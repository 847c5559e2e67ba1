//! How a monitor looks in answers: its body, and what became of it. A whole page takes four questions to PostgreSQL.

use std::{borrow::Cow, collections::HashMap};

use domain::{
    incident::{Level, State},
    keys::RegionKey,
    schedule::heard_since,
    schema,
    status::Status,
    time::Slot,
    uptime::Uptime,
};
use serde::Serialize;
use serde_json::Value;
use store::{
    GenericClient,
    history::{self, ResultRow},
    incidents_read::{self, OpenIncident},
    monitors::Row,
    regions_list, uptime,
};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{RefOr, Schema},
};
use uuid::Uuid;
use wire::{Diagnosis, MonitorId, Reason, Region, Verdict};

use crate::{
    App,
    monitors::body::MonitorBody,
    problem::ApiError,
    time::{moment, moment_ms, moment_s},
};

/// A monitor: its body with every field, and what became of it.
#[derive(Serialize)]
pub(crate) struct MonitorAnswer {
    id: MonitorId,
    #[serde(flatten)]
    body: Value,
    #[serde(flatten)]
    facts: Facts,
}

/// What became of a monitor.
#[derive(Serialize, ToSchema)]
struct Facts {
    status: Status,
    /// Since when it is.
    #[schema(format = DateTime)]
    since: String,
    /// Only while it is `unknown` because UpGuard itself stores no results: when it last did. Absent while the status is
    /// fresh.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = DateTime)]
    unchecked_since: Option<String>,
    /// The reason most regions give.
    #[schema(value_type = Option<schema::Reason>, required)]
    reason: Option<Reason>,
    /// Its certificate, as it was seen last.
    #[schema(required)]
    certificate: Option<CertificateEnd>,
    /// Its worst open incident.
    #[schema(required)]
    incident: Option<IncidentNow>,
    /// The second of each interval at which it is checked.
    phase: i32,
    #[schema(format = DateTime)]
    created_at: String,
    /// The last each region said.
    regions_now: Vec<RegionNow>,
    uptime: Uptime,
}

/// When a certificate ends.
#[derive(Serialize, ToSchema)]
pub(crate) struct CertificateEnd {
    #[schema(format = DateTime)]
    pub(crate) not_after: String,
}

/// An open incident, in short.
#[derive(Serialize, ToSchema)]
struct IncidentNow {
    id: Uuid,
    state: State,
    level: Level,
    #[schema(format = DateTime)]
    opened_at: String,
}

/// The last a region said of a monitor.
#[derive(Serialize, ToSchema)]
struct RegionNow {
    #[schema(value_type = String)]
    region: Region,
    #[schema(value_type = schema::Verdict)]
    verdict: Verdict,
    #[schema(value_type = Option<schema::Reason>, required)]
    reason: Option<Reason>,
    /// Why its probe doubts it.
    #[schema(value_type = Option<schema::Diagnosis>, required)]
    suspect: Option<Diagnosis>,
    /// When it looked; where nobody looked, when it should have.
    #[schema(required, format = DateTime)]
    at: Option<String>,
    /// The whole check, milliseconds; null where nothing was measured.
    #[schema(required)]
    ms: Option<f64>,
}

impl PartialSchema for MonitorAnswer {
    fn schema() -> RefOr<Schema> {
        /// A monitor: its body with every field, and what became of it.
        #[derive(ToSchema)]
        #[expect(dead_code, reason = "its schema is its use")]
        struct Known {
            id: Uuid,
        }
        let known = schema::extended(Known::schema(), MonitorBody::whole());
        schema::extended(known, Facts::schema())
    }
}

impl ToSchema for MonitorAnswer {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Monitor")
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        MonitorBody::schemas(schemas);
        Facts::schemas(schemas);
    }
}

/// The answers of these monitors, in their order.
pub(crate) async fn of(app: &App, db: &impl GenericClient, rows: &[Row]) -> Result<Vec<MonitorAnswer>, ApiError> {
    let now = app.clock.now();
    // A region that is silent this long has a row that says so.
    let close_after = app.config.times.close.into();
    let since = |row: &Row| heard_since(Slot(now), row.monitor.interval().seconds(), close_after).0;
    let since: Vec<_> = rows.iter().map(|row| (row.key, since(row))).collect();
    let keys: Vec<_> = rows.iter().map(|row| row.key).collect();
    let (regions, latest, uptime, incidents) = tokio::try_join!(
        regions_list::all(db),
        history::latest(db, &since, now),
        uptime::of(db, &keys, now),
        incidents_read::open_of(db, &keys),
    )?;
    let names: HashMap<_, _> = regions.iter().map(|known| (known.key, &known.region)).collect();
    let answer = |row: &Row| {
        let latest = latest.get(&row.key).map_or(&[][..], Vec::as_slice);
        let regions_now = latest.iter().filter_map(|result| region_now(result, &names)).collect();
        let shown = row.shown(now);
        let facts = Facts {
            status: shown.status,
            since: moment_s(shown.since),
            unchecked_since: shown.unchecked_since.map(moment_s),
            reason: shown.reason,
            certificate: row.cert_not_after.map(|end| CertificateEnd { not_after: moment_s(end) }),
            incident: incidents.get(&row.key).map(incident),
            phase: row.phase,
            created_at: moment(row.created_at),
            regions_now,
            uptime: uptime.get(&row.key).copied().unwrap_or_default(),
        };
        MonitorAnswer { id: row.id, body: row.monitor.to_body(), facts }
    };
    Ok(rows.iter().map(answer).collect())
}

fn incident(open: &OpenIncident) -> IncidentNow {
    let OpenIncident { id, state, level, opened_at } = *open;
    IncidentNow { id, state, level, opened_at: moment_s(opened_at) }
}

fn region_now(result: &ResultRow, names: &HashMap<RegionKey, &Region>) -> Option<RegionNow> {
    Some(RegionNow {
        region: (*names.get(&result.region)?).clone(),
        verdict: result.verdict,
        reason: result.reason,
        suspect: result.suspect,
        at: moment_ms(result.slot * 1000 + i64::from(result.started_ms.unwrap_or(0))),
        ms: result.total_us().map(|us| us as f64 / 1000.0),
    })
}
