//! The admin port: `/livez`, `/readyz`, `/metrics`. For machines inside; it asks for no sign-in.

use std::{collections::BTreeMap, convert::Infallible, time::Duration};

use ::http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use std::sync::Arc;
use warp::{Filter, Reply, reply::Response};

use super::{ApiError, json, monitors_metrics::TEXT_FORMAT, problem};
use crate::{
    health::Health,
    metrics::Metrics,
    store::{self, Db},
};

/// How long PostgreSQL and Redis may take to say that they are there.
const PING: Duration = Duration::from_secs(1);

/// What the admin port looks at.
#[derive(Clone, Debug)]
pub struct Admin {
    /// Named conditions.
    pub health: Health,
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
    let readyz = warp::path!("readyz").and(warp::get()).and(with()).then(readyz);
    let metrics =
        warp::path!("metrics").and(warp::get()).and(with()).map(|admin: Admin| metrics(&admin).into_response());
    livez.or(readyz).unify().or(metrics).unify().recover(problem::recover).unify()
}

#[derive(Serialize)]
struct ReadyBody {
    ready: bool,
    /// `"ok"`, or what is wrong.
    conditions: BTreeMap<String, String>,
}

async fn readyz(admin: Admin) -> Response {
    let mut conditions = admin.health.conditions();
    let (postgres, redis) = tokio::join!(ping(postgres(&admin.db)), ping(redis(&admin.link)));
    conditions.insert("postgres".to_owned(), postgres);
    conditions.insert("redis".to_owned(), redis);
    let ready = conditions.values().all(Result::is_ok);
    let words = |state: Result<(), String>| state.err().unwrap_or_else(|| "ok".to_owned());
    let conditions = conditions.into_iter().map(|(name, state)| (name, words(state))).collect();
    let mut response = json(&ReadyBody { ready, conditions });
    if !ready {
        *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    }
    response
}

async fn ping(asked: impl Future<Output = Result<(), String>>) -> Result<(), String> {
    let late = || Err(format!("no answer within {} s", PING.as_secs()));
    tokio::time::timeout(PING, asked).await.unwrap_or_else(|_| late())
}

async fn postgres(db: &Db) -> Result<(), String> {
    let db = db.get().await.map_err(|why| why.to_string())?;
    store::installation::clock_ms(&db).await.map(drop).map_err(|why| why.to_string())
}

async fn redis(link: &wire::Link) -> Result<(), String> {
    let mut line = link.short().await.map_err(|why| why.to_string())?;
    line.time_ms().await.map(drop).map_err(|why| why.to_string())
}

fn metrics(admin: &Admin) -> Result<Response, ApiError> {
    admin.metrics.servers.pool(admin.db.state());
    let text = admin.metrics.encode().map_err(|why| ApiError::Internal(why.to_string()))?;
    let mut response = text.into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(TEXT_FORMAT));
    Ok(response)
}
