//! Who is asking, and what they may do. Nobody else can build a principal, so a handler that takes one is proof that it
//! was asked for. Roles and scopes are compared here and nowhere else.
//!
//! Whoever asks is a person with an access token or a program with an API key. A key may do what a viewer or an editor
//! may, and never what needs an admin or is a person's own affair.

use std::{net::IpAddr, sync::Arc};

use domain::{
    actor::Actor,
    api_key::{KeyText, MARK, Scope},
    ids::{OrgId, Role, SignInId, UserId},
};
use store::{
    api_keys::{self, Presented},
    sign_ins,
};
use warp::{Filter, Rejection};

use crate::{App, client::client, page::with, problem::ApiError};

/// Nobody outside can write one.
#[derive(Clone, Copy, Debug)]
struct Sealed;

/// What a route asks of whoever asks.
#[derive(Clone, Copy, Debug)]
enum Needed {
    /// To look.
    Look,
    /// To change monitors and answer incidents.
    Change,
    /// To fetch the series of all monitors.
    Series,
    /// To be a person, with this role or more.
    Person(Role),
}

impl Needed {
    fn role(self) -> Role {
        match self {
            Self::Look | Self::Series => Role::Viewer,
            Self::Change => Role::Editor,
            Self::Person(role) => role,
        }
    }

    /// The scopes any one of which is enough, the least first.
    fn scopes(self) -> &'static [Scope] {
        match self {
            Self::Look => &[Scope::Read, Scope::Write],
            Self::Change => &[Scope::Write],
            Self::Series => &[Scope::Metrics, Scope::Read, Scope::Write],
            Self::Person(_) => &[],
        }
    }
}

/// Whoever asks, and what they may do where.
struct Caller {
    actor: Actor,
    org: OrgId,
    rights: Rights,
}

enum Rights {
    Of(Role),
    Scopes(Vec<Scope>),
}

impl Caller {
    /// The same, if they may.
    fn admitted(self, needed: Needed) -> Result<Self, ApiError> {
        let least = needed.role();
        match (&self.rights, needed.scopes()) {
            (Rights::Of(role), _) if *role < least => Err(ApiError::Forbidden(
                format!("this needs the role {least:?} or more, and yours is {role:?}").to_lowercase(),
            )),
            (Rights::Scopes(_), []) => Err(person_only()),
            (Rights::Scopes(given), enough) if !given.iter().any(|scope| enough.contains(scope)) => {
                let enough: Vec<_> = enough.iter().map(|scope| scope.as_str()).collect();
                Err(ApiError::Forbidden(format!("this needs an API key with the scope {}", enough.join(" or "))))
            }
            _ => Ok(self),
        }
    }
}

fn person_only() -> ApiError {
    ApiError::Forbidden("no API key may do this: it needs a person who is signed in".to_owned())
}

macro_rules! principals {
    ($($(#[$doc:meta])* $name:ident $filter:ident $needed:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name {
            /// Who.
            pub actor: Actor,
            /// In which organisation; every query of owned rows takes it.
            pub org: OrgId,
            #[expect(dead_code, reason = "its privacy is its use")]
            sealed: Sealed,
        }

        /// A route for this principal; put it behind path and method.
        pub fn $filter(app: &Arc<App>) -> impl Filter<Extract = ($name,), Error = Rejection> + Clone + use<> {
            caller(app, $needed).map(|caller: Caller| $name { actor: caller.actor, org: caller.org, sealed: Sealed })
        }
    )*};
}

principals! {
    /// May look.
    Viewer viewer Needed::Look;
    /// May change monitors.
    Editor editor Needed::Change;
    /// May fetch the series of all monitors.
    Scraper scraper Needed::Series;
}

