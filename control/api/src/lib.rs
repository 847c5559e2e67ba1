//! The REST API under `/api/v1`, and the admin port. warp is known here and nowhere else.
//!
//! A route is: path, method, principal, body, handler. Handlers extract, make one call to the store and encode; they
//! never decide what an outcome means. A rejection says that another route may match, so handlers answer
//! `Result<_, ApiError>` through `.then`; only [`auth`] and [`body`] reject, after path and method have matched.

use std::{convert::Infallible, sync::Arc};

use warp::{Filter, reply::Response};

mod account;
pub mod admin;
mod alerting;
mod app;
pub mod ask;
pub mod auth;
mod body;
mod client;
mod compress;
mod dashboard;
mod docs;
mod events;
mod history;
mod incidents;
pub mod listen;
pub mod live;
pub mod metrics;
mod monitors;
pub mod openapi;
mod origin;
mod page;
mod pages;
mod problem;
mod query;
pub mod rate;
pub mod ready;
mod regions;
mod routes;
mod time;
pub mod token;

pub use app::App;
pub use routes::routes;

/// The whole API, and the dashboard beside it: never rejects.
pub fn api(app: &Arc<App>) -> impl Filter<Extract = (Response,), Error = Infallible> + Clone + use<> {
    routes::all(app).or(dashboard::routes()).unify().recover(problem::recover).unify()
}
