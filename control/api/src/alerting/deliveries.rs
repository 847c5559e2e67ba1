//! `/api/v1/deliveries` and `/api/v1/channels/{id}/deliveries`: what was sent and answered, what waits, and what was
//! given up.

use std::{str::FromStr, sync::Arc};

use domain::{ids::ChannelId, incident::What};
use serde::Serialize;
use store::{
    deliveries::{self, About, Delivery, Filter as Wanted, Said, Standing, Unsent},
    outbox,
};
use utoipa::{IntoParams, OpenApi, ToSchema};
use uuid::Uuid;
use warp::{Filter, Reply};
use wire::Region;

use crate::{
    App,
    auth::{Editor, Viewer, editor, viewer},
    incidents::answer::{ChannelName, MonitorName},
    page::{Answer, Group, Route, json, no_content, with},
    problem::ApiError,
    query::{NumberPaging, Page, Query, query},
    time::moment,
};

/// What this page answers.
pub(crate) const ROUTES: &[Route] = &[
    ("GET", "/api/v1/channels/{id}/deliveries"),
    ("GET", "/api/v1/deliveries"),
    ("POST", "/api/v1/deliveries/{key}/resend"),
];

/// One try to tell a channel something.
#[derive(Serialize, ToSchema)]
#[schema(as = DeliveryTry)]
struct TryAnswer<'a> {
    id: i64,
    /// Which message; null for a test.
    #[schema(required)]
    message: Option<i64>,
    #[schema(required)]
    what: Option<What>,
    /// Null for a test, and where many incidents were told as one.
    #[schema(required)]
    incident: Option<Uuid>,
    /// What the incident is about; null where that is a region, or where `incident` is null.
    #[schema(required)]
    monitor: Option<MonitorName>,
    /// The region the incident is about; null where that is a monitor, or where `incident` is null.
    #[schema(value_type = Option<String>, required)]
    region: Option<Region>,
    /// Which entry of the incident's timeline.
    #[schema(required)]
    change: Option<i32>,
    /// The how many-th try of this message.
    attempt: i32,
    #[serde(flatten)]
    said: SaidAnswer<'a>,
}

/// What a receiver said.
#[derive(Serialize, ToSchema)]
#[schema(as = Said)]
struct SaidAnswer<'a> {
    #[schema(format = DateTime)]
    at: String,
    ok: bool,
    /// The HTTP status or SMTP reply code; null where there was no answer.
    #[schema(required)]
    status: Option<u16>,
    /// The first KiB of the answer, or why there is none.
    answer: &'a str,
    took_ms: u64,
}

/// A message that did not arrive yet.
#[derive(Serialize, ToSchema)]
#[schema(as = UnsentMessage)]
struct UnsentAnswer<'a> {
    key: i64,
    #[schema(inline)]
    state: State,
    what: What,
    channel: ChannelName,
    /// Null where many incidents are told as one.
    #[schema(required)]
    incident: Option<Uuid>,
    /// What the incident is about; null where that is a region, or where `incident` is null.
    #[schema(required)]
    monitor: Option<MonitorName>,
    /// The region the incident is about; null where that is a monitor, or where `incident` is null.
    #[schema(value_type = Option<String>, required)]
    region: Option<Region>,
    /// Which entry of the incident's timeline.
    #[schema(required)]
    change: Option<i32>,
    /// How many messages a digest stands for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    messages: Option<i64>,
    /// How often it was tried.
    attempts: i32,
    #[schema(format = DateTime)]
    created_at: String,
    /// When it is tried next; null when it is not tried any more.
    #[schema(required, format = DateTime)]
    due_at: Option<String>,
    /// What the last try came to.
    #[schema(required)]
    last: Option<SaidAnswer<'a>>,
}

pub(crate) fn routes(app: &Arc<App>) -> Group {
    let of_channel = warp::path!("api" / "v1" / "channels" / ChannelId / "deliveries");
    let of_channel = of_channel.and(warp::get()).and(viewer(app)).and(query()).and(with(app)).then(of_channel_list);
    let list = warp::path!("api" / "v1" / "deliveries");
    let list = list.and(warp::get()).and(viewer(app)).and(query()).and(with(app)).then(unsent_list);
    let resend = warp::path!("api" / "v1" / "deliveries" / i64 / "resend");
    let resend = resend.and(warp::post()).and(editor(app)).and(with(app)).then(resend_one);
    of_channel.or(list).unify().or(resend).unify().map(|answer: Answer| answer.into_response()).boxed()
}

#[derive(OpenApi)]
#[openapi(paths(of_channel_list, unsent_list, resend_one))]
pub(crate) struct Docs;

/// List every try to tell a channel something, newest first. Kept for 90 days.
#[utoipa::path(
    get, path = "/api/v1/channels/{id}/deliveries", tag = "Deliveries", params(("id" = Uuid, Path), NumberPaging),
    responses((status = 200, body = Page<TryAnswer>)),
)]
async fn of_channel_list(id: ChannelId, who: Viewer, mut query: Query, app: Arc<App>) -> Answer {
    let (after, limit) = (query.take("after")?, query.limit()?);
    query.end()?;
    let db = app.db.get().await?;
    store::channels::of(&db, who.org, id).await?.ok_or(ApiError::NotFound)?;
    let mut rows = deliveries::of_channel(&db, who.org, id, after, limit + 1).await?;
    let next = next_of(&mut rows, limit, |row| row.key);
    Ok(json(&Page { items: rows.iter().map(try_answer).collect(), next }))
}

