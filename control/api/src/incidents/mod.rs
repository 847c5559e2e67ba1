//! `/api/v1/incidents`: what called for people, and what they did about it.

pub(crate) mod answer;

use std::{str::FromStr, sync::Arc};

use chrono::{DateTime, Utc};
use domain::{
    fields::{self, values},
    ids::OrgId,
    incident::{Kind, State},
};
use serde::Deserialize;
use serde_json::Value;
use store::{
    Connection,
    incidents_read::{self as incidents, Filter as Wanted},
};
use utoipa::{IntoParams, OpenApi, ToSchema};
use uuid::Uuid;
use warp::{Filter, Reply};

use crate::{
    App,
    auth::{Editor, Viewer, editor, viewer},
    body::body,
    incidents::answer::{IncidentAnswer, IncidentWhole, delivered, entry, failure, shown},
    page::{Answer, Group, Route, json, with},
    problem::ApiError,
    query::{Page, Paging, Query, query},
};

/// What this page answers.
pub(crate) const ROUTES: &[Route] = &[
    ("GET", "/api/v1/incidents"),
    ("GET", "/api/v1/incidents/{id}"),
    ("POST", "/api/v1/incidents/{id}/acknowledge"),
    ("POST", "/api/v1/incidents/{id}/resolve"),
    ("POST", "/api/v1/incidents/{id}/comments"),
];

/// Characters of a comment.
const COMMENT: usize = 2_000;

pub(crate) fn routes(app: &Arc<App>) -> Group {
    let all = warp::path!("api" / "v1" / "incidents");
    let one = warp::path!("api" / "v1" / "incidents" / Uuid);
    let list = all.and(warp::get()).and(viewer(app)).and(query()).and(with(app)).then(list);
    let get = one.and(warp::get()).and(viewer(app)).and(with(app)).then(get);
    let acknowledge = warp::path!("api" / "v1" / "incidents" / Uuid / "acknowledge");
    let acknowledge = acknowledge.and(warp::post()).and(editor(app)).and(with(app)).then(acknowledge_one);
    let resolve = warp::path!("api" / "v1" / "incidents" / Uuid / "resolve");
    let resolve = resolve.and(warp::post()).and(editor(app)).and(with(app)).then(resolve_one);
    let comment = warp::path!("api" / "v1" / "incidents" / Uuid / "comments");
    let comment = comment.and(warp::post()).and(editor(app)).and(body()).and(with(app)).then(comment_on);
    let page = list.or(get).unify().or(acknowledge).unify().or(resolve).unify().or(comment).unify();
    page.map(|answer: Answer| answer.into_response()).boxed()
}

/// States with commas between.
struct States(Vec<State>);

impl FromStr for States {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        text.split(',').map(str::parse).collect::<Result<_, _>>().map(Self)
    }
}

/// RFC 3339, or unix seconds.
pub(crate) struct Since(pub(crate) i64);

impl FromStr for Since {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(seconds) = text.parse() {
            return Ok(Self(seconds));
        }
        let moment: Result<DateTime<Utc>, _> = text.parse();
        moment.map(|at| Self(at.timestamp())).map_err(|_| format!("`{text}` is neither RFC 3339 nor unix seconds"))
    }
}

#[derive(OpenApi)]
#[openapi(paths(list, get, acknowledge_one, resolve_one, comment_on))]
pub(crate) struct Docs;

/// Which incidents a list shows.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "its schema is its use")]
struct Narrowed {
    /// In one of these states: `open`, `acknowledged`, `resolved`, with commas between.
    state: Option<String>,
    /// Of this kind.
    kind: Option<Kind>,
    /// About this monitor.
    monitor: Option<Uuid>,
    /// Not over before: RFC 3339 or unix seconds.
    since: Option<String>,
}

/// List incidents, newest first.
#[utoipa::path(
    get, path = "/api/v1/incidents", tag = "Incidents", params(Narrowed, Paging),
    responses((status = 200, body = Page<IncidentAnswer>)),
)]
async fn list(who: Viewer, mut query: Query, app: Arc<App>) -> Answer {
    let wanted = Wanted {
        after: query.take("after")?,
        states: query.take::<States>("state")?.map(|states| states.0),
        kind: query.take("kind")?,
        monitor: query.take("monitor")?,
        since: query.take::<Since>("since")?.map(|since| since.0),
    };
    let limit = query.limit()?;
    query.end()?;
    let mut found = incidents::list(&app.db.get().await?, who.org, &wanted, limit as i64 + 1).await?;
    let more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| more).map(|last| last.id.to_string());
    Ok(json(&Page { items: found.iter().map(shown).collect::<Vec<_>>(), next }))
}

