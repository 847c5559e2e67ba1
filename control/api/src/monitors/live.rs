//! `GET /api/v1/monitors?view=live`: all monitors at once, and the place in the events from where to go on.

use std::{collections::HashMap, str::FromStr, sync::Arc};

use domain::{incident::State, keys::RegionKey, schedule::RegionRow, schema, stale, status::Status};
use serde::{Serialize, Serializer};
use store::{
    monitors_live::{self, Filter, LiveRow, LiveRows},
    regions_list,
};
use utoipa::ToSchema;
use uuid::Uuid;
use wire::{Kind, Region};

use crate::{
    App,
    auth::Viewer,
    page::{Answer, json},
    problem::ApiError,
    query::Query,
    time::moment_ms,
};

/// The most monitors of one answer.
const MOST: usize = 50_000;

/// A monitor, as little of it as a list needs.
#[derive(Serialize, ToSchema)]
struct LiveMonitor<'a> {
    id: Uuid,
    name: &'a str,
    url: &'a str,
    #[schema(value_type = schema::CheckKind)]
    kind: Kind,
    status: Status,
    /// Unix seconds.
    since: i64,
    /// Unix seconds; only while it is `unknown` because UpGuard itself stores no results: when it last did.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    unchecked_since: Option<i64>,
    #[schema(value_type = Option<schema::Reason>, required)]
    reason: Option<&'a str>,
    interval: i32,
    tags: &'a [&'a str],
    /// Names; empty means all.
    #[schema(value_type = Vec<String>)]
    regions: Vec<&'a Region>,
    /// Its worst open one.
    #[schema(required)]
    incident: Option<LiveIncident<'a>>,
}

/// An open incident in short.
#[derive(Serialize, ToSchema)]
struct LiveIncident<'a> {
    id: Uuid,
    #[schema(value_type = State)]
    state: &'a str,
}

/// All monitors at once.
#[derive(Serialize, ToSchema)]
pub(crate) struct LiveMonitors<'a> {
    /// The newest event that is in here for certain: listen from behind it.
    seq: String,
    #[schema(value_type = String, format = DateTime)]
    server_time: Option<String>,
    #[schema(value_type = Vec<LiveMonitor>)]
    items: Items<'a>,
    /// Whether there are more than fit.
    cut: bool,
}

/// Written as they are read.
struct Items<'a> {
    rows: &'a LiveRows,
    names: HashMap<RegionKey, &'a Region>,
    now: i64,
}

impl Serialize for Items<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::{Error, SerializeSeq};

        let mut items = serializer.serialize_seq(Some(self.rows.len().min(MOST)))?;
        for row in self.rows.iter().take(MOST) {
            items.serialize_element(&self.shown(&row.map_err(Error::custom)?))?;
        }
        items.end()
    }
}

impl<'a> Items<'a> {
    fn shown<'r>(&self, row: &'r LiveRow<'r>) -> LiveMonitor<'r>
    where
        'a: 'r,
    {
        let chosen = row.regions.iter().flatten();
        let shown = stale::shown((row.status, row.since, row.reason), row.known, row.interval, self.now);
        LiveMonitor {
            id: row.id,
            name: row.name,
            url: row.url,
            kind: Kind::of_url(row.url).unwrap_or(Kind::Http),
            status: shown.status,
            since: shown.since,
            unchecked_since: shown.unchecked_since,
            reason: shown.reason,
            interval: row.interval,
            tags: &row.tags,
            regions: chosen.filter_map(|key| self.names.get(&RegionKey(*key)).copied()).collect(),
            incident: row.incident.map(|(id, state)| LiveIncident { id, state }),
        }
    }
}

/// `live`, the only view with a name.
struct Live;

impl FromStr for Live {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        if text == "live" { Ok(Self) } else { Err(format!("`{text}` is no view: use `live`, or leave it out")) }
    }
}

/// Statuses with commas between.
struct Statuses(Vec<Status>);

impl FromStr for Statuses {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        text.split(',').map(str::parse).collect::<Result<_, _>>().map(Self)
    }
}

/// Whether this view is asked for.
pub(crate) fn is_wanted(query: &mut Query) -> Result<bool, ApiError> {
    Ok(query.take::<Live>("view")?.is_some())
}

/// The answer to [`is_wanted`].
pub(crate) async fn list(who: Viewer, mut query: Query, app: Arc<App>) -> Answer {
    let (sort, region) = (query.take("sort")?.unwrap_or_default(), query.take::<Region>("region")?);
    let mut filter = Filter {
        search: query.text("q")?,
        status: query.take::<Statuses>("status")?.map(|statuses| statuses.0),
        tag: query.text("tag")?,
        region: None,
    };
    query.end()?;
    // Read before the rows: what changes between is in the rows already, and is heard of once more.
    let seq = app.live.tail().await?.to_string();
    let (db, now_ms) = (app.db.get().await?, app.clock.now_ms());
    let now = now_ms.div_euclid(1000);
    let regions = regions_list::all(&db).await?;
    filter.region = region.map(|name| key_of(&regions, &name)).transpose()?;
    let rows = monitors_live::all(&db, who.org, &filter, sort, MOST as i64 + 1, now).await?;
    drop(db);
    let names = regions.iter().map(|known| (known.key, &known.region)).collect();
    let items = Items { rows: &rows, names, now };
    let server_time = moment_ms(now_ms);
    Ok(json(&LiveMonitors { seq, server_time, items, cut: rows.len() > MOST }))
}

fn key_of(regions: &[RegionRow], name: &Region) -> Result<RegionKey, ApiError> {
    let known = regions.iter().find(|known| known.region == *name);
    known.map(|known| known.key).ok_or_else(|| ApiError::Malformed(format!("no region `{name}` is registered")))
}
