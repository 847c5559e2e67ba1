//! `/api/v1/regions`: where checks come from, who carries them out, and how far they are behind.

use std::{borrow::Cow, collections::HashMap, sync::Arc, time::Duration};

use domain::{fields, schedule::RegionRow, schema};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::{
    GenericClient, organisations,
    regions_list::{self, Worker},
};
use utoipa::{OpenApi, ToSchema};
use warp::{Filter, Reply};
use wire::{GroupLag, Region};

use crate::{
    App,
    auth::{Admin, Viewer, admin, viewer},
    body::body,
    page::{Answer, Group, Route, created, json, with},
    problem::ApiError,
    time::{moment, moment_ms},
};

/// What this page answers.
pub(crate) const ROUTES: &[Route] = &[("GET", "/api/v1/regions"), ("POST", "/api/v1/regions")];

/// Groups shown of which no region is registered: anybody with a region's rights can make as many as they like.
const UNREGISTERED: usize = 100;
/// Redis has this long to say how far regions are behind.
const PATIENCE: Duration = Duration::from_secs(2);

/// Every region.
#[derive(Serialize, ToSchema)]
#[schema(as = Regions)]
struct Fleet<'a> {
    items: Vec<RegionAnswer<'a>>,
    /// Always null: all are here.
    #[schema(required)]
    next: Option<String>,
    /// Why something is missing here.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    note: Option<String>,
}

/// Where checks come from.
#[derive(Serialize, ToSchema)]
#[schema(as = Region)]
struct RegionAnswer<'a> {
    #[schema(value_type = String)]
    id: &'a Region,
    /// Whether its slots are expected. A group that probes made and nobody registered owes nothing.
    registered: bool,
    /// Whether its jobs go over a stream of its own.
    isolated: bool,
    /// Since when it is registered.
    #[schema(required, format = DateTime)]
    since: Option<String>,
    workers: Vec<WorkerAnswer<'a>>,
    /// Age of the oldest job nobody took yet; 0 where all are taken, null while Redis is away.
    #[schema(required)]
    lag_seconds: Option<f64>,
    /// Jobs taken and not yet answered; null while Redis is away.
    #[schema(required)]
    pending: Option<u64>,
}

/// A probe that works for a region.
#[derive(Serialize, ToSchema)]
#[schema(as = Worker)]
struct WorkerAnswer<'a> {
    /// Its name for the operators: the installation's first organisation; a number for everybody else.
    worker: Cow<'a, str>,
    version: &'a str,
    /// Checks running or waiting to be reported.
    in_flight: i32,
    /// The most it runs at once.
    limit: i32,
    /// Age of the oldest job when it was taken.
    queue_age_ms: i64,
    /// How far its clock is ahead.
    clock_offset_ms: i64,
    /// Why its outcomes are suspect; null while they are not.
    #[schema(value_type = Option<schema::Diagnosis>, required)]
    diagnosis: Option<&'a str>,
    /// When it said so.
    #[schema(format = DateTime)]
    seen_at: String,
    /// Whether it spoke within the last 20 s.
    alive: bool,
}

type Lags = HashMap<Region, GroupLag>;

pub(crate) fn routes(app: &Arc<App>) -> Group {
    let path = warp::path!("api" / "v1" / "regions");
    let list = path.and(warp::get()).and(viewer(app)).and(with(app)).then(list);
    let register = path.and(warp::post()).and(admin(app)).and(body()).and(with(app)).then(register);
    list.or(register).unify().map(|answer: Answer| answer.into_response()).boxed()
}

/// List all regions with their workers, by name.
#[utoipa::path(get, path = "/api/v1/regions", tag = "Regions", responses((status = 200, body = Fleet)))]
async fn list(who: Viewer, app: Arc<App>) -> Answer {
    let db = app.db.get().await?;
    let named = organisations::operators(&db).await? == Some(who.org);
    let (mut regions, workers) = tokio::try_join!(regions_list::all(&db), regions_list::workers(&db))?;
    drop(db);
    let now_ms = app.clock.now_ms();
    regions.retain(|region| region.to_slot >= now_ms.div_euclid(1000));
    let (lags, note) = match lags(&app, &regions).await {
        Ok(lags) => (Some(lags), None),
        Err(why) => (None, Some(format!("how far regions are behind is not known just now: {why}"))),
    };
    let mut items: Vec<_> =
        regions.iter().map(|region| registered(region, &workers, lags.as_ref(), now_ms, named)).collect();
    let known = |name: &Region| regions.iter().any(|region| region.region == *name);
    let strangers = lags.iter().flatten().filter(|(name, _)| !known(name));
    items.extend(strangers.map(|(name, lag)| unregistered(name, *lag, now_ms)));
    items.sort_by(|a, b| a.id.cmp(b.id));
    Ok(json(&Fleet { items, next: None, note }))
}

