//! `/api/v1/api-keys`: what programs sign in with. A key is shown once, when it is made; nobody can look it up later.

use std::sync::Arc;

use domain::{
    api_key::{NewKey, Scope},
    ids::ApiKeyId,
};
use serde::Serialize;
use serde_json::Value;
use store::api_keys::{self, ApiKey};
use utoipa::{OpenApi, ToSchema};
use warp::{Filter, Reply};

use crate::{
    App,
    auth::{Admin, Member, admin, member},
    body::body,
    incidents::answer::{Somebody, somebody},
    page::{Answer, Group, Route, created, json, no_content, with},
    problem::ApiError,
    query::{Page, Paging, Query, query},
    time::moment,
};

/// What this page answers.
pub(crate) const ROUTES: &[Route] =
    &[("GET", "/api/v1/api-keys"), ("POST", "/api/v1/api-keys"), ("DELETE", "/api/v1/api-keys/{id}")];

pub(crate) fn routes(app: &Arc<App>) -> Group {
    let all = warp::path!("api" / "v1" / "api-keys");
    let one = warp::path!("api" / "v1" / "api-keys" / ApiKeyId);
    let list = all.and(warp::get()).and(member(app)).and(query()).and(with(app)).then(list);
    let create = all.and(warp::post()).and(admin(app)).and(body()).and(with(app)).then(create);
    let revoke = one.and(warp::delete()).and(admin(app)).and(with(app)).then(revoke);
    let page = list.or(create).unify().or(revoke).unify();
    page.map(|answer: Answer| answer.into_response()).boxed()
}

/// A key as people see it.
#[derive(Serialize, ToSchema)]
#[schema(as = ApiKey)]
struct Shown {
    #[schema(value_type = Uuid)]
    id: ApiKeyId,
    name: String,
    scopes: Vec<Scope>,
    /// Its beginning, to know it by.
    prefix: String,
    #[schema(format = DateTime)]
    created_at: String,
    /// Who made it; null where they are gone. The key is the organisation's and goes on.
    #[schema(required)]
    created_by: Option<Somebody>,
    /// From when on it is good no more; null where it has no end.
    #[schema(required, format = DateTime)]
    expires_at: Option<String>,
    /// When it was used last, to the minute; null where it never was.
    #[schema(required, format = DateTime)]
    last_used_at: Option<String>,
}

/// A key that was just made.
#[derive(Serialize, ToSchema)]
#[schema(as = NewApiKey)]
struct Made {
    #[serde(flatten)]
    shown: Shown,
    /// The key itself, in this answer alone. Goes into `Authorization: Bearer …`.
    #[schema(example = "ug_…")]
    key: String,
}

fn shown(key: ApiKey) -> Shown {
    Shown {
        id: key.id,
        name: key.name,
        scopes: key.scopes,
        prefix: key.prefix,
        created_at: moment(key.created_at),
        created_by: key.created_by.map(somebody),
        expires_at: key.expires_at.map(moment),
        last_used_at: key.last_used_at.map(moment),
    }
}

#[derive(OpenApi)]
#[openapi(paths(list, create, revoke))]
pub(crate) struct Docs;

/// List API keys, newest first.
///
/// Expired keys are listed until somebody revokes them; revoked ones are not.
#[utoipa::path(
    get, path = "/api/v1/api-keys", tag = "API keys", params(Paging), security(("bearer" = ["person"])),
    responses((status = 200, body = Page<Shown>)),
)]
async fn list(who: Member, mut query: Query, app: Arc<App>) -> Answer {
    let after = query.take("after")?;
    let limit = query.limit()?;
    query.end()?;
    let mut keys = api_keys::list(&app.db.get().await?, who.org, after, limit as i64 + 1).await?;
    let more = keys.len() > limit;
    keys.truncate(limit);
    let next = keys.last().filter(|_| more).map(|last| last.id.to_string());
    Ok(json(&Page { items: keys.into_iter().map(shown).collect::<Vec<_>>(), next }))
}

/// Make an API key, which is shown in this answer and never again.
///
/// It belongs to the organisation: it goes on when whoever made it is gone. An organisation may have 100.
#[utoipa::path(
    post, path = "/api/v1/api-keys", tag = "API keys", security(("bearer" = ["admin"])), request_body = NewKey,
    responses((status = 201, body = Made), (status = 409, description = "There are 100 already.")),
)]
async fn create(who: Admin, body: Value, app: Arc<App>) -> Answer {
    let new = NewKey::parse(&body, app.clock.now())?;
    let (id, text) = actions::api_keys::create(&app.actions, who.org, &new, who.user).await?;
    let key = api_keys::get(&app.db.get().await?, who.org, id).await?.ok_or(ApiError::NotFound)?;
    let made = Made { shown: shown(key), key: text.reveal().to_owned() };
    Ok(created(&format!("/api/v1/api-keys/{id}"), &made))
}

/// Revoke an API key: it is out at once.
#[utoipa::path(
    delete, path = "/api/v1/api-keys/{id}", tag = "API keys", params(("id" = Uuid, Path)), security(("bearer" = ["admin"])),
    responses((status = 204, description = "Revoked.")),
)]
async fn revoke(id: ApiKeyId, who: Admin, app: Arc<App>) -> Answer {
    actions::api_keys::revoke(&app.actions, who.org, id, who.user).await?;
    Ok(no_content())
}
