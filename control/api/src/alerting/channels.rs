//! `/api/v1/channels`: where alerts go. Secrets come in and never go out, but for a webhook's that was made here, once.

use std::{sync::Arc, time::Duration};

use actions::channel;
use channels::{Channel, ChannelBody, Kind, Links, Readers, Sent, sender::WAITED_FOR};
use domain::{
    ids::{ChannelId, OrgId},
    message::Notification,
};
use serde_json::Value;
use store::{
    GenericClient,
    deliveries::{self, Said},
    organisations, recipients,
};
use utoipa::OpenApi;
use uuid::Uuid;
use warp::{Filter, Reply};

use crate::{
    App,
    alerting::{
        channel_body::{ChannelPatch, Shown, Tested, shown},
        confirmations,
    },
    auth::{Admin, Viewer, admin, viewer},
    body::body,
    page::{Answer, Group, Route, created, json, no_content, with},
    problem::ApiError,
    query::{Page, Paging, Query, query},
};

/// How long a test waits for its receiver: less than clients of ours wait for us. Mail servers are known to be slow.
const PATIENCE: Duration = Duration::from_secs(8);

/// What this page answers.
pub(crate) const ROUTES: &[Route] = &[
    ("GET", "/api/v1/channels"),
    ("POST", "/api/v1/channels"),
    ("GET", "/api/v1/channels/{id}"),
    ("PATCH", "/api/v1/channels/{id}"),
    ("DELETE", "/api/v1/channels/{id}"),
    ("POST", "/api/v1/channels/{id}/test"),
    ("POST", "/api/v1/channels/{id}/rotate-secret"),
];

pub(crate) fn routes(app: &Arc<App>) -> Group {
    let all = warp::path!("api" / "v1" / "channels");
    let one = warp::path!("api" / "v1" / "channels" / ChannelId);
    let list = all.and(warp::get()).and(viewer(app)).and(query()).and(with(app)).then(list);
    let create = all.and(warp::post()).and(admin(app)).and(body()).and(with(app)).then(create);
    let get = one.and(warp::get()).and(viewer(app)).and(with(app)).then(get);
    let patch = one.and(warp::patch()).and(admin(app)).and(body()).and(with(app)).then(patch);
    let delete = one.and(warp::delete()).and(admin(app)).and(with(app)).then(delete);
    let test = warp::path!("api" / "v1" / "channels" / ChannelId / "test");
    let test = test.and(warp::post()).and(admin(app)).and(with(app)).then(test_one);
    let rotate = warp::path!("api" / "v1" / "channels" / ChannelId / "rotate-secret");
    let rotate = rotate.and(warp::post()).and(admin(app)).and(with(app)).then(rotate_one);
    let page = list.or(create).unify().or(get).unify().or(patch).unify().or(delete).unify();
    let page = page.or(test).unify().or(rotate).unify();
    page.map(|answer: Answer| answer.into_response()).boxed()
}

#[derive(OpenApi)]
#[openapi(paths(list, create, get, patch, delete, test_one, rotate_one))]
pub(crate) struct Docs;

/// List channels, oldest first.
#[utoipa::path(
    get, path = "/api/v1/channels", tag = "Channels", params(Paging), responses((status = 200, body = Page<Shown>)),
)]
async fn list(who: Viewer, mut query: Query, app: Arc<App>) -> Answer {
    let after = query.take("after")?;
    let limit = query.limit()?;
    query.end()?;
    let db = app.db.get().await?;
    let mut rows = channel::list(&db, &app.vault, who.org, after, limit as i64 + 1).await?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(|row| row.id.to_string());
    let waiting = recipients::waiting(&db, who.org).await?;
    Ok(json(&Page { items: rows.iter().map(|row| shown(&app, row, &waiting)).collect(), next }))
}

/// Show one channel.
#[utoipa::path(
    get, path = "/api/v1/channels/{id}", tag = "Channels", params(("id" = Uuid, Path)), responses((status = 200, body = Shown)),
)]
async fn get(id: ChannelId, who: Viewer, app: Arc<App>) -> Answer {
    look(&app, who.org, id).await
}

/// The channel as it is now.
async fn look(app: &App, org: OrgId, id: ChannelId) -> Answer {
    let db = app.db.get().await?;
    let row = find(app, &db, org, id).await?;
    Ok(json(&shown(app, &row, &recipients::waiting(&db, org).await?)))
}

/// Make a channel.
#[utoipa::path(
    post, path = "/api/v1/channels", tag = "Channels", security(("bearer" = ["admin"])),
    request_body(content = ChannelBody, examples(
        ("webhook" = (value = json!({"name": "Ops", "kind": "webhook", "settings": {"url": "https://ops.example/hook"}}))),
        ("email" = (value = json!({"name": "Ops", "kind": "email", "settings": {"owners": true, "to": ["a@ops.example"]}}))),
        ("slack" = (value = json!({"name": "Ops", "kind": "slack", "settings": {"url": "https://slack.example/hook"}}))),
        ("discord" = (value = json!({"name": "Ops", "kind": "discord", "settings": {"url": "https://discord.example/hook"}}))),
        ("telegram" = (value = json!({"name": "Ops", "kind": "telegram", "settings": {"token": "1:a", "chat_id": "@ops"}}))),
        ("pagerduty" = (value = json!({"name": "Ops", "kind": "pagerduty", "settings": {
            "routing_key": "0123456789abcdef0123456789abcdef"}}))),
        ("ntfy" = (value = json!({"name": "Ops", "kind": "ntfy", "settings": {"topic": "ops"}}))),
    )),
    responses((status = 201, body = Shown), (status = 409, description = "No key is set to encrypt its secrets with.")),
)]
async fn create(who: Admin, body: Value, app: Arc<App>) -> Answer {
    let (id, secret) = channel::create(&app.actions, &app.vault, who.org, body).await?;
    let row = find(&app, &app.db.get().await?, who.org, id).await?;
    confirmations::ask_new(&app, who.org, &row).await?;
    let waiting = recipients::waiting(&app.db.get().await?, who.org).await?;
    Ok(created(&format!("/api/v1/channels/{id}"), &Shown { secret, ..shown(&app, &row, &waiting) }))
}

