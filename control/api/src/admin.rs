//! The admin port: `/livez`, `/readyz`, `/metrics`. For machines inside; it asks for no sign-in.

use std::{convert::Infallible, sync::Arc};

use ::http::{HeaderValue, header};
use warp::{Filter, Reply, reply::Response};

use crate::{
    monitors::metrics::TEXT_FORMAT,
    problem::{self, ApiError},
    ready::{self, Readiness},
};

/// Writes down all that is counted, in Prometheus' text format.
pub type Expose = Arc<dyn Fn() -> Result<Vec<u8>, prometheus::Error> + Send + Sync>;

/// What the admin port looks at.
#[derive(Clone)]
pub struct Admin {
    /// For `/readyz`.
    pub readiness: Readiness,
    /// What is counted.
    pub metrics: Expose,
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
    let text = (admin.metrics)().map_err(|why| ApiError::Internal(why.to_string()))?;
    let mut response = text.into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(TEXT_FORMAT));
    Ok(response)
}
