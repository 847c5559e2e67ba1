//! Signing in, staying signed in, signing out.
//!
//! Refresh tokens rotate. For ten seconds a rotated one answers with its successor, for two tabs that renew at once and
//! for lost replies; after that it can only be a thief's or the robbed one's, and the whole sign-in ends.

use std::{net::IpAddr, sync::Arc, time::Duration};

use ::http::{HeaderValue, header};
use actions::account;
use domain::{
    fields,
    ids::{OrgId, SignInId, UserId},
};
use serde_json::Value;
use store::{self, sign_ins};
use utoipa::OpenApi;
use warp::{Filter, Reply, reply::Response};

use crate::{
    App,
    account::session_body::{Credentials, Mode, Refresh, TokenBody},
    auth,
    body::{body, optional_body},
    client::client,
    origin::own_page,
    page::{Answer, Group, Route, json, no_content, with},
    problem::ApiError,
    token::OpaqueToken,
};

/// How long a rotated token answers with its successor.
const GRACE: Duration = Duration::from_secs(10);
const COOKIE: &str = "upguard_refresh";
/// Where the cookie is sent, and nowhere else.
const PATH: &str = "/api/v1/auth";

/// What this page answers.
pub(crate) const ROUTES: &[Route] =
    &[("POST", "/api/v1/auth/login"), ("POST", "/api/v1/auth/refresh"), ("POST", "/api/v1/auth/logout")];

pub(crate) fn routes(app: &Arc<App>) -> Group {
    let at = |name: &'static str| warp::path!("api" / "v1" / "auth" / ..).and(warp::path(name)).and(warp::path::end());
    let cookie = || warp::cookie::optional::<String>(COOKIE);
    let login = at("login")
        .and(warp::post())
        .and(own_page(app))
        .and(warp::query::<Mode>())
        .and(client())
        .and(body())
        .and(with(app))
        .then(login);
    let refresh = at("refresh")
        .and(warp::post())
        .and(own_page(app))
        .and(warp::query::<Mode>())
        .and(cookie())
        .and(client())
        .and(optional_body())
        .and(with(app))
        .then(refresh);
    let logout = at("logout")
        .and(warp::post())
        .and(own_page(app))
        .and(cookie())
        .and(warp::header::optional::<String>("authorization"))
        .and(optional_body())
        .and(with(app))
        .then(logout);
    login.or(refresh).unify().or(logout).unify().map(Reply::into_response).boxed()
}

#[derive(OpenApi)]
#[openapi(paths(login, refresh, logout))]
pub(crate) struct Docs;

/// Sign in.
#[utoipa::path(
    post, path = "/api/v1/auth/login", tag = "Account", params(Mode), request_body = Credentials, security(()),
    responses(
        (status = 200, body = TokenBody, description = "Signed in."),
        (status = 401, description = "The e-mail address or the password is not right."),
        (status = 403, description = "The account belongs to no organisation any more, or a page of another origin asks."),
        (status = 429, description = "Too many tries: `Retry-After` says how long to wait."),
    ),
)]
async fn login(mode: Mode, client: IpAddr, body: Value, app: Arc<App>) -> Answer {
    let Credentials { email, password } = fields::read(&body)?;
    app.rates.sign_in(client, email.as_str()).map_err(ApiError::TooMany)?;
    // No connection is held while the hash is computed.
    let account = store::users::by_email(&app.db.get().await?, email.as_str()).await?;
    let (user, hash) = account.unzip();
    let is_right = app.passwords.verify(password, hash).await?;
    let Some(user) = user.filter(|_| is_right) else {
        return Err(ApiError::Unauthorized("the e-mail address or the password is not right".to_owned()));
    };
    let memberships = store::organisations::of_user(&app.db.get().await?, user).await?;
    let Some(home) = memberships.first() else {
        return Err(ApiError::Forbidden(
            "you are a member of no organisation any more: ask for an invitation".to_owned(),
        ));
    };
    begin(&app, mode, user, home.organisation).await
}

/// A new sign-in: its first tokens.
pub(crate) async fn begin(app: &App, mode: Mode, user: UserId, org: OrgId) -> Answer {
    let token = OpaqueToken::random();
    let mut db = app.db.get().await?;
    let work = db.transaction().await?;
    let id = sign_ins::create(&work, user, org).await?;
    sign_ins::add_token(&work, id, &token.hash(), app.config.auth.refresh_ttl).await?;
    work.commit().await?;
    answer(app, mode, (user, org, id), &token)
}

fn answer(app: &App, mode: Mode, (user, org, id): (UserId, OrgId, SignInId), token: &OpaqueToken) -> Answer {
    let access_token = app.tokens.sign(user, org, id, app.clock.now());
    let body = TokenBody {
        access_token: access_token.map_err(|why| ApiError::Internal(why.to_string()))?,
        token_type: "Bearer",
        expires_in: app.tokens.access_ttl().as_secs(),
        refresh_token: (!mode.cookie).then(|| token.reveal().to_owned()),
    };
    let response = json(&body);
    Ok(if mode.cookie { with_cookie(app, response, token.reveal(), app.config.auth.refresh_ttl) } else { response })
}