/// Change what a JSON Merge Patch (RFC 7396) of the body names.
#[utoipa::path(
    patch, path = "/api/v1/channels/{id}", tag = "Channels", params(("id" = Uuid, Path)), request_body = ChannelPatch, security(("bearer" = ["admin"])),
    responses((status = 200, body = Shown), (status = 409, description = "No key is set to encrypt its secrets with.")),
)]
async fn patch(id: ChannelId, who: Admin, body: Value, app: Arc<App>) -> Answer {
    channel::edit(&app.actions, &app.vault, who.org, id, &body).await?;
    let row = find(&app, &app.db.get().await?, who.org, id).await?;
    confirmations::ask_new(&app, who.org, &row).await?;
    look(&app, who.org, id).await
}

/// Remove a channel, from every policy too, and forget its secrets.
#[utoipa::path(
    delete, path = "/api/v1/channels/{id}", tag = "Channels", params(("id" = Uuid, Path)), security(("bearer" = ["admin"])),
    responses((status = 204, description = "Removed.")),
)]
async fn delete(id: ChannelId, who: Admin, app: Arc<App>) -> Answer {
    channel::delete(&app.actions, who.org, id).await?;
    Ok(no_content())
}

/// Send a test at once, whether or not the channel is switched on. It is listed among the deliveries.
#[utoipa::path(
    post, path = "/api/v1/channels/{id}/test", tag = "Channels", params(("id" = Uuid, Path)), security(("bearer" = ["admin"])),
    responses(
        (status = 200, body = Tested, description = "What the receiver said."),
        (status = 429, description = "Too many tests of this channel or of your organisation's: `Retry-After` says how long to wait."),
    ),
)]
async fn test_one(id: ChannelId, who: Admin, app: Arc<App>) -> Answer {
    let db = app.db.get().await?;
    let channel = find(&app, &db, who.org, id).await?;
    app.actions.budgets.test(who.org, id).await?;
    let readers = recipients::readers(&db, &[id]).await?.remove(&id).unwrap_or_default();
    let organisation = organisations::name(&db, who.org).await?;
    // A receiver takes its time, and the pool has only so many.
    drop(db);
    let sent = tell(&app, &channel, organisation, &readers).await;
    let db = app.db.get().await?;
    let said = Said { ok: sent.ok, status: sent.status, answer: sent.answer.clone(), took: sent.took };
    deliveries::log(&db, id, &said).await?;
    let Sent { ok, status, answer, took, permanent, .. } = sent;
    Ok(json(&Tested { ok, status, answer, took_ms: took.as_millis() as u64, permanent }))
}

async fn tell(app: &App, channel: &Channel, organisation: String, readers: &Readers) -> Sent {
    let settings = match &channel.settings {
        Ok(settings) => settings,
        Err(why) => return Sent::impossible(why.clone()),
    };
    let now = app.clock.now();
    let notification = Notification::Test {
        key: format!("test:{}", Uuid::now_v7()),
        at: chrono::DateTime::from_timestamp(now, 0).unwrap_or_default(),
        channel: (channel.id.0, channel.name.clone()),
        organisation,
    };
    let links = Links { public_url: app.config.public_url.clone() };
    let draft = channels::render(settings, &notification, &links);
    let patience = if channel.kind == Kind::Email { WAITED_FOR } else { PATIENCE };
    Sent::within(patience, app.sender.send(&draft, readers, now)).await
}

/// Give a webhook a new signing secret; the old one signs beside it for 24 h.
#[utoipa::path(
    post, path = "/api/v1/channels/{id}/rotate-secret", tag = "Channels", params(("id" = Uuid, Path)), security(("bearer" = ["admin"])),
    responses(
        (status = 200, body = Shown, description = "With the new `secret`, this once."),
        (status = 409, description = "It is no webhook, or no key is set to encrypt its secret with."),
    ),
)]
async fn rotate_one(id: ChannelId, who: Admin, app: Arc<App>) -> Answer {
    let secret = Some(channel::rotate_secret(&app.actions, &app.vault, who.org, id).await?);
    let db = app.db.get().await?;
    let row = find(&app, &db, who.org, id).await?;
    let waiting = recipients::waiting(&db, who.org).await?;
    Ok(json(&Shown { secret, ..shown(&app, &row, &waiting) }))
}

async fn find(app: &App, db: &impl GenericClient, org: OrgId, id: ChannelId) -> Result<Channel, ApiError> {
    channel::get(db, &app.vault, org, id).await?.ok_or(ApiError::NotFound)
}
