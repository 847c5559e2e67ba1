//! The admin port: `/livez`, `/readyz`, `/metrics`. For machines inside; it asks for no sign-in.

use std::{convert::Infallible, sync::Arc};

use ::http::{HeaderValue, header};
use warp::{Filter, Reply, reply::Response};

use super::{
    monitors_metrics::TEXT_FORMAT,
    problem::{self, ApiError},
    ready::{self, Readiness},
};
use crate::metrics::Metrics;

/// What the admin port looks at.
#[derive(Clone, Debug)]
pub struct Admin {
    /// For `/readyz`.
    pub readiness: Readiness,
    /// What is counted.
    pub metrics: Arc<Metrics>,
}

/// All of the admin port: never rejects.
pub fn routes(admin: Admin) -> impl Filter<Extract = (Response,), Error = Infallible> + Clone {
    let with = move || {
        let admin = admin.clone();
        warp::any().map(move || admin.clone())
    };
    let livez = warp::path!("livez").and(warp::get()).map(|| "ok\n".into_response());
    let readyz = warp::path!("readyz").and(warp::get()).and(with()).and(warp::query());
    let readyz = readyz.then(async |admin: Admin, asked| ready::readyz(admin.readiness, asked).await);
    let metrics =
        warp::path!("metrics").and(warp::get()).and(with()).map(|admin: Admin| metrics(&admin).into_response());
    livez.or(readyz).unify().or(metrics).unify().recover(problem::recover).unify()
}

fn metrics(admin: &Admin) -> Result<Response, ApiError> {
    admin.metrics.servers.pool(admin.readiness.db.state());
    let text = admin.metrics.encode().map_err(|why| ApiError::Internal(why.to_string()))?;
    let mut response = text.into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(TEXT_FORMAT));
    Ok(response)
}
