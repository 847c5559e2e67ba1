//! Asking the readers of mail channels whether they want to be mailed, and hearing that they do.

use std::{collections::HashMap, sync::Arc};

use channels::{Channel, Kind, invite};
use chrono::{DateTime, Utc};
use domain::ids::{ChannelId, OrgId};
use futures_util::{StreamExt, stream};
use serde::Serialize;
use serde_json::Value;
use store::{
    organisations,
    recipients::{self, Asked},
};
use utoipa::{OpenApi, ToSchema};
use uuid::Uuid;
use warp::{Filter, Reply};

use crate::{
    App,
    alerting::public_page::{Page, over},
    auth::{Admin, admin},
    page::{Answer, Group, Route, json, with},
    problem::ApiError,
    time::moment,
    token::OpaqueToken,
};

/// What this page answers.
pub(crate) const ROUTES: &[Route] = &[
    ("POST", "/api/v1/channels/{id}/confirmations"),
    ("GET", "/api/v1/public/confirm/{token}"),
    ("POST", "/api/v1/public/confirm/{token}"),
];

/// Mails on their way at once.
const AT_ONCE: usize = 4;

/// The addresses of an organisation that have not confirmed, and when each was asked last.
pub(crate) type Waiting = HashMap<String, Option<DateTime<Utc>>>;

/// An address that gets nothing yet.
#[derive(Serialize, ToSchema)]
pub(crate) struct Unconfirmed {
    address: String,
    /// When its reader was asked; null where that has not been possible.
    #[schema(required, format = DateTime)]
    asked_at: Option<String>,
}

/// Who was asked to confirm.
#[derive(Serialize, ToSchema)]
struct Confirmations {
    items: Vec<Confirmation>,
}

/// What came of asking one of them.
#[derive(Serialize, ToSchema)]
struct Confirmation {
    address: String,
    /// Whether the mail is on its way.
    sent: bool,
    /// Why it is not.
    #[schema(required)]
    why_not: Option<String>,
}

pub(crate) fn routes(app: &Arc<App>) -> Group {
    let again = warp::path!("api" / "v1" / "channels" / ChannelId / "confirmations");
    let again = again.and(warp::post()).and(admin(app)).and(with(app)).then(again_one);
    let page = warp::path!("api" / "v1" / "public" / "confirm" / String);
    let show = page.and(warp::get()).and(with(app)).then(show);
    let confirm = page.and(warp::post()).and(with(app)).then(confirm);
    again.or(show).unify().or(confirm).unify().map(|answer: Answer| answer.into_response()).boxed()
}

#[derive(OpenApi)]
#[openapi(paths(again_one, show, confirm))]
pub(crate) struct Docs;

/// Those of the addresses of a mail channel that have not confirmed.
pub(crate) fn unconfirmed(channel: &Channel, waiting: &Waiting) -> Vec<Unconfirmed> {
    let addresses = addresses(channel).filter_map(|address| Some((address, waiting.get(address)?)));
    addresses.map(|(address, asked)| Unconfirmed { address: address.to_owned(), asked_at: asked.map(moment) }).collect()
}

/// Whether a mail channel has readers, and none of them confirmed.
pub(crate) fn has_no_reader(channel: &Channel, waiting: &Waiting) -> bool {
    channel.kind == Kind::Email
        && channel.shown["owners"] != true
        && addresses(channel).all(|address| waiting.contains_key(address))
}

fn addresses(channel: &Channel) -> impl Iterator<Item = &str> {
    let of_mail = (channel.kind == Kind::Email).then(|| channel.shown["to"].as_array()).flatten();
    of_mail.into_iter().flatten().filter_map(Value::as_str)
}

/// Asks those addresses of a channel that have never been asked, as well as it can.
pub(crate) async fn ask_new(app: &App, org: OrgId, channel: &Channel) -> Result<(), ApiError> {
    let waiting = recipients::waiting(&app.db.get().await?, org).await?;
    let new = addresses(channel).filter(|address| waiting.get(*address).is_some_and(Option::is_none));
    for failed in ask(app, org, new.map(str::to_owned).collect()).await?.iter().filter(|asked| !asked.sent) {
        tracing::debug!(why = failed.why_not, "an address could not be asked to confirm");
    }
    Ok(())
}

