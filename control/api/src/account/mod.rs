//! One's own account: signing up, looking at it, changing its password.

pub(crate) mod activity;
pub(crate) mod api_keys;
pub(crate) mod quota;
pub(crate) mod session;
pub(crate) mod session_body;
pub(crate) mod sign_ups;

use std::{net::IpAddr, sync::Arc};

use actions::account::{self, NewAccount, NewPassword};
use config::Signup;
use domain::ids::{OrgId, Role, UserId};
use serde::Serialize;
use serde_json::Value;
use utoipa::{OpenApi, ToSchema};
use warp::{Filter, Reply};

use crate::{
    App,
    auth::{self, Member},
    body::body,
    client::client,
    page::{Answer, Group, Route, json, no_content, with},
    problem::ApiError,
};

use session_body::{Mode, TokenBody};
use sign_ups::Mailed;

/// What this page answers.
pub(crate) const ROUTES: &[Route] =
    &[("POST", "/api/v1/auth/register"), ("GET", "/api/v1/auth/me"), ("POST", "/api/v1/auth/password")];

pub(crate) fn routes(app: &Arc<App>) -> Group {
    let at = |name: &'static str| warp::path!("api" / "v1" / "auth" / ..).and(warp::path(name)).and(warp::path::end());
    let register = at("register")
        .and(warp::post())
        .and(warp::query::<Mode>())
        .and(client())
        .and(body())
        .and(with(app))
        .then(register);
    let me = at("me").and(warp::get()).and(auth::member(app)).and(with(app)).then(me);
    let password =
        at("password").and(warp::post()).and(auth::member(app)).and(client()).and(body()).and(with(app)).then(password);
    register.or(me).unify().or(password).unify().map(Reply::into_response).boxed()
}

#[derive(OpenApi)]
#[openapi(paths(register, me, password))]
pub(crate) struct Docs;

/// Sign up: an account with an organisation of its own.
#[utoipa::path(
    post, path = "/api/v1/auth/register", tag = "Account", params(Mode), request_body = NewAccount, security(()),
    responses(
        (status = 201, body = TokenBody, description = "Signed up and in."),
        (status = 202, body = Mailed, description = "Where mail can be sent: whoever reads the address was mailed how to go on."),
        (status = 403, description = "Signing up here needs an invitation."),
        (status = 409, description = "This e-mail address has an account; where mail can be sent, nobody is told."),
        (status = 429, description = "Too many tries: `Retry-After` says how long to wait."),
    ),
)]
async fn register(mode: Mode, client: IpAddr, body: Value, app: Arc<App>) -> Answer {
    if app.config.auth.signup == Signup::Invite {
        return Err(ApiError::Forbidden(
            "signing up here needs an invitation: ask whoever runs this installation".to_owned(),
        ));
    }
    let new = NewAccount::parse(&body)?;
    app.rates.sign_in(client, new.email.as_str()).map_err(ApiError::TooMany)?;
    let hash = app.passwords.hash(new.password.reveal().to_owned()).await?;
    if sign_ups::is_by_mail(&app).await? {
        return sign_ups::begin(&app, &new, &hash).await;
    }
    let mut db = app.db.get().await?;
    let work = db.transaction().await?;
    let (user, org) = account::create_with_own_organisation(&work, &new, &hash).await.map_err(taken)?;
    work.commit().await?;
    drop(db);
    let mut response = session::begin(&app, mode, user, org).await?;
    *response.status_mut() = ::http::StatusCode::CREATED;
    Ok(response)
}

fn taken(why: store::Error) -> ApiError {
    if why.is_conflict(store::users::EMAIL_TAKEN) {
        return ApiError::Conflict("this e-mail address has an account: sign in, or use another one".to_owned());
    }
    why.into()
}

/// Who one is.
#[derive(Serialize, ToSchema)]
#[schema(as = Me)]
struct MeBody {
    #[schema(value_type = Uuid)]
    id: UserId,
    email: String,
    name: String,
    /// The organisation this token is for.
    #[schema(value_type = Uuid)]
    organisation: OrgId,
    /// What you may do there.
    role: Role,
    /// All you belong to.
    organisations: Vec<MembershipBody>,
    /// Whether the organisation of this token runs the installation: it alone sees incidents of regions and registers
    /// regions.
    operator: bool,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Membership)]
struct MembershipBody {
    #[schema(value_type = Uuid)]
    id: OrgId,
    name: String,
    role: Role,
}

/// Who you are.
#[utoipa::path(
    get, path = "/api/v1/auth/me", tag = "Account", security(("bearer" = ["person"])),
    responses((status = 200, body = MeBody)),
)]
async fn me(who: Member, app: Arc<App>) -> Answer {
    let db = app.db.get().await?;
    let user = store::users::get(&db, who.user).await?.ok_or(ApiError::NotFound)?;
    let organisations = store::organisations::of_user(&db, who.user).await?;
    let organisations = organisations
        .into_iter()
        .map(|member| MembershipBody { id: member.organisation, name: member.name, role: member.role })
        .collect();
    let operator = store::organisations::operators(&db).await? == Some(who.org);
    let (organisation, role) = (who.org, who.role);
    Ok(json(&MeBody { id: who.user, email: user.email, name: user.name, organisation, role, organisations, operator }))
}

/// Change your password; your other sign-ins end.
#[utoipa::path(
    post, path = "/api/v1/auth/password", tag = "Account", security(("bearer" = ["person"])), request_body = NewPassword,
    responses(
        (status = 204, description = "Changed."),
        (status = 429, description = "Too many tries: `Retry-After` says how long to wait."),
    ),
)]
async fn password(who: Member, client: IpAddr, body: Value, app: Arc<App>) -> Answer {
    let user = store::users::get(&app.db.get().await?, who.user).await?.ok_or(ApiError::NotFound)?;
    let wanted = NewPassword::parse(&body, &user.email)?;
    // Whoever found an open screen must not try passwords there.
    app.rates.sign_in(client, &user.email).map_err(ApiError::TooMany)?;
    if !app.passwords.verify(wanted.current.reveal().to_owned(), Some(user.password_hash)).await? {
        return Err(ApiError::invalid("/current_password", "`current_password` is not right"));
    }
    session::change_password(&app, who.user, who.sign_in, wanted.new.reveal().to_owned()).await?;
    Ok(no_content())
}