/// Show one incident with all that happened.
#[utoipa::path(
    get, path = "/api/v1/incidents/{id}", tag = "Incidents", params(("id" = Uuid, Path)),
    responses((status = 200, body = IncidentWhole)),
)]
async fn get(id: Uuid, who: Viewer, app: Arc<App>) -> Answer {
    whole(&app.db.get().await?, who.org, id).await
}

/// Say that you look after it: no more reminders.
#[utoipa::path(
    post, path = "/api/v1/incidents/{id}/acknowledge", tag = "Incidents", params(("id" = Uuid, Path)), security(("bearer" = ["editor"])),
    responses((status = 200, body = IncidentWhole), (status = 409, description = "It is not open.")),
)]
async fn acknowledge_one(id: Uuid, who: Editor, app: Arc<App>) -> Answer {
    actions::incidents::acknowledge(&app.actions, who.org, id, who.actor).await?;
    whole(&app.db.get().await?, who.org, id).await
}

/// End an incident; checks go on.
#[utoipa::path(
    post, path = "/api/v1/incidents/{id}/resolve", tag = "Incidents", params(("id" = Uuid, Path)), security(("bearer" = ["editor"])),
    responses((status = 200, body = IncidentWhole), (status = 409, description = "It is over already.")),
)]
async fn resolve_one(id: Uuid, who: Editor, app: Arc<App>) -> Answer {
    actions::incidents::resolve(&app.actions, who.org, id, who.actor).await?;
    whole(&app.db.get().await?, who.org, id).await
}

/// What to say.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Comment {
    #[schema(min_length = 1, max_length = 2000, example = "We look at it.")]
    #[serde(deserialize_with = "values::text_as::<Said, _, _>")]
    text: String,
}

impl fields::Body for Comment {
    const REQUIRED: &'static [&'static str] = &["text"];
}

struct Said(String);

impl FromStr for Said {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let said = text.trim();
        match text.chars().count() {
            length if length > COMMENT || said.is_empty() => {
                Err(format!("must have 1 to {COMMENT} characters, not {length}, and more than spaces"))
            }
            _ => Ok(Self(said.to_owned())),
        }
    }
}

impl From<Said> for String {
    fn from(said: Said) -> Self {
        said.0
    }
}

/// Say something about an incident, even when all is over.
#[utoipa::path(
    post, path = "/api/v1/incidents/{id}/comments", tag = "Incidents", params(("id" = Uuid, Path)), security(("bearer" = ["editor"])),
    request_body = Comment, responses((status = 200, body = IncidentWhole)),
)]
async fn comment_on(id: Uuid, who: Editor, body: Value, app: Arc<App>) -> Answer {
    let Comment { text } = fields::read(&body)?;
    actions::incidents::comment(&app.actions, who.org, id, who.actor, &text).await?;
    whole(&app.db.get().await?, who.org, id).await
}

/// An incident with all that happened.
async fn whole(db: &Connection, org: OrgId, id: Uuid) -> Answer {
    let incident = incidents::get(db, org, id).await?.ok_or(ApiError::NotFound)?;
    let (timeline, failures, told) =
        tokio::try_join!(incidents::timeline(db, id), incidents::failures(db, id), incidents::told(db, id))?;
    Ok(json(&IncidentWhole {
        incident: shown(&incident),
        timeline: timeline.into_iter().map(entry).collect(),
        failures: failures.into_iter().map(failure).collect(),
        deliveries: told.into_iter().map(delivered).collect(),
    }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn filters() {
        assert_eq!("open,acknowledged".parse::<States>().unwrap().0, [State::Open, State::Acknowledged]);
        assert!("open,closed".parse::<States>().is_err());
        assert_eq!("1700000000".parse::<Since>().unwrap().0, 1_700_000_000);
        assert_eq!("2023-11-14T22:13:20Z".parse::<Since>().unwrap().0, 1_700_000_000);
        assert!("yesterday".parse::<Since>().is_err());
    }

    #[test]
    fn comments_are_bounded() {
        let read = |body: Value| fields::read::<Comment>(&body);
        assert_eq!(read(json!({"text": " we look at it "})).unwrap().text, "we look at it");
        for bad in [json!({}), json!({"text": " "}), json!({"text": "x".repeat(2_001)}), json!({"text": "a", "b": 1})] {
            assert!(read(bad.clone()).is_err(), "{bad}");
        }
    }
}
