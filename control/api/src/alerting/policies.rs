//! `/api/v1/policies`: whom to tell of what. Every answer says who would be told now, and why somebody would not.

use std::{collections::HashMap, sync::Arc};

use channels::Channel;
use domain::{
    ids::{OrgId, PolicyId},
    policy::Body,
};
use serde_json::Value;
use store::{
    GenericClient,
    policies::{self, Policy},
    recipients,
};
use utoipa::OpenApi;
use uuid::Uuid;
use warp::{Filter, Reply};

use crate::{
    App,
    alerting::{
        channel_body::why_not,
        confirmations::Waiting,
        policy_body::{PolicyAnswer, PolicyPatch, Tells},
    },
    auth::{Admin, Viewer, admin, viewer},
    body::body,
    page::{Answer, Group, Route, created, json, no_content, with},
    problem::ApiError,
    query::{Page, Paging, Query, query},
};

/// What this page answers.
pub(crate) const ROUTES: &[Route] = &[
    ("GET", "/api/v1/policies"),
    ("POST", "/api/v1/policies"),
    ("GET", "/api/v1/policies/{id}"),
    ("PATCH", "/api/v1/policies/{id}"),
    ("DELETE", "/api/v1/policies/{id}"),
];

pub(crate) fn routes(app: &Arc<App>) -> Group {
    let all = warp::path!("api" / "v1" / "policies");
    let one = warp::path!("api" / "v1" / "policies" / PolicyId);
    let list = all.and(warp::get()).and(viewer(app)).and(query()).and(with(app)).then(list);
    let create = all.and(warp::post()).and(admin(app)).and(body()).and(with(app)).then(create);
    let get = one.and(warp::get()).and(viewer(app)).and(with(app)).then(get);
    let patch = one.and(warp::patch()).and(admin(app)).and(body()).and(with(app)).then(patch);
    let delete = one.and(warp::delete()).and(admin(app)).and(with(app)).then(delete);
    let page = list.or(create).unify().or(get).unify().or(patch).unify().or(delete).unify();
    page.map(|answer: Answer| answer.into_response()).boxed()
}

#[derive(OpenApi)]
#[openapi(paths(list, create, get, patch, delete))]
pub(crate) struct Docs;

/// List policies, oldest first.
#[utoipa::path(
    get, path = "/api/v1/policies", tag = "Policies", params(Paging),
    responses((status = 200, body = Page<PolicyAnswer>)),
)]
async fn list(who: Viewer, mut query: Query, app: Arc<App>) -> Answer {
    let after = query.take("after")?;
    let limit = query.limit()?;
    query.end()?;
    let db = app.db.get().await?;
    let mut rows = policies::list(&db, who.org, after, limit as i64 + 1).await?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(|row| row.id.to_string());
    Ok(json(&Page { items: answers(&app, &db, who.org, &rows).await?, next }))
}

/// Show one policy.
#[utoipa::path(
    get, path = "/api/v1/policies/{id}", tag = "Policies", params(("id" = Uuid, Path)), responses((status = 200, body = PolicyAnswer)),
)]
async fn get(id: PolicyId, who: Viewer, app: Arc<App>) -> Answer {
    Ok(json(&look(&app, who.org, id).await?))
}

/// Make a policy.
#[utoipa::path(
    post, path = "/api/v1/policies", tag = "Policies", request_body = Body, security(("bearer" = ["admin"])),
    responses((status = 201, body = PolicyAnswer)),
)]
async fn create(who: Admin, body: Value, app: Arc<App>) -> Answer {
    let id = actions::policies::create(&app.actions, who.org, &Body::parse(&body)?).await?;
    Ok(created(&format!("/api/v1/policies/{id}"), &look(&app, who.org, id).await?))
}

/// Change what a JSON Merge Patch (RFC 7396) of the body names.
#[utoipa::path(
    patch, path = "/api/v1/policies/{id}", tag = "Policies", params(("id" = Uuid, Path)), request_body = PolicyPatch, security(("bearer" = ["admin"])),
    responses((status = 200, body = PolicyAnswer)),
)]
async fn patch(id: PolicyId, who: Admin, body: Value, app: Arc<App>) -> Answer {
    actions::policies::edit(&app.actions, who.org, id, &body).await?;
    Ok(json(&look(&app, who.org, id).await?))
}

