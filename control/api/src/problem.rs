//! The one place where errors become HTTP: `application/problem+json` (RFC 9457).

use std::{convert::Infallible, time::Duration};

use ::http::{HeaderValue, StatusCode, header};
use actions::{budget::Short, password::HashError};
use domain::fields::Problem;
use serde::Serialize;
use utoipa::ToSchema;
use warp::{
    Rejection, Reply,
    reject::{self, Reject},
    reply::Response,
};

/// Why a request has no better answer.
#[derive(Debug)]
pub(crate) enum ApiError {
    /// 400: not HTTP or JSON as it should be; a sentence.
    Malformed(String),
    /// 401: who are you? A sentence.
    Unauthorized(String),
    /// 403: you may not; a sentence.
    Forbidden(String),
    /// 404: not there, or not yours.
    NotFound,
    /// 404: not the path of a route, but nearly; a sentence.
    Astray(String),
    /// 405.
    MethodNotAllowed,
    /// 409: something is in the way; a sentence.
    Conflict(String),
    /// 413: the most bytes a body may have.
    TooLarge(usize),
    /// 431: the most bytes a request's headers may have.
    LongHead(usize),
    /// 415.
    UnsupportedMediaType,
    /// 422: every bad field.
    Invalid(Vec<Problem>),
    /// 429: how long to wait.
    TooMany(Duration),
    /// 429: a budget is spent.
    Spent(Short),
    /// 503: try again soon; a sentence for the log.
    Busy(String),
    /// 500: our fault; the log knows, the client does not.
    Internal(String),
}

/// How long a client of a busy server waits.
const RETRY_SECONDS: u64 = 2;

/// Why a request has no better answer (RFC 9457).
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct ProblemBody<'a> {
    /// `about:blank`: the status says it all.
    r#type: &'static str,
    /// The status in words.
    title: &'a str,
    /// The status.
    status: u16,
    /// What is wrong and what to do about it, in a sentence.
    detail: &'a str,
    /// Every bad field of a body.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [Problem],
}

impl From<actions::Error> for ApiError {
    fn from(why: actions::Error) -> Self {
        match why {
            actions::Error::NotFound => Self::NotFound,
            actions::Error::Forbidden(why) => Self::Forbidden(why),
            actions::Error::Invalid(problems) => Self::Invalid(problems),
            actions::Error::Conflict(why) => Self::Conflict(why),
            actions::Error::Spent(short) => Self::Spent(short),
            actions::Error::Busy(why) => Self::Busy(why),
            actions::Error::Internal(why) => Self::Internal(why),
            actions::Error::Store(why) => why.into(),
            actions::Error::Redis(why) => why.into(),
        }
    }
}

