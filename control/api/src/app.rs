//! What every handler of one replica shares. Passed as `Arc<App>`; there is no global.

use std::sync::Arc;

use actions::{Actions, password::Passwords};
use channels::{Sender, Vault};
use config::Config;
use store::Db;

use crate::{live::Live, metrics::Metrics, rate::Rates, token::Tokens};

/// One running replica.
#[derive(Debug)]
pub struct App {
    /// As it was read at the start.
    pub config: Arc<Config>,
    /// PostgreSQL.
    pub db: Db,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// Redis time: the one clock of slots, jobs and tokens.
    pub clock: Arc<wire::Clock>,
    /// Hashes and verifies passwords.
    pub passwords: Passwords,
    /// Signs and verifies tokens.
    pub tokens: Tokens,
    /// The way out to channels.
    pub sender: Arc<Sender>,
    /// Opens and seals channels' secrets.
    pub vault: Arc<Vault>,
    /// How often sign-in may be tried.
    pub rates: Rates,
    /// What people and programs do.
    pub actions: Actions,
    /// Listens to what dashboards are told.
    pub live: Arc<Live>,
}