/// Send the mail again that asks the readers of a channel to confirm their addresses.
///
/// To those that have not. An address that is no member's is mailed nothing else before its reader has confirmed.
#[utoipa::path(
    post, path = "/api/v1/channels/{id}/confirmations", tag = "Channels", params(("id" = Uuid, Path)),
    security(("bearer" = ["admin"])),
    responses(
        (status = 200, body = Confirmations, description = "Who was asked."),
        (status = 409, description = "No mail server is set."),
    ),
)]
async fn again_one(id: ChannelId, who: Admin, app: Arc<App>) -> Answer {
    let db = app.db.get().await?;
    let channel = actions::channel::get(&db, &app.vault, who.org, id).await?.ok_or(ApiError::NotFound)?;
    let waiting = recipients::waiting(&db, who.org).await?;
    drop(db);
    if !app.sender.has_mail() {
        return Err(ApiError::Conflict("smtp.host is not set: nobody can be mailed".to_owned()));
    }
    let all = addresses(&channel).filter(|address| waiting.contains_key(*address)).map(str::to_owned).collect();
    Ok(json(&Confirmations { items: ask(&app, who.org, all).await? }))
}

async fn ask(app: &App, org: OrgId, addresses: Vec<String>) -> Result<Vec<Confirmation>, ApiError> {
    if !app.sender.has_mail() || addresses.is_empty() {
        return Ok(Vec::new());
    }
    let name = organisations::name(&app.db.get().await?, org).await?;
    let asking = stream::iter(addresses).map(|address| ask_one(app, org, &name, address));
    Ok(asking.buffered(AT_ONCE).collect().await)
}

async fn ask_one(app: &App, org: OrgId, organisation: &str, address: String) -> Confirmation {
    let why_not = match mail(app, org, organisation, &address).await {
        Ok(()) => None,
        Err(ApiError::Spent(short)) => Some(short.to_string()),
        Err(ApiError::Conflict(why)) => Some(why),
        Err(why) => {
            tracing::warn!(?why, "an address could not be asked to confirm");
            Some("the mail could not be sent: try again later".to_owned())
        }
    };
    Confirmation { address, sent: why_not.is_none(), why_not }
}

async fn mail(app: &App, org: OrgId, organisation: &str, address: &str) -> Result<(), ApiError> {
    app.actions.budgets.confirmation(org, address).await?;
    let token = OpaqueToken::random();
    // Before the mail is there: its link works from the first second.
    recipients::ask(&app.db.get().await?, org, address, &token.hash()).await?;
    let link = link(app, "confirm", &token);
    let mail = invite::confirmation(address, organisation, &link, &Uuid::now_v7().to_string());
    let sent = app.sender.invite(mail, app.clock.now()).await;
    if sent.ok {
        return Ok(());
    }
    recipients::forget(&app.db.get().await?, org, address).await?;
    Err(ApiError::Conflict(format!("the mail server did not take it: {}", sent.answer)))
}

/// Where a mail's link leads.
pub(crate) fn link(app: &App, page: &str, token: &OpaqueToken) -> String {
    let base = app.config.public_url.as_str().trim_end_matches('/');
    format!("{base}/api/v1/public/{page}/{}", token.reveal())
}

/// The page that a mail's link leads to: whether you want to be mailed alerts. Looking at it changes nothing.
#[utoipa::path(
    get, path = "/api/v1/public/confirm/{token}", tag = "Channels", params(("token" = String, Path)), security(()),
    responses(
        (status = 200, body = String, content_type = "text/html", description = "A page with a button."),
        (status = 404, body = String, content_type = "text/html", description = "The link was used, or its time is over."),
    ),
)]
async fn show(token: String, app: Arc<App>) -> Answer {
    let asked = recipients::asked(&app.db.get().await?, &OpaqueToken::presented(&token).hash()).await?;
    let Some(Asked { address, organisation }) = asked else { return Ok(over()) };
    let text = format!("{organisation} wants to send alerts about its websites to {address}.");
    Ok(Page { title: "Get alerts by mail?", text: &text, button: Some("Yes, send me alerts") }.answer())
}

/// Confirm that you want to be mailed alerts: what the button of the page does, once.
#[utoipa::path(
    post, path = "/api/v1/public/confirm/{token}", tag = "Channels", params(("token" = String, Path)), security(()),
    responses(
        (status = 200, body = String, content_type = "text/html", description = "Confirmed."),
        (status = 404, body = String, content_type = "text/html", description = "The link was used, or its time is over."),
    ),
)]
async fn confirm(token: String, app: Arc<App>) -> Answer {
    let confirmed = recipients::confirm(&app.db.get().await?, &OpaqueToken::presented(&token).hash()).await?;
    let Some(Asked { address, organisation }) = confirmed else { return Ok(over()) };
    let text = format!("{organisation} sends alerts to {address} from now on.");
    Ok(Page { title: "Confirmed", text: &text, button: None }.answer())
}
