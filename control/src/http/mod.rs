//! The REST API under `/api/v1`, and the admin port. warp is known here and nowhere else.
//!
//! A route is: path, method, principal, body, handler. Handlers extract, make one call to the store and encode; they
//! never decide what an outcome means. A rejection says that another route may match, so handlers answer
//! `Result<_, ApiError>` through `.then`; only [`auth`] and [`body`] reject, after path and method have matched.

use std::{convert::Infallible, sync::Arc};

use warp::{Filter, reply::Response};

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
mod client;
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
pub mod page;
mod policies;
mod policy_body;
pub mod problem;
mod public_page;
mod query;
mod quota;
pub mod ready;
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

pub use routes::ROUTES;

/// The whole API, and the dashboard beside it: never rejects.
pub fn api(app: &Arc<App>) -> impl Filter<Extract = (Response,), Error = Infallible> + Clone + use<> {
    routes::all(app).or(dashboard::routes()).unify().recover(problem::recover).unify()
}
