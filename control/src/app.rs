//! What every handler and loop of one replica shares. Passed as `Arc<App>`; there is no global.

use std::sync::Arc;

use crate::{
    budget::Budgets,
    channel::{Courier, Vault},
    config::Config,
    health::Health,
    lane_watch::seen::LanesSeen,
    live::Live,
    metrics::Metrics,
    password::Passwords,
    rate::Rates,
    store::Db,
    token::Tokens,
};

/// One running replica.
#[derive(Debug)]
pub struct App {
    /// As it was read at the start.
    pub config: Config,
    /// PostgreSQL, for the API.
    pub db: Db,
    /// PostgreSQL, for lanes, housekeeping and alerts: however busy the API is, they have their connections.
    pub work: Db,
    /// Redis.
    pub link: wire::Link,
    /// The keys of every lane, by its number: as many as are stored, whatever the configuration says.
    pub lanes: Vec<wire::Keys>,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// What `/readyz` says.
    pub health: Health,
    /// How old the last words of all lanes are.
    pub lanes_seen: LanesSeen,
    /// This replica's name among its peers: `host-pid`.
    pub replica: String,
    /// Redis time: the one clock of slots, jobs and tokens.
    pub clock: wire::Clock,
    /// Hashes and verifies passwords.
    pub passwords: Passwords,
    /// Signs and verifies tokens.
    pub tokens: Tokens,
    /// The way out to channels.
    pub courier: Courier,
    /// Opens and seals channels' secrets.
    pub vault: Vault,
    /// How often sign-in may be tried.
    pub rates: Rates,
    /// How often others may be bothered.
    pub budgets: Budgets,
    /// Tells dashboards, and listens for them.
    pub live: Arc<Live>,
}
