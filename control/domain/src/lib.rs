//! What UpGuard's control plane decides, and the words it does so in. Pure: rows, results and the time come in, decisions come
//! out. It has no tokio, SQL, Redis, HTTP or metrics among its dependencies, and reads no clock.

pub mod actor;
pub mod alerting;
pub mod api_key;
pub mod certificates;
pub mod channel;
pub mod clocks;
pub mod days;
pub mod event;
pub mod fields;
pub mod fleet;
pub mod ids;
pub mod incident;
pub mod keys;
pub mod ledger;
pub mod message;
pub mod monitor;
pub mod policy;
pub mod quota;
pub mod schedule;
#[cfg(feature = "openapi")]
pub mod schema;
pub mod series;
pub mod stale;
pub mod status;
pub mod status_tracker;
pub mod time;
pub mod uptime;
pub mod verdict;
pub mod watched;