fn with_cookie(app: &App, mut response: Response, value: &str, lifetime: Duration) -> Response {
    let secure = if app.config.public_url.scheme() == "https" { "; Secure" } else { "" };
    let seconds = lifetime.as_secs();
    let cookie = format!("{COOKIE}={value}; Path={PATH}; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}

/// New tokens for a refresh token, which is used up.
///
/// For ten seconds a used one answers its successor again (two tabs, a lost reply); after that, using it ends the whole
/// sign-in.
#[utoipa::path(
    post, path = "/api/v1/auth/refresh", tag = "Account", params(Mode), security(()),
    request_body(content = Option<Refresh>, description = "Not needed where the cookie is sent."),
    responses(
        (status = 200, body = TokenBody, description = "Still signed in."),
        (status = 401, description = "The sign-in has ended."),
        (status = 403, description = "A page of another origin asks."),
        (status = 429, description = "Too many tries: `Retry-After` says how long to wait."),
    ),
)]
async fn refresh(mode: Mode, cookie: Option<String>, client: IpAddr, body: Value, app: Arc<App>) -> Answer {
    app.rates.renew(client).map_err(ApiError::TooMany)?;
    let written = refresh_token(&body)?;
    let mode = Mode { cookie: mode.cookie || written.is_none() };
    let token = written.or_else(|| cookie.as_deref().map(OpaqueToken::presented));
    let token = token
        .ok_or_else(|| ApiError::invalid("/refresh_token", "`refresh_token` is required, here or as the cookie"))?;

    let mut db = app.db.get().await?;
    let work = db.transaction().await?;
    let found = sign_ins::presented(&work, &token.hash()).await?.filter(|found| !found.is_over);
    let found = found.ok_or_else(over)?;
    let next = match found.rotated {
        None => Some(rotate(&app, &work, found.sign_in, &token).await?),
        Some(ago) if ago <= GRACE => successor(&app, &work, found.sign_in, &token).await?,
        Some(_) => None,
    };
    if next.is_none() {
        tracing::warn!(sign_in = %found.sign_in, "a refresh token was used again long after its rotation: the sign-in is ended");
        sign_ins::revoke(&work, found.sign_in).await?;
    }
    work.commit().await?;
    answer(&app, mode, (found.user, found.organisation, found.sign_in), &next.ok_or_else(over)?)
}

fn over() -> ApiError {
    ApiError::Unauthorized("this sign-in has ended: sign in again".to_owned())
}

async fn rotate(
    app: &App,
    work: &store::Transaction<'_>,
    id: SignInId,
    token: &OpaqueToken,
) -> Result<OpaqueToken, ApiError> {
    let next = app.tokens.successors(token).next().ok_or_else(|| ApiError::Internal("no key signs".to_owned()))?;
    sign_ins::rotate(work, &token.hash()).await?;
    sign_ins::add_token(work, id, &next.hash(), app.config.auth.refresh_ttl).await?;
    Ok(next)
}

/// The key that signs may have changed since.
async fn successor(
    app: &App,
    work: &store::Transaction<'_>,
    id: SignInId,
    token: &OpaqueToken,
) -> Result<Option<OpaqueToken>, ApiError> {
    for next in app.tokens.successors(token) {
        if sign_ins::has_token(work, id, &next.hash()).await? {
            return Ok(Some(next));
        }
    }
    Ok(None)
}

fn refresh_token(body: &Value) -> Result<Option<OpaqueToken>, ApiError> {
    let Refresh { refresh_token } = if body.is_null() { Refresh::default() } else { fields::read(body)? };
    Ok(refresh_token.as_deref().map(OpaqueToken::presented))
}

/// End the sign-in of whatever is presented: refresh token, cookie or access token.
///
/// Ending it twice is fine.
#[utoipa::path(
    post, path = "/api/v1/auth/logout", tag = "Account", security((), ("bearer" = [])),
    request_body(content = Option<Refresh>, description = "Not needed where the cookie or the access token is sent."),
    responses(
        (status = 204, description = "Signed out."),
        (status = 401, description = "Nothing presented belongs to a sign-in."),
        (status = 403, description = "A page of another origin asks."),
    ),
)]
async fn logout(cookie: Option<String>, header: Option<String>, body: Value, app: Arc<App>) -> Answer {
    let token = refresh_token(&body)?.or_else(|| cookie.as_deref().map(OpaqueToken::presented));
    let claims =
        header.as_deref().and_then(auth::bearer).and_then(|token| app.tokens.verify(token, app.clock.now()).ok());
    let db = app.db.get().await?;
    let id = match (claims, token) {
        (Some(claims), _) => Some(claims.sid),
        (None, Some(token)) => sign_ins::presented(&db, &token.hash()).await?.map(|found| found.sign_in),
        (None, None) => None,
    };
    sign_ins::revoke(&db, id.ok_or_else(over)?).await?;
    Ok(with_cookie(&app, no_content(), "", Duration::ZERO))
}

/// Another password for the same person; everybody else who signed in with the old one is out.
pub(crate) async fn change_password(app: &App, user: UserId, here: SignInId, new: String) -> Result<(), ApiError> {
    let hash = app.passwords.hash(new).await?;
    let mut db = app.db.get().await?;
    let work = db.transaction().await?;
    account::replace_password(&work, user, &hash, Some(here)).await?;
    work.commit().await?;
    Ok(())
}
