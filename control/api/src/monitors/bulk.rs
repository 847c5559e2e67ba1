//! `POST /api/v1/monitors/bulk`: the same done to many monitors at once.

use std::sync::Arc;

use actions::monitors_bulk::{self, Action, TAGS};
use domain::fields::{self, Problem, values};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{OpenApi, ToSchema};
use warp::{Filter, Reply};
use wire::MonitorId;

use crate::{
    App,
    auth::{Editor, editor},
    body::body,
    page::{self, Answer, Group, Route, with},
};

/// What this page answers.
pub(crate) const ROUTES: &[Route] = &[("POST", "/api/v1/monitors/bulk")];

/// What to do with which monitors.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BulkBody {
    #[schema(inline)]
    #[serde(deserialize_with = "values::text")]
    action: ActionWord,
    #[schema(value_type = Vec<uuid::Uuid>, max_items = 1000)]
    #[serde(deserialize_with = "values::list::<1_000, _, _>")]
    ids: Vec<MonitorId>,
    /// With `tag` alone.
    #[schema(inline, nullable = false)]
    tags: Option<TagChange>,
}

impl fields::Body for BulkBody {
    const REQUIRED: &'static [&'static str] = &["action", "ids"];
}

#[derive(Clone, Copy, PartialEq, ToSchema)]
#[schema(rename_all = "lowercase")]
enum ActionWord {
    Pause,
    Resume,
    Delete,
    Tag,
}

wire::words!(ActionWord { Pause = "pause", Resume = "resume", Delete = "delete", Tag = "tag" });

/// Tags that come and go.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TagChange {
    #[serde(default, deserialize_with = "values::titles::<TAGS, 50, _>")]
    add: Vec<String>,
    #[serde(default, deserialize_with = "values::titles::<TAGS, 50, _>")]
    remove: Vec<String>,
}

impl BulkBody {
    /// What to do with which monitors; lanes of these stand still meanwhile.
    fn action(self) -> Result<(Action, Vec<MonitorId>), Vec<Problem>> {
        let action = match (self.action, self.tags) {
            (ActionWord::Pause, None) => Action::Switch(false),
            (ActionWord::Resume, None) => Action::Switch(true),
            (ActionWord::Delete, None) => Action::Delete,
            (ActionWord::Tag, Some(TagChange { add, remove })) => Action::Tag { add, remove },
            (ActionWord::Tag, None) => {
                return Err(vec![Problem::of("tags", "is required: write {\"add\": […], \"remove\": […]}")]);
            }
            (_, Some(_)) => {
                return Err(vec![Problem::of("tags", "is taken with the action `tag` alone: leave it out")]);
            }
        };
        Ok((action, self.ids))
    }
}

/// What became of each.
#[derive(Serialize, ToSchema)]
struct BulkDone {
    /// In the order they were given.
    items: Vec<BulkItem>,
}

/// What became of one.
#[derive(Serialize, ToSchema)]
struct BulkItem {
    #[schema(value_type = Uuid)]
    id: MonitorId,
    ok: bool,
    /// Why not.
    #[schema(required)]
    detail: Option<String>,
}

pub(crate) fn routes(app: &Arc<App>) -> Group {
    let path = warp::path!("api" / "v1" / "monitors" / "bulk");
    let change = path.and(warp::post()).and(editor(app)).and(body()).and(with(app)).then(change);
    change.map(|answer: Answer| answer.into_response()).boxed()
}

#[derive(OpenApi)]
#[openapi(paths(change))]
pub(crate) struct Docs;

/// Do the same to many monitors.
///
/// All in one transaction. What is not there, or not yours, is told one by one; the others are changed all the same.
#[utoipa::path(
    post, path = "/api/v1/monitors/bulk", tag = "Monitors", security(("bearer" = ["editor"])), request_body = BulkBody,
    responses((status = 200, body = BulkDone)),
)]
async fn change(who: Editor, body: Value, app: Arc<App>) -> Answer {
    let (action, ids) = fields::read::<BulkBody>(&body)?.action()?;
    let done = monitors_bulk::change(&app.actions, who.org, who.actor, &action, ids).await?;
    let items = done.into_iter().map(|(id, detail)| BulkItem { id, ok: detail.is_none(), detail });
    Ok(page::json(&BulkDone { items: items.collect() }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn bodies() {
        let read = |body: &Value| fields::read::<BulkBody>(body).and_then(BulkBody::action);
        let id = "00000000-0000-0000-0000-000000000001";
        for action in ["pause", "resume", "delete"] {
            assert!(read(&json!({"action": action, "ids": [id]})).is_ok());
        }
        assert!(read(&json!({"action": "tag", "ids": [id], "tags": {"add": ["x"]}})).is_ok());
        for bad in [
            json!({"action": "pause"}),
            json!({"ids": [id]}),
            json!({"action": "stop", "ids": [id]}),
            json!({"action": "pause", "ids": ["x"]}),
            json!({"action": "pause", "ids": vec![id; 1_001]}),
            json!({"action": "tag", "ids": [id]}),
            json!({"action": "pause", "ids": [id], "tags": {}}),
            json!({"action": "tag", "ids": [id], "tags": {"add": ["x".repeat(51)]}}),
            json!({"action": "tag", "ids": [id], "tags": {"drop": []}}),
        ] {
            assert!(read(&bad).is_err(), "{bad}");
        }
    }
}
