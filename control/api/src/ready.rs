//! `/readyz`: whether this replica, and what it works on, does what it is for. It tries what the work does, a write included,
//! and answers within 2 s whatever hangs.
//!
//! `?scope=api` asks for less: whether this replica can answer the API. A load balancer asks that, since a lane that stands
//! still is told by the API, and by nobody if no replica is left to ask.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use ::http::StatusCode;
use serde::{Deserialize, Serialize};
use store::{Connection, Db};
use warp::reply::Response;

use crate::page::json;

/// How long PostgreSQL and Redis may take to do what they are asked.
const PING: Duration = Duration::from_secs(1);

/// Asks for all named conditions of this replica, by name: `Err` says what is wrong.
pub type Ask = Arc<dyn Fn() -> Conditions + Send + Sync>;

/// Named conditions.
pub type Conditions = BTreeMap<String, Result<(), String>>;

/// What a replica has to go by to say whether it is ready.
#[derive(Clone)]
pub struct Readiness {
    /// What its loops say.
    pub conditions: Ask,
    /// This replica's name.
    pub replica: String,
    /// Asked live.
    pub db: Db,
    /// Asked live.
    pub link: wire::Link,
}

/// What a query may ask for.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) struct Asked {
    scope: Option<Scope>,
}

/// Less than everything.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Scope {
    /// What it takes to answer the API.
    Api,
}

#[derive(Serialize)]
struct ReadyBody {
    ready: bool,
    /// `"ok"`, or what is wrong.
    conditions: BTreeMap<String, String>,
}

pub(crate) async fn readyz(replica: Readiness, asked: Asked) -> Response {
    let conditions = match asked.scope {
        None => everything(&replica).await,
        Some(Scope::Api) => of_the_api(&replica).await,
    };
    let ready = conditions.values().all(Result::is_ok);
    let words = |state: Result<(), String>| state.err().unwrap_or_else(|| "ok".to_owned());
    let conditions = conditions.into_iter().map(|(name, state)| (name, words(state))).collect();
    let mut response = json(&ReadyBody { ready, conditions });
    if !ready {
        *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    }
    response
}

async fn everything(replica: &Readiness) -> Conditions {
    let mut conditions = (replica.conditions)();
    let ((postgres, write), redis) = tokio::join!(servers(&replica.db, &replica.replica), ping(redis(&replica.link)));
    conditions.insert("postgres".to_owned(), postgres);
    conditions.insert("postgres write".to_owned(), write);
    conditions.insert("redis".to_owned(), redis);
    conditions
}

/// Whether it has started, and can read what it answers with.
async fn of_the_api(replica: &Readiness) -> Conditions {
    let start = (replica.conditions)().remove("start").unwrap_or(Ok(()));
    let postgres = ping(read(&replica.db)).await.map(drop);
    [("start".to_owned(), start), ("postgres".to_owned(), postgres)].into()
}

async fn ping<T>(asked: impl Future<Output = Result<T, String>>) -> Result<T, String> {
    let late = || Err(format!("no answer within {} s", PING.as_secs()));
    tokio::time::timeout(PING, asked).await.unwrap_or_else(|_| late())
}

/// Whether PostgreSQL answers, and whether it takes what every turn of a lane needs it to take: a full disk, a standby or
/// `default_transaction_read_only` still answer reads. On one connection, since there may be no other.
async fn servers(db: &Db, replica: &str) -> (Result<(), String>, Result<(), String>) {
    let connection = match ping(read(db)).await {
        Ok(connection) => connection,
        Err(why) => return (Err(why.clone()), Err(why)),
    };
    let write = async { store::replicas::write(&connection, replica).await.map_err(|why| why.cause()) };
    (Ok(()), ping(write).await)
}

async fn read(db: &Db) -> Result<Connection, String> {
    let connection = db.get().await.map_err(|why| why.cause())?;
    store::installation::clock_ms(&connection).await.map_err(|why| why.cause())?;
    Ok(connection)
}

/// The pool tries again by itself and does not say why it has to: a line of our own does.
async fn redis(link: &wire::Link) -> Result<(), String> {
    let pooled = async { link.short().await?.time_ms().await };
    if let Ok(told) = tokio::time::timeout(PING / 2, pooled).await {
        return told.map(drop).map_err(|why| why.cause());
    }
    let own = async { link.own().await?.time_ms().await };
    own.await.map_err(|why: wire::Error| why.cause())?;
    Err(format!("no connection of the pool was free within {} ms", (PING / 2).as_millis()))
}
