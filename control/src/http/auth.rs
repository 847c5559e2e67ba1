//! Who is asking, and what they may do. Nobody else can build a principal, so a handler that takes one is proof that it
//! was asked for. Roles are compared here and nowhere else.

use std::sync::Arc;

use warp::{Filter, Rejection};

use super::{ApiError, with};
use crate::{
    app::App,
    ids::{OrgId, Role, SignInId, UserId},
    store,
};

/// Nobody outside can write one.
#[derive(Clone, Copy, Debug)]
struct Sealed;

macro_rules! principals {
    ($($(#[$doc:meta])* $name:ident $filter:ident $role:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name {
            /// Who.
            pub user: UserId,
            /// In which organisation; every query of owned rows takes it.
            pub org: OrgId,
            /// By which sign-in.
            pub sign_in: SignInId,
            /// Their role there, which is enough for this principal.
            pub role: Role,
            #[expect(dead_code, reason = "its privacy is its use")]
            sealed: Sealed,
        }

        /// A route for this principal; put it behind path and method.
        pub fn $filter(app: &Arc<App>) -> impl Filter<Extract = ($name,), Error = Rejection> + Clone + use<> {
            warp::header::optional::<String>("authorization").and(with(app)).and_then(
                |header: Option<String>, app: Arc<App>| async move {
                    let (user, org, sign_in, role) =
                        identify(&app, header.as_deref(), $role).await.map_err(warp::reject::custom)?;
                    Ok::<_, Rejection>($name { user, org, sign_in, role, sealed: Sealed })
                },
            )
        }
    )*};
}

principals! {
    /// May look.
    Viewer viewer Role::Viewer;
    /// May change monitors.
    Editor editor Role::Editor;
    /// May change who and what belongs to the organisation.
    Admin admin Role::Admin;
}

/// The role is looked up each time: a removed member or a revoked sign-in is out at once.
async fn identify(app: &App, header: Option<&str>, needed: Role) -> Result<(UserId, OrgId, SignInId, Role), ApiError> {
    let token = header
        .and_then(bearer)
        .ok_or_else(|| unauthorized("sign in and send the access token as `Authorization: Bearer …`"))?;
    let claims = app.tokens.verify(token, app.clock.now()).map_err(|why| unauthorized(&why.to_string()))?;
    let db = app.db.get().await?;
    let role = store::sign_ins::role(&db, claims.sid, claims.sub, claims.org).await?;
    let role = role.ok_or_else(|| unauthorized("this sign-in has ended: sign in again"))?;
    if role < needed {
        return Err(ApiError::Forbidden(
            format!("this needs the role {needed:?} or more, and yours is {role:?}").to_lowercase(),
        ));
    }
    Ok((claims.sub, claims.org, claims.sid, role))
}

fn unauthorized(why: &str) -> ApiError {
    ApiError::Unauthorized(why.to_owned())
}

/// The scheme's name is case-insensitive (RFC 9110, section 11.1).
pub(super) fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
