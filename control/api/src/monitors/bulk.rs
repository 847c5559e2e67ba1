//! `POST /api/v1/monitors/bulk`: the same done to many monitors at once.

use std::{
    collections::{HashMap, HashSet},
    str::FromStr,
    sync::Arc,
};

use channels::live::Notice;
use domain::{
    fields::{Fields, line, read_body},
    ids::OrgId,
    keys::{Lane, MonitorKey},
    ledger::RegionRow,
};
use serde::Serialize;
use serde_json::{Value, json};
use store::{
    Transaction,
    monitors_bulk::{self, Ended, Locked},
    quota::Change,
    schedule::{self, DueMonitor},
};
use utoipa::{OpenApi, ToSchema};
use uuid::Uuid;
use warp::{Filter, Reply};
use wire::{MonitorId, Region};

use crate::{
    App,
    auth::{Editor, editor},
    body::body,
    budget::{self, Budget},
    monitors::check_now::{self, Request},
    page::{self, Answer, Group, Route, with},
    problem::ApiError,
};

/// What this page answers.
pub(crate) const ROUTES: &[Route] = &[("POST", "/api/v1/monitors/bulk")];

/// Monitors of one request: their lanes stand still meanwhile.
const MOST: usize = 1_000;
/// Tags of a monitor.
const TAGS: usize = 20;
/// Notices of one entry, and jobs of one transaction of Redis.
const CHUNK: usize = 250;

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

/// What is done.
enum Action {
    Switch(bool),
    Delete,
    Tag { add: Vec<Tag>, remove: Vec<Tag> },
}

/// A label for finding and grouping.
struct Tag(String);

impl FromStr for Tag {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        line(text, 50).map(Self)
    }
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
    let mut db = app.db.get().await?;
    let tx = db.transaction().await?;
    let change = Change::begin(&tx, who.org, app.config.quota.limits()).await?;
    let locked = monitors_bulk::lock(&tx, &change, &ids).await?;
    let done = act(&tx, &action, &locked, app.clock.now()).await?;
    change.end(&tx, "/action").await?;
    tx.commit().await?;
    drop(db);
    tell(&app, who.org, &action, &done).await;
    if matches!(action, Action::Switch(true)) {
        nudge(&app, who.org, &done.changed).await;
    }
    let known: HashMap<_, _> = locked.iter().map(|monitor| (monitor.id, done.refused.get(&monitor.key))).collect();
    let items = ids.into_iter().map(|id| {
        let detail = match known.get(&id) {
            Some(refused) => refused.cloned(),
            None => Some("not found".to_owned()),
        };
        BulkItem { id, ok: detail.is_none(), detail }
    });
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
            fields.complain("tags", "is required: write {\"add\": […], \"remove\": […]}");
            None
        }
        ("pause" | "resume" | "delete", Some(_)) => {
            fields.complain("tags", "is taken with the action `tag` alone: leave it out");
            None
        }
        (other, _) => {
            fields.complain("action", &format!("must be pause, resume, delete or tag, not `{other}`"));
            None
        }
    };
    fields.refuse_others(|_| None);
    Some((action?, ids))
}

/// What a transaction did.
#[derive(Default)]
struct Done<'l> {
    changed: Vec<&'l Locked>,
    ended: Vec<Ended>,
    refused: HashMap<MonitorKey, String>,
}

async fn act<'l>(tx: &Transaction<'_>, action: &Action, locked: &'l [Locked], now: i64) -> Result<Done<'l>, ApiError> {
    let mut done = Done::default();
    match action {
        Action::Switch(on) => {
            done.changed = locked.iter().filter(|monitor| monitor.enabled != *on).collect();
            done.ended = monitors_bulk::switch(tx, &done.changed, *on, now).await?;
        }
        Action::Delete => {
            done.changed = locked.iter().collect();
            done.ended = monitors_bulk::delete(tx, &done.changed, now).await?;
        }
        Action::Tag { add, remove } => {
            let mut rows = Vec::new();
            for monitor in locked {
                let tags = retagged(&monitor.tags, add, remove);
                if tags.len() > TAGS {
                    let why = format!("would have {} tags: at most {TAGS} are possible", tags.len());
                    done.refused.insert(monitor.key, why);
                } else if tags != monitor.tags {
                    rows.push((monitor.key, tags));
                    done.changed.push(monitor);
                }
            }
            monitors_bulk::retag(tx, &rows).await?;
        }
    }
    Ok(done)
}

