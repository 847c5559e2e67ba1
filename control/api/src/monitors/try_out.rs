//! `POST /api/v1/monitors/try`: what each region finds of a monitor that is not saved yet.
//!
//! Its jobs have an id that nobody has, so that no row comes of them: the ingester tells the outcome to whoever asked,
//! on whatever replica, the way dashboards are told.

use std::{net::IpAddr, sync::Arc, time::Duration};

use actions::{
    budget,
    check::{self, Request},
};
use channels::tried::Tried;
use domain::{
    monitor::Monitor,
    schedule::{RegionRow, owing},
    schema,
};
use serde::Serialize;
use serde_json::{Value, json};
use store::regions_list::{self, RegionKeys};
use tokio::time::Instant;
use utoipa::{OpenApi, ToSchema};
use uuid::Uuid;
use warp::{Filter, Reply};
use wire::{Diagnosis, Evidence, MonitorId, Reason, Region, Verdict};

use crate::{
    App,
    auth::{Editor, editor},
    body::body,
    history::results::{Phases, phases},
    monitors::{answer::CertificateEnd, body::MonitorTrial, tried::Waiting},
    page::{Answer, Group, Route, json, with},
    problem::ApiError,
    time::moment_ms,
};

/// What this page answers.
pub(crate) const ROUTES: &[Route] = &[("POST", PATH)];

/// It takes longer than others: see [`LONGEST`].
pub(crate) const PATH: &str = "/api/v1/monitors/try";
/// The longest an answer takes: the longest timeout, and what the way there and back may take.
pub(crate) const LONGEST: Duration = Duration::from_secs(40);

/// Beside the check's own timeout.
const WAY: Duration = Duration::from_secs(5);

/// What each region found.
#[derive(Serialize, ToSchema)]
#[schema(as = Tried)]
struct TriedAnswer {
    /// By name.
    regions: Vec<RegionTried>,
}

/// What a region found.
#[derive(Serialize, ToSchema)]
struct RegionTried {
    #[schema(value_type = String)]
    region: Region,
    /// Null where no answer came in time.
    #[schema(required)]
    outcome: Option<Found>,
    /// Why there is no outcome.
    #[schema(required)]
    why: Option<String>,
}

/// An outcome that is not kept.
#[derive(Serialize, ToSchema)]
#[schema(as = TriedOutcome)]
struct Found {
    #[schema(value_type = schema::Verdict)]
    verdict: Verdict,
    #[schema(value_type = Option<schema::Reason>, required)]
    reason: Option<Reason>,
    /// Why its probe doubts it; null where it does not.
    #[schema(value_type = Option<schema::Diagnosis>, required)]
    suspect: Option<Diagnosis>,
    #[schema(required)]
    http_status: Option<i16>,
    phases: Phases,
    /// Who answered.
    #[schema(value_type = Option<String>, required)]
    address: Option<IpAddr>,
    /// A sentence for people.
    #[schema(required)]
    detail: Option<String>,
    #[schema(required, format = DateTime)]
    started_at: Option<String>,
    /// The one that ends first; null where there was none.
    #[schema(required)]
    certificate: Option<CertificateEnd>,
    /// What a failing check saw.
    #[schema(value_type = Option<schema::Evidence>, required)]
    evidence: Option<Box<Evidence>>,
}

pub(crate) fn routes(app: &Arc<App>) -> Group {
    let path = warp::path!("api" / "v1" / "monitors" / "try");
    let try_out = path.and(warp::post()).and(editor(app)).and(body()).and(with(app)).then(try_out);
    try_out.map(|answer: Answer| answer.into_response()).boxed()
}

#[derive(OpenApi)]
#[openapi(paths(try_out))]
pub(crate) struct Docs;

/// Check a monitor that is not saved, from each of its regions.
///
/// The body is that of a new monitor; `name` may be left out. Answers within its `timeout` and 5 s. Nothing is kept.
/// Each region's look is a check on request, of which an organisation and a host have so many a minute.
#[utoipa::path(
    post, path = "/api/v1/monitors/try", tag = "Monitors", security(("bearer" = ["editor"])),
    request_body = MonitorTrial,
    responses(
        (status = 200, body = TriedAnswer),
        (status = 409, description = "No region is registered that could check it."),
        (status = 429, description = "Too many checks on request, of your organisation or of this host: `Retry-After` says how long to wait."),
    ),
)]
async fn try_out(who: Editor, body: Value, app: Arc<App>) -> Answer {
    let monitor = Monitor::parse(&named(body))?;
    let (asked, silent) = places(&app, &monitor).await?;
    if asked.is_empty() && silent.is_empty() {
        let mend = "no region is registered that could check it: start a probe, or choose other `regions`";
        return Err(ApiError::Conflict(mend.to_owned()));
    }
    if !asked.is_empty() {
        let host = check::host(monitor.url().url());
        app.actions.budgets.request(budget::Request { org: who.org, button: None, host, regions: asked.len() }).await?;
    }
    let mut answers: Vec<_> = silent.into_iter().map(nobody_there).collect();
    if !asked.is_empty() {
        answers.extend(ask(&app, &monitor, asked).await?);
    }
    answers.sort_by(|a, b| a.region.cmp(&b.region));
    Ok(json(&TriedAnswer { regions: answers }))
}