macro_rules! people {
    ($($(#[$doc:meta])* $name:ident $filter:ident $role:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name {
            /// Who.
            pub user: UserId,
            /// By which sign-in.
            pub sign_in: SignInId,
            /// In which organisation; every query of owned rows takes it.
            pub org: OrgId,
            /// Their role there, which is enough for this principal.
            pub role: Role,
            #[expect(dead_code, reason = "its privacy is its use")]
            sealed: Sealed,
        }

        /// A route for this principal; put it behind path and method.
        pub fn $filter(app: &Arc<App>) -> impl Filter<Extract = ($name,), Error = Rejection> + Clone + use<> {
            caller(app, Needed::Person($role)).and_then(|caller: Caller| async move {
                match (caller.actor, caller.rights) {
                    (Actor::Person(user, sign_in), Rights::Of(role)) => {
                        Ok($name { user, sign_in, org: caller.org, role, sealed: Sealed })
                    }
                    _ => Err(warp::reject::custom(person_only())),
                }
            })
        }
    )*};
}

people! {
    /// A person, whatever their role.
    Member member Role::Viewer;
    /// A person who may change who and what belongs to the organisation.
    Admin admin Role::Admin;
}

fn caller(app: &Arc<App>, needed: Needed) -> impl Filter<Extract = (Caller,), Error = Rejection> + Clone + use<> {
    warp::header::optional::<String>("authorization").and(client()).and(with(app)).and_then(
        move |header: Option<String>, client: IpAddr, app: Arc<App>| async move {
            let caller = identify(&app, header.as_deref(), client).await;
            caller.and_then(|caller| caller.admitted(needed)).map_err(warp::reject::custom)
        },
    )
}

async fn identify(app: &App, header: Option<&str>, client: IpAddr) -> Result<Caller, ApiError> {
    let token = header.and_then(bearer).ok_or_else(|| {
        unauthorized("sign in and send the access token, or send an API key, as `Authorization: Bearer …`")
    })?;
    if token.starts_with(MARK) { by_key(app, token, client).await } else { by_sign_in(app, token).await }
}

/// The role is looked up each time: a removed member or a revoked sign-in is out at once.
async fn by_sign_in(app: &App, token: &str) -> Result<Caller, ApiError> {
    let claims = app.tokens.verify(token, app.clock.now()).map_err(|why| unauthorized(&why.to_string()))?;
    let db = app.db.get().await?;
    let role = sign_ins::role(&db, claims.sid, claims.sub, claims.org).await?;
    let role = role.ok_or_else(|| unauthorized("this sign-in has ended: sign in again"))?;
    Ok(Caller { actor: Actor::Person(claims.sub, claims.sid), org: claims.org, rights: Rights::Of(role) })
}

/// A key is looked up each time, by its hash: one that is revoked or has expired is out at once. What cannot be a key is
/// refused without a look, and whoever presents one after the other that is none has to wait; keys that are good are let
/// in all the same, since many programs may share an address.
async fn by_key(app: &App, text: &str, client: IpAddr) -> Result<Caller, ApiError> {
    let known = match KeyText::presented(text) {
        Some(key) => known(app, &key).await?,
        None => None,
    };
    let Some(key) = known else {
        app.rates.guess(client).map_err(ApiError::TooMany)?;
        return Err(unauthorized("this API key is not valid: it was revoked, has expired, or never was one"));
    };
    Ok(Caller { actor: Actor::Key(key.id), org: key.organisation, rights: Rights::Scopes(key.scopes) })
}

async fn known(app: &App, key: &KeyText) -> Result<Option<Presented>, ApiError> {
    let db = app.db.get().await?;
    let found = api_keys::presented(&db, &key.hash()).await?;
    if let Some(key) = found.as_ref().filter(|key| key.is_to_be_noted) {
        // A note and no more: while PostgreSQL only reads, keys still read.
        if let Err(why) = api_keys::used(&db, key.id).await {
            tracing::debug!(%why, "could not note that a key is used");
        }
    }
    Ok(found)
}

/// Whether somebody who was let in long ago still would be: the sign-in or the key is good, and the person a member.
pub(crate) async fn is_welcome(app: &App, who: Viewer) -> Result<bool, ApiError> {
    let db = app.db.get().await?;
    Ok(match who.actor {
        Actor::Person(user, sign_in) => sign_ins::lives(&db, sign_in, user, who.org).await?,
        Actor::Key(key) => api_keys::lives(&db, key).await?,
    })
}

fn unauthorized(why: &str) -> ApiError {
    ApiError::Unauthorized(why.to_owned())
}

/// The scheme's name is case-insensitive (RFC 9110, section 11.1).
pub(crate) fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
