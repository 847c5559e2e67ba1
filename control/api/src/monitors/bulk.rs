//! `POST /api/v1/monitors/bulk`: the same done to many monitors at once.

use std::sync::Arc;

use actions::monitors_bulk::{self, Action, TAGS};
use domain::fields::{Fields, read_body};
use serde::Serialize;
use serde_json::Value;
use utoipa::{OpenApi, ToSchema};
use uuid::Uuid;
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

/// Monitors of one request: their lanes stand still meanwhile.
const MOST: usize = 1_000;

/// What to do with which monitors.
#[derive(ToSchema)]
#[expect(dead_code, reason = "its schema is its use")]
struct BulkBody {
    #[schema(inline)]
    action: ActionWord,
    #[schema(max_items = 1000)]
    ids: Vec<Uuid>,
    /// With `tag` alone.
    #[schema(nullable = false)]
    tags: Option<TagChange>,
}

#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
#[expect(dead_code, reason = "its schema is its use")]
enum ActionWord {
    Pause,
    Resume,
    Delete,
    Tag,
}

/// Tags that come and go.
#[derive(ToSchema)]
#[expect(dead_code, reason = "its schema is its use")]
struct TagChange {
    #[schema(nullable = false)]
    add: Option<Vec<String>>,
    #[schema(nullable = false)]
    remove: Option<Vec<String>>,
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
    let (action, ids) = read_body(&body, read)?;
    let done = monitors_bulk::change(&app.actions, who.org, &action, ids).await?;
    let items = done.into_iter().map(|(id, detail)| BulkItem { id, ok: detail.is_none(), detail });
    Ok(page::json(&BulkDone { items: items.collect() }))
}

fn read(mut fields: Fields<'_, '_>) -> Option<(Action, Vec<MonitorId>)> {
    fields.require("action");
    fields.require("ids");
    let word = fields.text("action");
    let ids = fields.parsed_list::<MonitorId>("ids", MOST);
    let tags = fields.inside("tags").map(|mut tags| {
        let change = (tags.parsed_list("add", TAGS), tags.parsed_list("remove", TAGS));
        tags.refuse_others(|_| None);
        change
    });
    let action = match (word?, tags) {
        ("pause", None) => Some(Action::Switch(false)),
        ("resume", None) => Some(Action::Switch(true)),
        ("delete", None) => Some(Action::Delete),
        ("tag", Some((add, remove))) => Some(Action::Tag { add, remove }),
        ("tag", None) => {
            fields.reject("tags", "is required: write {\"add\": […], \"remove\": […]}");
            None
        }
        ("pause" | "resume" | "delete", Some(_)) => {
            fields.reject("tags", "is taken with the action `tag` alone: leave it out");
            None
        }
        (other, _) => {
            fields.reject("action", &format!("must be pause, resume, delete or tag, not `{other}`"));
            None
        }
    };
    fields.refuse_others(|_| None);
    Some((action?, ids))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn bodies() {
        let id = "00000000-0000-0000-0000-000000000001";
        for action in ["pause", "resume", "delete"] {
            assert!(read_body(&json!({"action": action, "ids": [id]}), read).is_ok());
        }
        assert!(read_body(&json!({"action": "tag", "ids": [id], "tags": {"add": ["x"]}}), read).is_ok());
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
            assert!(read_body(&bad, read).is_err(), "{bad}");
        }
    }
}