/// What is not saved needs no name.
fn named(mut body: Value) -> Value {
    if let Some(fields) = body.as_object_mut() {
        let name = fields.entry("name").or_insert(Value::Null);
        if name.is_null() || name == "" {
            *name = json!("not saved");
        }
    }
    body
}

/// The regions that are in force and wanted: those with a live worker, and those without.
async fn places(app: &App, monitor: &Monitor) -> Result<(Vec<Region>, Vec<Region>), ApiError> {
    let db = app.db.get().await?;
    let now_ms = app.clock.now_ms();
    let now = now_ms.div_euclid(1000);
    let chosen = RegionKeys::load(&db, now).await?.of(monitor)?;
    let (regions, workers) = tokio::try_join!(regions_list::all(&db), regions_list::workers(&db))?;
    let (live, silent): (Vec<_>, Vec<_>) = owing(&regions, chosen.as_deref(), now)
        .partition(|known| workers.iter().any(|worker| worker.region == known.key && worker.is_alive(now_ms)));
    let names = |regions: Vec<&RegionRow>| regions.into_iter().map(|known| known.region.clone()).collect();
    Ok((names(live), names(silent)))
}

/// Has `regions` check it, and waits for all of them, or as long as it may take.
async fn ask(app: &App, monitor: &Monitor, regions: Vec<Region>) -> Result<Vec<RegionTried>, ApiError> {
    let job = MonitorId(Uuid::new_v4());
    let patience = Duration::from_secs(monitor.spec().timeout().get().into()) + WAY;
    // Before the jobs are there: whatever is said of them is heard.
    let waiting = Waiting::new(&app.live, job, regions).await?;
    push(app, monitor, job, waiting.regions(), patience).await?;
    let answers = waiting.answers(&app.live, Instant::now() + patience).await;
    Ok(answers.into_iter().map(|(region, tried)| answer(region, tried, patience)).collect())
}

async fn push(
    app: &App,
    monitor: &Monitor,
    job: MonitorId,
    regions: &[Region],
    patience: Duration,
) -> Result<(), ApiError> {
    let keys = app.actions.lanes.first().ok_or_else(|| ApiError::Internal("there is no lane".to_owned()))?;
    let (url, spec) = (monitor.url().to_string(), monitor.spec_text());
    let slot = app.clock.now();
    let until = slot + patience.as_secs() as i64;
    let request = Request { id: job, url: &url, spec: spec.as_deref(), rev: 0, slot, until };
    Ok(check::send(&app.actions, keys, &regions.iter().map(|region| request.to(region)).collect::<Vec<_>>()).await?)
}

fn answer(region: Region, tried: Option<Tried>, patience: Duration) -> RegionTried {
    let why = tried.is_none().then(|| format!("no answer from {region} within {} s", patience.as_secs()));
    RegionTried { region, outcome: tried.map(found), why }
}

fn nobody_there(region: Region) -> RegionTried {
    let why = Some(format!("no probe is running in {region}"));
    RegionTried { region, outcome: None, why }
}

fn found(tried: Tried) -> Found {
    let certificate = tried.cert_not_after.and_then(|end| moment_ms(end.saturating_mul(1000)));
    Found {
        verdict: tried.verdict,
        reason: tried.reason,
        suspect: tried.suspect,
        http_status: tried.http_status,
        phases: phases(tried.phases_us),
        address: tried.address,
        detail: tried.detail,
        started_at: moment_ms(tried.started_ms),
        certificate: certificate.map(|not_after| CertificateEnd { not_after }),
        evidence: tried.evidence,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_be_left_out() {
        for body in [json!({"url": "x"}), json!({"url": "x", "name": null}), json!({"url": "x", "name": ""})] {
            assert_eq!(named(body)["name"], "not saved");
        }
        assert_eq!(named(json!({"name": "mine"}))["name"], "mine");
        assert_eq!(named(json!([])), json!([]));
    }
}