/// Which messages a list shows.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "its schema is its use")]
struct Narrowed {
    /// Still tried, or given up.
    #[param(inline)]
    state: Option<State>,
}

/// List messages that did not arrive, newest first.
#[utoipa::path(
    get, path = "/api/v1/deliveries", tag = "Deliveries", params(Narrowed, NumberPaging),
    responses((status = 200, body = Page<UnsentAnswer>)),
)]
async fn unsent_list(who: Viewer, mut query: Query, app: Arc<App>) -> Answer {
    let dead = query.take::<State>("state")?.map(|state| state == State::Dead);
    let (after, limit) = (query.take("after")?, query.limit()?);
    query.end()?;
    let db = app.db.get().await?;
    let mut rows = deliveries::unsent(&db, who.org, Wanted { dead, after, only: None }, limit + 1).await?;
    let next = next_of(&mut rows, limit, |row| row.key);
    Ok(json(&Page { items: rows.iter().map(unsent_answer).collect(), next }))
}

/// Send a message that was given up once more, as if it were new.
#[utoipa::path(
    post, path = "/api/v1/deliveries/{key}/resend", tag = "Deliveries", security(("bearer" = ["editor"])),
    params(("key" = i64, Path)),
    responses(
        (status = 200, body = UnsentAnswer, description = "It waits to be sent."),
        (status = 204, description = "It was sent already."),
        (status = 409, description = "It was not given up, its incident is over, or its channel is switched off."),
    ),
)]
async fn resend_one(key: i64, who: Editor, app: Arc<App>) -> Answer {
    let db = app.db.get().await?;
    if !outbox::resend(&db, who.org, key).await? {
        let standing = deliveries::standing(&db, who.org, key).await?.ok_or(ApiError::NotFound)?;
        return Err(ApiError::Conflict(refusal(standing).to_owned()));
    }
    let only = Wanted { only: Some(key), ..Wanted::default() };
    let rows = deliveries::unsent(&db, who.org, only, 1).await?;
    // It may be sent already.
    Ok(rows.first().map_or_else(no_content, |row| json(&unsent_answer(row))))
}

fn refusal(standing: Standing) -> &'static str {
    match standing {
        Standing::NoChannel => "its channel is switched off or deleted: switch it on first",
        Standing::Member => "it is part of a digest: send that again",
        // Nobody would resolve it again. And between the two looks somebody else may have sent it.
        Standing::Dead | Standing::Other => {
            "only what was given up can be sent again, and only while its incident lasts"
        }
    }
}

/// Which messages a list shows.
#[derive(Clone, Copy, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum State {
    Pending,
    Dead,
}

impl FromStr for State {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "pending" => Ok(Self::Pending),
            "dead" => Ok(Self::Dead),
            other => Err(format!("must be pending or dead, not `{other}`")),
        }
    }
}

/// Leaves at most `limit` rows; the cursor of the last where there are more.
fn next_of<T>(rows: &mut Vec<T>, limit: usize, key: impl Fn(&T) -> i64) -> Option<String> {
    let more = rows.len() > limit;
    rows.truncate(limit);
    rows.last().filter(|_| more).map(|row| key(row).to_string())
}

fn try_answer(row: &Delivery) -> TryAnswer<'_> {
    let told = row.told;
    let (monitor, region) = about(&row.about);
    TryAnswer {
        id: row.key,
        message: row.message,
        what: told.map(|(_, _, what)| what),
        incident: told.and_then(|(incident, _, _)| incident),
        monitor,
        region,
        change: told.and_then(|(incident, change, _)| incident.map(|_| change)),
        attempt: row.attempt,
        said: said_answer(moment(row.at), &row.said),
    }
}

fn about(about: &About) -> (Option<MonitorName>, Option<Region>) {
    let monitor = about.monitor.clone().map(|(id, name)| MonitorName { id, name });
    (monitor, about.region.clone())
}

fn said_answer(at: String, said: &Said) -> SaidAnswer<'_> {
    SaidAnswer { at, ok: said.ok, status: said.status, answer: &said.answer, took_ms: said.took.as_millis() as u64 }
}

fn unsent_answer(row: &Unsent) -> UnsentAnswer<'_> {
    let (id, kind, name) = row.channel.clone();
    let (monitor, region) = about(&row.about);
    UnsentAnswer {
        key: row.key,
        state: if row.is_dead { State::Dead } else { State::Pending },
        what: row.what,
        channel: ChannelName { id, kind, name },
        incident: row.incident,
        monitor,
        region,
        change: row.incident.map(|_| row.change),
        messages: (row.members > 0).then_some(row.members),
        attempts: row.attempts,
        created_at: moment(row.created_at),
        due_at: (!row.is_dead).then(|| moment(row.due_at)),
        last: row.last.as_ref().map(|(at, said)| said_answer(moment(*at), said)),
    }
}
