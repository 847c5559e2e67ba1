//! The REST API under `/api/v1`, and the admin port. warp is known here and nowhere else.
//!
//! A route is: path, method, principal, body, handler. Handlers extract, make one call to the store and encode; they
//! never decide what an outcome means. A rejection says that another route may match, so handlers answer
//! `Result<_, ApiError>` through `.then`; only [`auth`] and [`body`] reject, after path and method have matched.

use std::{convert::Infallible, sync::Arc};

use ::http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use warp::{Filter, Reply, filters::BoxedFilter, reply::Response};

use crate::app::App;

mod account;
mod activity;
pub mod admin;
mod api_keys;
pub mod ask;
pub mod auth;
mod beats;
pub mod body;
mod bulk;
mod channel_body;
mod channels;
mod check_now;
mod compress;
mod confirmations;
mod dashboard;
mod deliveries;
mod docs;
mod events;
mod incident_answer;
mod incidents;
pub mod listen;
mod live_event;
mod monitor_answer;
mod monitor_body;
mod monitors;
mod monitors_live;
mod monitors_metrics;
pub mod openapi;
mod origin;
mod policies;
mod policy_body;
pub mod problem;
mod public_page;
mod query;
mod quota;
mod ready;
mod regions;
mod results;
pub mod routes;
mod series;
mod session;
mod session_body;
mod sign_ups;
mod time;
mod try_out;
mod uptime_days;
mod verdict;

pub use problem::ApiError;
pub use routes::{ROUTES, Route};

/// What a handler answers.
pub type Answer = Result<Response, ApiError>;

/// A group of routes.
pub type Group = BoxedFilter<(Response,)>;

/// The whole API, and the dashboard beside it: never rejects.
pub fn api(app: &Arc<App>) -> impl Filter<Extract = (Response,), Error = Infallible> + Clone + use<> {
    routes::all(app).or(dashboard::routes()).unify().recover(problem::recover).unify()
}

/// Hands the replica to a handler.
pub fn with(app: &Arc<App>) -> impl Filter<Extract = (Arc<App>,), Error = Infallible> + Clone + use<> {
    let app = app.clone();
    warp::any().map(move || app.clone())
}

/// 200 with a JSON body.
pub fn json(body: &impl Serialize) -> Response {
    warp::reply::json(body).into_response()
}

/// 201 with a JSON body and where it now lives.
pub fn created(location: &str, body: &impl Serialize) -> Response {
    let mut response = json(body);
    *response.status_mut() = StatusCode::CREATED;
    if let Ok(location) = HeaderValue::from_str(location) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

/// 204.
pub fn no_content() -> Response {
    StatusCode::NO_CONTENT.into_response()
}