impl ApiError {
    /// One bad field.
    pub(crate) fn invalid(pointer: &str, detail: impl Into<String>) -> Self {
        Self::Invalid(vec![Problem { pointer: pointer.to_owned(), detail: detail.into() }])
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::Malformed(_) => StatusCode::BAD_REQUEST,
            Self::Unauthorized(_) => StatusCode::UNAUTHORIZED,
            Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::NotFound | Self::Astray(_) => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Conflict(_) => StatusCode::CONFLICT,
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::LongHead(_) => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooMany(_) | Self::Spent(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Busy(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn detail(&self) -> String {
        match self {
            Self::Malformed(why) | Self::Unauthorized(why) | Self::Forbidden(why) | Self::Conflict(why) => why.clone(),
            Self::Astray(mend) => mend.clone(),
            Self::NotFound => "there is nothing here, or it is not yours".to_owned(),
            Self::MethodNotAllowed => "this path does not know this method".to_owned(),
            Self::TooLarge(most) => format!("the body is larger than {} KiB", most / 1024),
            Self::LongHead(most) => format!("the request's line and headers are larger than {} KiB", most / 1024),
            Self::UnsupportedMediaType => "send JSON, with `Content-Type: application/json`".to_owned(),
            Self::Invalid(problems) if problems.len() == 1 => "one field is not right; `errors` says which".to_owned(),
            Self::Invalid(problems) => format!("{} fields are not right; `errors` says which", problems.len()),
            Self::TooMany(wait) => format!("too many tries: wait {} s", seconds(*wait)),
            Self::Spent(short) => short.to_string(),
            Self::Busy(_) => "not now: the server cannot reach its database or has too much to do".to_owned(),
            Self::Internal(_) => {
                "something went wrong here; the log has it under this answer's X-Request-Id".to_owned()
            }
        }
    }

    fn header(&self) -> Option<(header::HeaderName, HeaderValue)> {
        match self {
            Self::Unauthorized(_) => Some((header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))),
            Self::TooMany(wait) | Self::Spent(Short { wait, .. }) => Some((header::RETRY_AFTER, seconds(*wait).into())),
            Self::Busy(_) => Some((header::RETRY_AFTER, RETRY_SECONDS.into())),
            _ => None,
        }
    }

    /// The answer to the client.
    pub(crate) fn response(&self) -> Response {
        match self {
            Self::Internal(why) => tracing::error!(why, "a request failed by our fault"),
            Self::Busy(why) => tracing::warn!(why, "a request was turned away"),
            _ => {}
        }
        let status = self.status();
        let errors = if let Self::Invalid(problems) = self { problems.as_slice() } else { &[] };
        let title = status.canonical_reason().unwrap_or_default();
        let body =
            ProblemBody { r#type: "about:blank", title, status: status.as_u16(), detail: &self.detail(), errors };
        let mut response = warp::reply::with_status(warp::reply::json(&body), status).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.extend(self.header());
        response
    }
}

/// Rounded up: who waits this long is let in.
fn seconds(wait: Duration) -> u64 {
    wait.as_millis().div_ceil(1000).max(1) as u64
}

impl Reply for ApiError {
    fn into_response(self) -> Response {
        self.response()
    }
}

impl Reject for ApiError {}

impl From<store::Error> for ApiError {
    fn from(why: store::Error) -> Self {
        match why {
            store::Error::Conflict(_) => Self::Conflict("something like this is there already".to_owned()),
            why if why.is_unavailable() => Self::Busy(why.to_string()),
            why => Self::Internal(why.to_string()),
        }
    }
}

impl From<store::DriverError> for ApiError {
    fn from(why: store::DriverError) -> Self {
        store::Error::from(why).into()
    }
}

impl From<wire::Error> for ApiError {
    fn from(why: wire::Error) -> Self {
        Self::Busy(why.to_string())
    }
}

impl From<Short> for ApiError {
    fn from(short: Short) -> Self {
        Self::Spent(short)
    }
}

impl From<HashError> for ApiError {
    fn from(why: HashError) -> Self {
        match why {
            HashError::Busy => Self::Busy(why.to_string()),
            HashError::Hash(_) => Self::Internal(why.to_string()),
        }
    }
}

impl From<Vec<Problem>> for ApiError {
    fn from(problems: Vec<Problem>) -> Self {
        Self::Invalid(problems)
    }
}

/// What no route answered. What [`super::auth`] and [`super::body`] refused wins over "no such path" of all others.
pub(crate) async fn recover(rejection: Rejection) -> Result<Response, Infallible> {
    if let Some(refused) = rejection.find::<ApiError>() {
        return Ok(refused.response());
    }
    let error = if rejection.find::<reject::InvalidQuery>().is_some() {
        ApiError::Malformed("the query string cannot be read: `cookie` is `true` or `false`".to_owned())
    } else if rejection.find::<reject::InvalidHeader>().is_some() {
        ApiError::Malformed("a header cannot be read".to_owned())
    } else if rejection.find::<reject::MethodNotAllowed>().is_some() {
        ApiError::MethodNotAllowed
    } else if rejection.is_not_found() {
        ApiError::NotFound
    } else {
        ApiError::Internal(format!("unforeseen rejection: {rejection:?}"))
    };
    Ok(error.response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_has_its_status_and_the_header_that_belongs_to_it() {
        let text = String::new;
        let all = [
            (ApiError::Malformed(text()), 400, None),
            (ApiError::Unauthorized(text()), 401, Some(("www-authenticate", "Bearer"))),
            (ApiError::Forbidden(text()), 403, None),
            (ApiError::NotFound, 404, None),
            (ApiError::MethodNotAllowed, 405, None),
            (ApiError::Conflict(text()), 409, None),
            (ApiError::TooLarge(1024), 413, None),
            (ApiError::UnsupportedMediaType, 415, None),
            (ApiError::invalid("/a", "no"), 422, None),
            (ApiError::TooMany(Duration::from_millis(1001)), 429, Some(("retry-after", "2"))),
            (ApiError::Internal(text()), 500, None),
            (ApiError::Busy(text()), 503, Some(("retry-after", "2"))),
        ];
        for (error, status, header) in all {
            let response = error.response();
            assert_eq!(response.status().as_u16(), status);
            assert_eq!(response.headers()["content-type"], "application/problem+json");
            if let Some((name, value)) = header {
                assert_eq!(response.headers()[name], value);
            }
        }
    }

    #[test]
    fn only_the_log_reads_what_went_wrong_inside() {
        assert!(!ApiError::Internal("relation users".into()).detail().contains("users"));
        assert!(!ApiError::Busy("10.0.0.7".into()).detail().contains("10.0.0.7"));
    }
}
