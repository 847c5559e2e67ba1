//! `/api/v1/monitors/{id}/results`: what happened, newest first.

use std::{collections::HashMap, net::IpAddr, str::FromStr, sync::Arc};

use domain::{schedule::RegionRow, schema};
use serde::Serialize;
use store::{
    history::{self, Filter as Wanted, ResultRow},
    monitors, regions_list,
};
use utoipa::{IntoParams, OpenApi, ToSchema};
use warp::{Filter, Reply};
use wire::{Diagnosis, MonitorId, Reason, Region, Verdict};

use crate::{
    App,
    auth::{Viewer, viewer},
    page::{Answer, Group, Route, json, with},
    problem::ApiError,
    query::{Page, Query, query},
    time::moment_ms,
};

/// What this page answers.
pub(crate) const ROUTES: &[Route] = &[("GET", "/api/v1/monitors/{id}/results")];

/// A stored outcome.
#[derive(Serialize, ToSchema)]
#[schema(as = Result)]
struct ResultAnswer<'a> {
    /// Due moment, unix seconds: part of the result's key.
    slot: i64,
    #[schema(value_type = String)]
    region: &'a Region,
    /// 0 for the schedule, more for rechecks, 255 for a check on request.
    attempt: i16,
    #[schema(inline)]
    cause: Cause,
    #[schema(value_type = schema::Verdict)]
    verdict: Verdict,
    #[schema(value_type = Option<schema::Reason>, required)]
    reason: Option<Reason>,
    /// Why its probe doubts it (null where it does not): no vote, and not in uptime.
    #[schema(value_type = Option<schema::Diagnosis>, required)]
    suspect: Option<Diagnosis>,
    #[schema(required)]
    http_status: Option<i16>,
    phases: Phases,
    /// Which address answered.
    #[schema(value_type = Option<String>, required)]
    address: Option<IpAddr>,
    /// What was wrong, in a sentence.
    #[schema(required)]
    detail: Option<&'a str>,
    /// Null where nobody began.
    #[schema(required, format = DateTime)]
    started_at: Option<String>,
}

/// What made the check happen.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Cause {
    Schedule,
    Recheck,
    Request,
}

/// Seconds; what was not measured is absent, not zero.
#[derive(Serialize, ToSchema)]
pub(crate) struct Phases {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    resolve: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    connect: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    tls: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    processing: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    transfer: Option<f64>,
}

pub(crate) fn routes(app: &Arc<App>) -> Group {
    let path = warp::path!("api" / "v1" / "monitors" / MonitorId / "results");
    let list = path.and(warp::get()).and(viewer(app)).and(query()).and(with(app)).then(list);
    list.map(|answer: Answer| answer.into_response()).boxed()
}

#[derive(OpenApi)]
#[openapi(paths(list))]
pub(crate) struct Docs;

/// Which results a list shows.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "its schema is its use")]
struct Narrowed {
    /// From this region.
    region: Option<String>,
    /// With this verdict.
    verdict: Option<schema::Verdict>,
    /// `request` for those people asked for alone.
    #[param(inline)]
    attempt: Option<Asked>,
}

/// Which part of the list.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "its schema is its use")]
struct ResultPaging {
    /// How many a page has.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
    /// The `next` of the page before: slot, attempt and region, with dots between.
    #[param(pattern = "^[0-9]+\\.[0-9]+\\.[0-9]+$")]
    after: Option<String>,
}

/// The one cause that can be asked for.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
enum Asked {
    Request,
}

impl FromStr for Asked {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        if text == "request" { Ok(Self::Request) } else { Err(format!("`{text}` is not `request`")) }
    }
}

/// List a monitor's results, newest first.
#[utoipa::path(
    get, path = "/api/v1/monitors/{id}/results", tag = "Monitors", params(("id" = Uuid, Path), Narrowed, ResultPaging),
    responses((status = 200, body = Page<ResultAnswer>)),
)]
async fn list(id: MonitorId, who: Viewer, mut query: Query, app: Arc<App>) -> Answer {
    let db = app.db.get().await?;
    let row = monitors::get(&db, who.org, id).await?.ok_or(ApiError::NotFound)?;
    let regions = regions_list::all(&db).await?;
    let (wanted, limit) = wanted(&mut query, &regions)?;
    query.end()?;
    // A check on request can have the second in which the monitor was created, by a clock a little behind.
    let born = row.created_at.timestamp() - 60;
    let page = history::page(&db, row.key, &wanted, limit, (born, app.clock.now())).await?;
    let names: HashMap<_, _> = regions.iter().map(|known| (known.key, &known.region)).collect();
    let items = page.rows.iter().filter_map(|row| Some(answer(row, names.get(&row.region)?))).collect();
    Ok(json(&Page::<ResultAnswer<'_>> { items, next: page.next.map(|cursor| cursor.to_string()) }))
}

fn wanted(query: &mut Query, regions: &[RegionRow]) -> Result<(Wanted, usize), ApiError> {
    let (after, verdict) = (query.take("after")?, query.take("verdict")?);
    let region = query.take::<Region>("region")?.map(|name| {
        let known = regions.iter().find(|known| known.region == name);
        known.map(|known| known.key).ok_or_else(|| ApiError::Malformed(format!("no region `{name}` is registered")))
    });
    let requested = query.take::<Asked>("attempt")?.is_some();
    Ok((Wanted { after, region: region.transpose()?, verdict, requested }, query.limit()?))
}

fn answer<'a>(row: &'a ResultRow, region: &'a Region) -> ResultAnswer<'a> {
    ResultAnswer {
        slot: row.slot,
        region,
        // The store tells checks of different targets in one second apart by it.
        attempt: row.attempt.min(wire::ATTEMPT_REQUEST.into()),
        cause: cause(row.attempt),
        verdict: row.verdict,
        reason: row.reason,
        suspect: row.suspect,
        http_status: row.http_status,
        phases: phases(row.phases_us),
        address: row.address,
        detail: row.detail.as_deref(),
        started_at: row.started_ms.and_then(|ms| moment_ms(row.slot * 1000 + i64::from(ms))),
    }
}

fn cause(attempt: i16) -> Cause {
    match attempt {
        0 => Cause::Schedule,
        1..255 => Cause::Recheck,
        _ => Cause::Request,
    }
}

/// From microseconds.
pub(crate) fn phases(micros: [Option<i32>; 5]) -> Phases {
    let [resolve, connect, tls, processing, transfer] = micros.map(|us| us.map(|us| f64::from(us) / 1_000_000.0));
    Phases { resolve, connect, tls, processing, transfer }
}
