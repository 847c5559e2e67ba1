//! What works by itself: lanes with their pusher and ingester, the notifier, housekeeping, and who watches over them. It takes
//! what `domain` decides to `store`, to Redis and to `channels`. Nobody calls it; it knows no HTTP.

pub mod health;
pub mod housekeeping;
mod ingester;
pub mod lane;
pub mod lane_watch;
pub mod measure;
pub mod metrics;
pub mod notifier;
mod pusher;
pub mod watchdog;

use std::sync::Arc;

use channels::{
    Sender, Vault,
    live::{Publisher, Silence},
};
use config::Config;
use store::Db;
use tokio::sync::watch;

use health::Health;
use lane_watch::seen::LanesSeen;
use metrics::Metrics;

/// What all loops of one replica share.
#[derive(Debug)]
pub struct Engine {
    /// As it was read at the start.
    pub config: Arc<Config>,
    /// PostgreSQL, for what is looked up for metrics.
    pub db: Db,
    /// PostgreSQL, for lanes, housekeeping and alerts: however busy the API is, they have their connections.
    pub work: Db,
    /// Redis.
    pub link: wire::Link,
    /// The keys of every lane, by its number: as many as are stored, whatever the configuration says.
    pub lanes: Vec<wire::Keys>,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// Conditions of `/readyz`.
    pub health: Health,
    /// How old the last words of all lanes are.
    pub lanes_seen: LanesSeen,
    /// Tells dashboards of this replica which lanes are silent.
    pub silence: watch::Sender<Silence>,
    /// This replica's name among its peers: `host-pid`.
    pub replica: String,
    /// Redis time: the one clock of slots and jobs.
    pub clock: Arc<wire::Clock>,
    /// The way out to channels.
    pub sender: Arc<Sender>,
    /// Opens channels' secrets.
    pub vault: Arc<Vault>,
    /// Tells dashboards what happened.
    pub live: Arc<Publisher>,
}
