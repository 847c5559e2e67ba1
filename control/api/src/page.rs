//! What pages of the API are made of: the types of their parts, and the answers that need no more than a body.

use std::{convert::Infallible, sync::Arc};

use ::http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use warp::{Filter, Reply, filters::BoxedFilter, reply::Response};

use crate::{App, problem::ApiError};

/// `(method, path)`, a parameter written `{like_this}`: what metrics call a request, and what tests must cover.
pub(crate) type Route = (&'static str, &'static str);

/// What a handler answers.
pub(crate) type Answer = Result<Response, ApiError>;

/// A group of routes.
pub(crate) type Group = BoxedFilter<(Response,)>;

/// Hands the replica to a handler.
pub(crate) fn with(app: &Arc<App>) -> impl Filter<Extract = (Arc<App>,), Error = Infallible> + Clone + use<> {
    let app = app.clone();
    warp::any().map(move || app.clone())
}

/// 200 with a JSON body.
pub(crate) fn json(body: &impl Serialize) -> Response {
    warp::reply::json(body).into_response()
}

/// 201 with a JSON body and where it now lives.
pub(crate) fn created(location: &str, body: &impl Serialize) -> Response {
    let mut response = json(body);
    *response.status_mut() = StatusCode::CREATED;
    if let Ok(location) = HeaderValue::from_str(location) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

/// 204.
pub(crate) fn no_content() -> Response {
    StatusCode::NO_CONTENT.into_response()
}