fn retagged(tags: &[String], add: &[Tag], remove: &[Tag]) -> Vec<String> {
    let kept = tags.iter().filter(|tag| remove.iter().all(|gone| gone.0 != **tag));
    let mut new: Vec<String> = kept.cloned().collect();
    for tag in add {
        if !new.contains(&tag.0) {
            new.push(tag.0.clone());
        }
    }
    new
}

/// Tells dashboards what was committed.
async fn tell(app: &App, org: OrgId, action: &Action, done: &Done<'_>) {
    let event = if matches!(action, Action::Delete) { "monitor.deleted" } else { "monitor.changed" };
    let notice = |event, data| Notice { organisation: Some(org), event, data };
    let changed = done.changed.iter().map(|monitor| notice(event, json!({"monitor": monitor.id})));
    let over = done
        .ended
        .iter()
        .map(|(incident, monitor)| notice("incident.resolved", json!({"incident": incident, "monitor": monitor})));
    let notices: Vec<_> = changed.chain(over).collect();
    for chunk in notices.chunks(CHUNK) {
        app.publisher.publish(chunk).await;
    }
}

/// Checks what is watched again at once, as well as it can: the schedule will see to it in any case.
async fn nudge(app: &App, org: OrgId, monitors: &[&Locked]) {
    if let Err(why) = push(app, org, monitors).await {
        tracing::warn!(
            ?why,
            monitors = monitors.len(),
            "could not ask for first checks at once: they come with the schedule"
        );
    }
}

async fn push(app: &App, org: OrgId, monitors: &[&Locked]) -> Result<(), ApiError> {
    let keys: Vec<MonitorKey> = monitors.iter().map(|monitor| monitor.key).collect();
    let lanes: HashMap<MonitorKey, Lane> = monitors.iter().map(|monitor| (monitor.key, monitor.lane)).collect();
    let (targets, regions) = (schedule::targets(&app.db, &keys).await?, schedule::regions(&app.db).await?);
    let slot = app.clock.now();
    let until = check_now::until(app, slot);
    let asked = |target: &DueMonitor| -> Vec<&Region> {
        let wanted = |known: &&RegionRow| {
            known.owes(slot) && target.regions.as_ref().is_none_or(|chosen| chosen.contains(&known.key.0))
        };
        regions.iter().filter(wanted).map(|known| &known.region).collect()
    };
    let affordable = affordable(app, org, &targets, |target| asked(target).len()).await;
    for (number, of_lane) in app.lanes.iter().enumerate() {
        let here =
            affordable.iter().filter(|it| lanes.get(&it.key).is_some_and(|lane| usize::try_from(lane.0) == Ok(number)));
        let jobs = here.flat_map(|target| {
            let request =
                Request { id: target.id, url: &target.url, spec: target.spec.as_deref(), rev: target.rev, slot, until };
            asked(target).into_iter().map(move |region| request.to(region))
        });
        for chunk in jobs.collect::<Vec<_>>().chunks(CHUNK) {
            check_now::send(app, of_lane, chunk).await?;
        }
    }
    Ok(())
}

/// Those that the budgets allow to be checked at once: a thousand monitors may all be of one host.
async fn affordable<'t>(
    app: &App,
    org: OrgId,
    targets: &'t [DueMonitor],
    looks: impl Fn(&DueMonitor) -> usize,
) -> Vec<&'t DueMonitor> {
    let mut affordable = Vec::new();
    let mut spared = HashSet::new();
    for target in targets {
        let Ok(url) = target.url.parse::<url::Url>() else { continue };
        let host = check_now::host(&url);
        let regions = looks(target);
        if regions == 0 || spared.contains(host) {
            continue;
        }
        match app.budgets.request(budget::Request { org, button: None, host, regions }).await {
            Ok(()) => affordable.push(target),
            Err(short) if short.budget == Budget::Host => drop(spared.insert(host.to_owned())),
            Err(_) => break,
        }
    }
    affordable
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(words: &[&str]) -> Vec<Tag> {
        words.iter().map(|word| word.parse().unwrap()).collect()
    }

    #[test]
    fn tags_come_and_go() {
        let old = ["a".to_owned(), "b".to_owned()];
        assert_eq!(retagged(&old, &tags(&["c", "a", "c"]), &tags(&["b"])), ["a", "c"]);
        assert_eq!(retagged(&old, &tags(&["b"]), &tags(&["b"])), ["a", "b"]);
        assert_eq!(retagged(&old, &[], &[]), old);
    }

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