/// The lag of registered regions and of every group on the job streams, all lanes together: the oldest job counts.
async fn lags(app: &App, regions: &[RegionRow]) -> Result<Lags, String> {
    let ask = async {
        let mut line = app.actions.link.short().await?;
        let mut all = Lags::new();
        for keys in &app.actions.lanes {
            let mut names = wire::groups_on(&mut line, keys).await?;
            names.retain(|name| regions.iter().all(|known| known.region != *name));
            names.truncate(UNREGISTERED);
            names.extend(regions.iter().map(|region| region.region.clone()));
            names.sort();
            names.dedup();
            for (name, lag) in wire::group_lags(&mut line, keys, &names).await? {
                let sum = all.entry(name).or_default();
                sum.pending += lag.pending;
                let both = [sum.oldest_undelivered_ms, lag.oldest_undelivered_ms];
                sum.oldest_undelivered_ms = both.into_iter().flatten().min();
            }
        }
        Ok::<_, wire::Error>(all)
    };
    match tokio::time::timeout(PATIENCE, ask).await {
        Ok(Ok(lags)) => Ok(lags),
        Ok(Err(why)) => {
            tracing::warn!(%why, "regions are shown without their lag");
            Err("Redis is away".to_owned())
        }
        Err(_) => Err(format!("Redis did not answer within {} s", PATIENCE.as_secs())),
    }
}

/// `named`: whether workers are shown by name.
fn registered<'a>(
    region: &'a RegionRow,
    workers: &'a [Worker],
    lags: Option<&Lags>,
    now_ms: i64,
    named: bool,
) -> RegionAnswer<'a> {
    let lag = lags.map(|lags| lags.get(&region.region).copied().unwrap_or_default());
    let workers = workers.iter().filter(|worker| worker.region == region.key);
    RegionAnswer {
        id: &region.region,
        registered: true,
        isolated: region.isolated,
        since: moment_ms(region.from_slot.saturating_mul(1000)),
        workers: workers
            .enumerate()
            .map(|(place, worker)| {
                let name = if named { worker.worker.as_str().into() } else { (place + 1).to_string().into() };
                worker_answer(worker, name, now_ms)
            })
            .collect(),
        lag_seconds: lag.map(|lag| lag_seconds(lag, now_ms)),
        pending: lag.map(|lag| lag.pending),
    }
}

fn unregistered(name: &Region, lag: GroupLag, now_ms: i64) -> RegionAnswer<'_> {
    let lag_seconds = Some(lag_seconds(lag, now_ms));
    let (since, workers) = (None, Vec::new());
    RegionAnswer {
        id: name,
        registered: false,
        isolated: false,
        since,
        workers,
        lag_seconds,
        pending: Some(lag.pending),
    }
}

fn lag_seconds(lag: GroupLag, now_ms: i64) -> f64 {
    let age = |oldest| (now_ms - i64::try_from(oldest).unwrap_or(now_ms)).max(0) as f64 / 1000.0;
    lag.oldest_undelivered_ms.map_or(0.0, age)
}

fn worker_answer<'a>(worker: &'a Worker, name: Cow<'a, str>, now_ms: i64) -> WorkerAnswer<'a> {
    WorkerAnswer {
        worker: name,
        version: &worker.version,
        in_flight: worker.in_flight,
        limit: worker.limit,
        queue_age_ms: worker.queue_age_ms,
        clock_offset_ms: worker.clock_offset_ms,
        diagnosis: worker.diagnosis.as_deref(),
        seen_at: moment(worker.seen_at),
        alive: worker.is_alive(now_ms),
    }
}

/// A region to register.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewRegion {
    #[schema(value_type = String, example = "eu-west")]
    id: Region,
    /// Whether its jobs go over a stream of its own.
    #[schema(default = false)]
    #[serde(default)]
    isolated: bool,
}

impl fields::Body for NewRegion {
    const REQUIRED: &'static [&'static str] = &["id"];
}

#[derive(OpenApi)]
#[openapi(paths(list, register))]
pub(crate) struct Docs;

/// Register a region ahead of its first probe, or change whether it is isolated.
///
/// Regions belong to the operators: the installation's first organisation.
#[utoipa::path(
    post, path = "/api/v1/regions", tag = "Regions", request_body = NewRegion, security(("bearer" = ["admin"])),
    responses(
        (status = 201, body = RegionAnswer),
        (status = 409, description = "A region of this name was removed: its name stays with its history."),
    ),
)]
async fn register(who: Admin, body: Value, app: Arc<App>) -> Answer {
    let NewRegion { id, isolated } = fields::read(&body)?;
    actions::regions::register(&app.actions, who.org, &id, isolated).await?;
    answer_one(&app.db.get().await?, &id, app.clock.now_ms()).await
}

async fn answer_one(db: &impl GenericClient, id: &Region, now_ms: i64) -> Answer {
    let (regions, workers) = tokio::try_join!(regions_list::all(db), regions_list::workers(db))?;
    let region = regions.iter().find(|region| region.region == *id).ok_or(ApiError::NotFound)?;
    Ok(created("/api/v1/regions", &registered(region, &workers, None, now_ms, true)))
}
