//! `GET /api/v1/monitors/beats`: the last slots of the monitors on a screen, one letter each.

use std::{collections::HashMap, str::FromStr, sync::Arc};

use domain::{keys::RegionKey, schema, uptime::Counts};
use serde::Serialize;
use store::{
    beats::{self, Beats},
    regions_list,
};
use utoipa::{OpenApi, ToSchema};
use warp::{Filter, Reply};
use wire::{MonitorId, Reason, Region, Verdict};

use crate::{
    App,
    auth::{Viewer, viewer},
    page::{Answer, Group, Route, json, with},
    problem::ApiError,
    query::{Query, query},
};

/// What this page answers.
pub(crate) const ROUTES: &[Route] = &[("GET", "/api/v1/monitors/beats")];

/// Monitors of one request.
const MOST: usize = 200;
/// Slots of each, at most and by default.
const SLOTS: i64 = 90;
const USUAL_SLOTS: i64 = 40;

/// Beats of many monitors.
#[derive(Serialize, ToSchema)]
#[schema(as = Beats)]
struct BeatsAnswer<'a> {
    items: Vec<MonitorBeats<'a>>,
}

/// The last slots of a monitor.
#[derive(Serialize, ToSchema)]
struct MonitorBeats<'a> {
    #[schema(value_type = Uuid)]
    id: MonitorId,
    /// One letter a slot, oldest first: `u` up, `g` degraded, `d` down, `m` missed, `-` none yet. Of several regions the
    /// worst verdict counts, and missed only where nobody looked.
    beats: &'a str,
    /// Unix seconds of the last letter's slot.
    #[schema(required)]
    last_slot: Option<i64>,
    /// The newest word of any region.
    #[schema(required)]
    last: Option<LastBeat<'a>>,
    uptime: Day,
}

/// An outcome in short.
#[derive(Serialize, ToSchema)]
struct LastBeat<'a> {
    #[schema(value_type = String)]
    region: &'a Region,
    #[schema(value_type = schema::Verdict)]
    verdict: Verdict,
    #[schema(value_type = Option<schema::Reason>, required)]
    reason: Option<Reason>,
    /// Unix seconds.
    at: i64,
    /// The whole check, milliseconds; null where nothing was measured.
    #[schema(required)]
    ms: Option<f64>,
}

/// Uptime of the last 24 hours.
#[derive(Serialize, ToSchema)]
#[schema(as = UptimeDay)]
struct Day {
    #[serde(rename = "24h")]
    day: Counts,
}

/// Ids with commas between.
struct Ids(Vec<MonitorId>);

impl FromStr for Ids {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let id = |text: &str| text.parse().map_err(|_| format!("`{text}` is no monitor's id"));
        let ids: Vec<_> = text.split(',').map(id).collect::<Result<_, _>>()?;
        if ids.len() > MOST { Err(format!("at most {MOST} ids, not {}", ids.len())) } else { Ok(Self(ids)) }
    }
}

pub(crate) fn routes(app: &Arc<App>) -> Group {
    let path = warp::path!("api" / "v1" / "monitors" / "beats");
    let list = path.and(warp::get()).and(viewer(app)).and(query()).and(with(app)).then(list);
    list.map(|answer: Answer| answer.into_response()).boxed()
}

#[derive(OpenApi)]
#[openapi(paths(list))]
pub(crate) struct Docs;

/// The last slots of the monitors on a screen, one letter each.
///
/// What is not there, or not yours, is left out.
#[utoipa::path(
    get, path = "/api/v1/monitors/beats", tag = "Monitors",
    params(
        ("ids" = Option<String>, Query, description = "Up to 200 ids, with commas between."),
        ("count" = Option<i64>, Query, minimum = 1, maximum = 90, description = "Slots of each; 40 where it is left out."),
    ),
    responses((status = 200, body = BeatsAnswer)),
)]
async fn list(who: Viewer, mut query: Query, app: Arc<App>) -> Answer {
    let Ids(ids) = query.take("ids")?.ok_or_else(|| {
        ApiError::Malformed(format!("the parameter `ids` is missing: give up to {MOST} ids, with commas between"))
    })?;
    let count = query.take("count")?.unwrap_or(USUAL_SLOTS);
    if !(1..=SLOTS).contains(&count) {
        return Err(ApiError::Malformed(format!("the parameter `count`: must be from 1 to {SLOTS}, not {count}")));
    }
    query.end()?;
    let regions = regions_list::all(&app.db.get().await?).await?;
    let all = beats::of(&app.db, who.org, &ids, count, app.clock.now()).await?;
    let names: HashMap<_, _> = regions.iter().map(|known| (known.key, &known.region)).collect();
    Ok(json(&BeatsAnswer { items: all.iter().map(|beats| shown(beats, &names)).collect() }))
}

fn shown<'a>(beats: &'a Beats, names: &HashMap<RegionKey, &'a Region>) -> MonitorBeats<'a> {
    let last = beats.last.and_then(|last| {
        Some(LastBeat {
            region: names.get(&last.region)?,
            verdict: last.verdict,
            reason: last.reason,
            at: last.at_ms.div_euclid(1000),
            ms: last.total_us.map(|us| us as f64 / 1000.0),
        })
    });
    MonitorBeats {
        id: beats.monitor,
        beats: &beats.letters,
        last_slot: beats.last_slot,
        last,
        uptime: Day { day: beats.day },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_bounded() {
        let many = |count| vec!["00000000-0000-0000-0000-000000000001"; count].join(",");
        assert_eq!(many(200).parse::<Ids>().map(|ids| ids.0.len()).ok(), Some(200));
        assert!(many(201).parse::<Ids>().is_err() && "x".parse::<Ids>().is_err());
    }
}
