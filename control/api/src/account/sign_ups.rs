//! Signing up where mail can be sent: whoever reads the address finishes it, and nobody learns who has an account.

use std::sync::Arc;

use ::http::StatusCode;
use actions::account::{self, NewAccount};
use channels::invite;
use serde::Serialize;
use store::{
    self,
    sign_ups::{self, Wanted},
    users,
};
use utoipa::{OpenApi, ToSchema};
use uuid::Uuid;
use warp::{Filter, Reply};

use crate::{
    App,
    alerting::{
        confirmations::link,
        public_page::{Page, over},
    },
    page::{Answer, Group, Route, json, with},
    problem::ApiError,
    token::OpaqueToken,
};

/// What this page answers.
pub(crate) const ROUTES: &[Route] =
    &[("GET", "/api/v1/public/sign-up/{token}"), ("POST", "/api/v1/public/sign-up/{token}")];

/// A sign-up that waits for a mail to be read.
#[derive(Serialize, ToSchema)]
pub(crate) struct Mailed {
    /// Always true: the reader of the address was mailed, whether it has an account or not.
    mailed: bool,
}

pub(crate) fn routes(app: &Arc<App>) -> Group {
    let page = warp::path!("api" / "v1" / "public" / "sign-up" / String);
    let show = page.and(warp::get()).and(with(app)).then(show);
    let finish = page.and(warp::post()).and(with(app)).then(finish);
    show.or(finish).unify().map(|answer: Answer| answer.into_response()).boxed()
}

#[derive(OpenApi)]
#[openapi(paths(show, finish))]
pub(crate) struct Docs;

/// Whether a sign-up waits for a mail to be read: where mail can be sent, but for the operators' own first account.
pub(crate) async fn is_by_mail(app: &App) -> Result<bool, ApiError> {
    Ok(app.sender.has_mail() && users::are_there(&app.db.get().await?).await?)
}

/// Mails the reader of the address, and answers the same whoever has an account.
pub(crate) async fn begin(app: &App, new: &NewAccount, password_hash: &str) -> Answer {
    if let Err(short) = app.actions.budgets.sign_up(new.email.as_str()).await {
        tracing::warn!(why = %short, "a sign-up is not mailed");
        return Ok(mailed());
    }
    let mail = letter(app, new, password_hash).await?;
    let sent = app.sender.invite(mail, app.clock.now()).await;
    if !sent.ok {
        tracing::warn!(why = sent.answer, "the mail of a sign-up did not go out");
    }
    if sent.ok || sent.permanent { Ok(mailed()) } else { Err(ApiError::Busy("the mail server is away".to_owned())) }
}

async fn letter(app: &App, new: &NewAccount, password_hash: &str) -> Result<channels::Mail, ApiError> {
    let (email, id) = (new.email.as_str(), Uuid::now_v7().to_string());
    let db = app.db.get().await?;
    if users::by_email(&db, email).await?.is_some() {
        return Ok(invite::has_account(email, app.config.public_url.as_str(), &id));
    }
    let token = OpaqueToken::random();
    let wanted = Wanted { email: email.to_owned(), name: new.name.clone(), password_hash: password_hash.to_owned() };
    sign_ups::create(&db, &token.hash(), &wanted).await?;
    Ok(invite::sign_up(email, &link(app, "sign-up", &token), &id))
}

fn mailed() -> warp::reply::Response {
    warp::reply::with_status(json(&Mailed { mailed: true }), StatusCode::ACCEPTED).into_response()
}

/// The page that the mail of a sign-up leads to. Looking at it changes nothing.
#[utoipa::path(
    get, path = "/api/v1/public/sign-up/{token}", tag = "Account", params(("token" = String, Path)), security(()),
    responses(
        (status = 200, body = String, content_type = "text/html", description = "A page with a button."),
        (status = 404, body = String, content_type = "text/html", description = "The link was used, or its time is over."),
    ),
)]
async fn show(token: String, app: Arc<App>) -> Answer {
    let waits = sign_ups::waits(&app.db.get().await?, &OpaqueToken::presented(&token).hash()).await?;
    let Some(email) = waits else { return Ok(over()) };
    let text = format!("This makes an account for {email}, with the password that was chosen.");
    Ok(Page { title: "Finish your sign-up", text: &text, button: Some("Create my account") }.answer())
}

/// Finish a sign-up: what the button of the page does, once.
#[utoipa::path(
    post, path = "/api/v1/public/sign-up/{token}", tag = "Account", params(("token" = String, Path)), security(()),
    responses(
        (status = 200, body = String, content_type = "text/html", description = "The account is there."),
        (status = 404, body = String, content_type = "text/html", description = "The link was used, or its time is over."),
    ),
)]
async fn finish(token: String, app: Arc<App>) -> Answer {
    let mut db = app.db.get().await?;
    let work = db.transaction().await?;
    let Some(wanted) = sign_ups::take(&work, &OpaqueToken::presented(&token).hash()).await? else { return Ok(over()) };
    let Ok(email) = wanted.email.parse() else { return Ok(over()) };
    let new = NewAccount { email, password: "".into(), name: wanted.name };
    match account::create_with_own_organisation(&work, &new, &wanted.password_hash).await {
        Ok(_) => work.commit().await?,
        // Another link for the same address was faster.
        Err(store::Error::Conflict(_)) => {}
        Err(why) => return Err(why.into()),
    }
    let text = format!("Sign in at {}", app.config.public_url);
    Ok(Page { title: "Your account is there", text: &text, button: None }.answer())
}
