//! All SQL, one file per table, and the way to PostgreSQL. Callers open transactions; functions here never commit.
//!
//! It knows rows and constraints, and never hears of HTTP, Redis or what a verdict means.

pub mod activity;
pub mod alerts;
pub mod api_keys;
pub mod beats;
pub mod channels;
pub mod deliveries;
pub mod history;
pub mod incidents;
pub mod incidents_read;
pub mod installation;
pub mod lanes;
pub mod limits;
pub mod messages;
pub mod migrate;
pub mod monitors;
pub mod monitors_bulk;
pub mod monitors_edit;
pub mod monitors_live;
pub mod monitors_watched;
pub mod organisations;
pub mod outbox;
pub mod outcomes;
pub mod partitions;
pub mod policies;
pub mod pulse;
pub mod quota;
pub mod recipients;
pub mod regions_list;
pub mod replicas;
pub mod schedule;
pub mod series;
pub mod sign_ins;
pub mod sign_ups;
pub mod skips;
mod statement;
pub mod statuses;
pub mod uptime;
pub mod uptime_days;
pub mod users;
pub mod workers;

mod cause;
mod connect;
mod error;
mod listener;
#[cfg(test)]
mod plans;
mod row;
mod session;

pub use connect::{Db, Noting, PoolState, connect};
pub use deadpool_postgres::{GenericClient, Object as Connection, Transaction};
pub use error::{Error, Refused};
pub use listener::Listener;
use row::{Read, Row};
pub use session::{Ask, Session};
pub use tokio_postgres::{Client, Error as DriverError};

/// What answers of the store are.
pub type Result<T> = std::result::Result<T, Error>;
