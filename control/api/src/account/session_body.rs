//! What is sent and answered at sign-in.

use actions::account::Email;
use domain::fields::{self, values};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// `?cookie=true`: the refresh token comes as a cookie no script can read, and nowhere else.
#[derive(Clone, Copy, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Mode {
    /// Put the refresh token into a cookie that no script can read, not into the answer.
    #[serde(default)]
    pub(crate) cookie: bool,
}

/// The answer to a sign-in (RFC 6749, section 5.1).
#[derive(Serialize, ToSchema)]
#[schema(as = Tokens)]
pub(crate) struct TokenBody {
    /// Goes into `Authorization: Bearer …`.
    pub(crate) access_token: String,
    #[schema(inline, value_type = TokenType)]
    pub(crate) token_type: &'static str,
    /// Seconds until the access token runs out.
    pub(crate) expires_in: u64,
    /// Gets new tokens, once; absent where it came as a cookie.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) refresh_token: Option<String>,
}

#[derive(ToSchema)]
#[expect(dead_code, reason = "its schema is its use")]
enum TokenType {
    Bearer,
}

/// Who signs in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Credentials {
    #[schema(value_type = String, example = "ann@example.org")]
    #[serde(deserialize_with = "values::text")]
    pub(crate) email: Email,
    pub(crate) password: String,
}

impl fields::Body for Credentials {
    const REQUIRED: &'static [&'static str] = &["email", "password"];
}

/// The refresh token; absent where it comes as the cookie.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Refresh {
    #[schema(nullable = false)]
    pub(crate) refresh_token: Option<String>,
}

impl fields::Body for Refresh {
    const REQUIRED: &'static [&'static str] = &[];
}