/// Remove a policy; its monitors then go by the default.
#[utoipa::path(
    delete, path = "/api/v1/policies/{id}", tag = "Policies", params(("id" = Uuid, Path)), security(("bearer" = ["admin"])),
    responses((status = 204, description = "Removed."), (status = 409, description = "It is the default.")),
)]
async fn delete(id: PolicyId, who: Admin, app: Arc<App>) -> Answer {
    actions::policies::delete(&app.actions, who.org, id).await?;
    Ok(no_content())
}

/// The policy as it is now.
async fn look(app: &App, org: OrgId, id: PolicyId) -> Result<PolicyAnswer, ApiError> {
    let db = app.db.get().await?;
    let row = policies::get(&db, org, id).await?.ok_or(ApiError::NotFound)?;
    answers(app, &db, org, &[row]).await?.pop().ok_or(ApiError::NotFound)
}

/// The answers of these policies, in their order.
async fn answers(
    app: &App,
    db: &impl GenericClient,
    org: OrgId,
    rows: &[Policy],
) -> Result<Vec<PolicyAnswer>, ApiError> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id.0).collect();
    let mut channels: HashMap<Uuid, Vec<Channel>> = HashMap::new();
    for (policy, channel) in actions::channel::of_policies(db, &app.vault, org, &ids).await? {
        channels.entry(policy).or_default().push(channel);
    }
    let waiting = recipients::waiting(db, org).await?;
    let mut answer = |row: &Policy| {
        let channels = channels.remove(&row.id.0).unwrap_or_default();
        let tells: Vec<_> = channels.iter().map(|it| tells(app, it, &waiting)).collect();
        let warning = warning(&row.body, &tells);
        PolicyAnswer { id: row.id, body: row.body.to_body(), tells, warning }
    };
    Ok(rows.iter().map(&mut answer).collect())
}

fn tells(app: &App, channel: &Channel, waiting: &Waiting) -> Tells {
    let (code, why_not) = why_not(app, channel, waiting).unzip();
    Tells {
        channel: channel.id,
        name: channel.name.clone(),
        kind: channel.kind,
        able: why_not.is_none(),
        why_not,
        why_not_code: code,
    }
}

/// Silence that nobody asked for in so many words is said aloud.
fn warning(body: &Body, tells: &[Tells]) -> Option<String> {
    let why = if body.sends.is_empty() {
        "`sends` is empty".to_owned()
    } else if tells.is_empty() {
        "the policy has no channels".to_owned()
    } else if tells.iter().any(|it| it.able) {
        return None;
    } else {
        let mut reasons: Vec<&str> = tells.iter().filter_map(|it| it.why_not.as_deref()).collect();
        reasons.dedup();
        reasons.join("; ")
    };
    Some(format!("nobody will be told: {why}"))
}

#[cfg(test)]
mod tests {
    use channels::Kind;
    use domain::ids::ChannelId;
    use serde_json::json;

    use super::*;
    use crate::alerting::channel_body::WhyNot;

    fn policy(sends: &[&str]) -> Body {
        Body::parse(&json!({"name": "a", "sends": sends})).unwrap()
    }

    fn told(why_not: Option<&str>) -> Tells {
        let why_not = why_not.map(str::to_owned);
        let (channel, name, kind) = (ChannelId::new(), "a".to_owned(), Kind::Email);
        let why_not_code = why_not.as_ref().map(|_| WhyNot::NoMailServer);
        Tells { channel, name, kind, able: why_not.is_none(), why_not, why_not_code }
    }

    #[test]
    fn silence_is_said_aloud() {
        let off = || told(Some("smtp.host is not set"));
        let cases = [
            (policy(&["down"]), vec![off(), off()], Some("nobody will be told: smtp.host is not set")),
            (policy(&["down"]), vec![off(), told(None)], None),
            (policy(&["down"]), vec![], Some("nobody will be told: the policy has no channels")),
            (policy(&[]), vec![told(None)], Some("nobody will be told: `sends` is empty")),
        ];
        for (body, tells, expected) in cases {
            assert_eq!(warning(&body, &tells).as_deref(), expected);
        }
    }
}
