//! The admin port: `/livez`, `/readyz`, `/metrics`. For machines inside; it asks for no sign-in.

use std::{convert::Infallible, sync::Arc};

use ::http::{HeaderValue, header};
use warp::{Filter, Reply, reply::Response};

use super::{ApiError, monitors_metrics::TEXT_FORMAT, problem, ready::readyz};
use crate::{health::Health, lane_watch::LanesSeen, metrics::Metrics, store::Db};

/// What the admin port looks at.
#[derive(Clone, Debug)]
pub struct Admin {
    /// Named conditions.
    pub health: Health,
    /// How old the last words of all lanes are.
    pub lanes_seen: LanesSeen,
    /// This replica's name.
    pub replica: String,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// Asked live.
    pub db: Db,
    /// Asked live.
    pub link: wire::Link,
}

/// All of the admin port: never rejects.
pub fn routes(admin: Admin) -> impl Filter<Extract = (Response,), Error = Infallible> + Clone {
    let with = move || {
        let admin = admin.clone();
        warp::any().map(move || admin.clone())
    };
    let livez = warp::path!("livez").and(warp::get()).map(|| "ok\n".into_response());
    let readyz = warp::path!("readyz").and(warp::get()).and(with()).and(warp::query()).then(readyz);
    let metrics =
        warp::path!("metrics").and(warp::get()).and(with()).map(|admin: Admin| metrics(&admin).into_response());
    livez.or(readyz).unify().or(metrics).unify().recover(problem::recover).unify()
}

fn metrics(admin: &Admin) -> Result<Response, ApiError> {
    admin.metrics.servers.pool(admin.db.state());
    let text = admin.metrics.encode().map_err(|why| ApiError::Internal(why.to_string()))?;
    let mut response = text.into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(TEXT_FORMAT));
    Ok(response)
}
