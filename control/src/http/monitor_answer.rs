//! How a monitor looks in answers: its body, and what became of it. A whole page takes four questions to PostgreSQL.

use std::collections::HashMap;

use serde::Serialize;
use serde_json::{Map, Value, json};
use wire::{Diagnosis, Reason, Region, Verdict};

use super::{
    ApiError,
    time::{moment, moment_ms},
};
use crate::{
    app::App,
    keys::RegionKey,
    store::{
        GenericClient,
        history::{self, ResultRow},
        incidents_read::{self, OpenIncident},
        monitors::Row,
        regions_list, uptime,
    },
    uptime::Uptime,
};

/// The last a region said of a monitor.
#[derive(Serialize)]
struct RegionNow<'a> {
    region: &'a Region,
    verdict: Verdict,
    reason: Option<Reason>,
    /// Why its probe doubts it.
    suspect: Option<Diagnosis>,
    /// When it looked; where nobody looked, when it should have.
    at: Option<String>,
    /// The whole check, milliseconds; absent (null) where nothing was measured.
    ms: Option<f64>,
}

/// The answers of these monitors, in their order.
pub(super) async fn of(app: &App, db: &impl GenericClient, rows: &[Row]) -> Result<Vec<Value>, ApiError> {
    let now = app.clock.now();
    // A region that is silent this long has a row that says so: its slots are closed by then.
    let heard_since =
        |row: &Row| now - 2 * i64::from(row.monitor.interval().seconds()) - app.config.times.close.as_secs() as i64;
    let since: Vec<_> = rows.iter().map(|row| (row.key, heard_since(row))).collect();
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
        let mut answer = one(row, latest, &names, uptime.get(&row.key).copied().unwrap_or_default());
        answer.insert("incident".to_owned(), json!(incidents.get(&row.key).map(incident)));
        Value::Object(answer)
    };
    Ok(rows.iter().map(answer).collect())
}

fn one(row: &Row, latest: &[ResultRow], names: &HashMap<RegionKey, &Region>, uptime: Uptime) -> Map<String, Value> {
    let regions_now: Vec<_> = latest.iter().filter_map(|result| region_now(result, names)).collect();
    let mut answer = Map::new();
    answer.insert("id".to_owned(), json!(row.id));
    if let Value::Object(body) = row.monitor.to_body() {
        answer.extend(body);
    }
    let facts = json!({
        "status": row.status,
        "since": moment_ms(row.since * 1000),
        "reason": row.reason,
        "certificate": row.cert_not_after.map(|end| json!({"not_after": moment_ms(end * 1000)})),
        "phase": row.phase,
        "created_at": moment(row.created_at),
        "regions_now": regions_now,
        "uptime": uptime,
    });
    if let Value::Object(facts) = facts {
        answer.extend(facts);
    }
    answer
}

fn incident(open: &OpenIncident) -> Value {
    let OpenIncident { id, state, level, opened_at } = open;
    json!({"id": id, "state": state, "level": level, "opened_at": moment_ms(opened_at * 1000)})
}

fn region_now<'a>(result: &ResultRow, names: &HashMap<RegionKey, &'a Region>) -> Option<RegionNow<'a>> {
    Some(RegionNow {
        region: names.get(&result.region)?,
        verdict: result.verdict,
        reason: result.reason,
        suspect: result.suspect,
        at: moment_ms(result.slot * 1000 + i64::from(result.started_ms.unwrap_or(0))),
        ms: result.total_us().map(|us| us as f64 / 1000.0),
    })
}
