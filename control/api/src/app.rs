//! What every handler of one replica shares. Passed as `Arc<App>`; there is no global.

use std::sync::Arc;

use actions::password::Passwords;
use channels::{Courier, Vault, live::Publisher};
use config::Config;
use store::Db;

use crate::{budget::Budgets, live::Live, metrics::Metrics, rate::Rates, token::Tokens};

/// One running replica.
#[derive(Debug)]
pub struct App {
    /// As it was read at the start.
    pub config: Arc<Config>,
    /// PostgreSQL.
    pub db: Db,
    /// Redis.
    pub link: wire::Link,
    /// The keys of every lane, by its number: as many as are stored, whatever the configuration says.
    pub lanes: Vec<wire::Keys>,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// Redis time: the one clock of slots, jobs and tokens.
    pub clock: Arc<wire::Clock>,
    /// Hashes and verifies passwords.
    pub passwords: Passwords,
    /// Signs and verifies tokens.
    pub tokens: Tokens,
    /// The way out to channels.
    pub courier: Arc<Courier>,
    /// Opens and seals channels' secrets.
    pub vault: Arc<Vault>,
    /// How often sign-in may be tried.
    pub rates: Rates,
    /// How often others may be bothered.
    pub budgets: Budgets,
    /// Tells dashboards.
    pub publisher: Arc<Publisher>,
    /// Listens for them.
    pub live: Arc<Live>,
}
