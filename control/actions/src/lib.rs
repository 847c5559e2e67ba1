//! What people and programs do, whoever asks: the API, the command line or a seed. Each locks, has `domain` decide, stores and
//! commits, and then tells who has to hear of it. It knows no HTTP.

pub mod account;
pub mod api_keys;
pub mod budget;
pub mod channel;
pub mod check;
mod error;
pub mod incidents;
pub mod monitors;
pub mod monitors_bulk;
pub mod operator;
pub mod password;
pub mod policies;
pub mod regions;
pub mod seed;

use std::sync::Arc;

use channels::live::Publisher;
use config::Config;
use domain::actor::{Actor, Attribution};
use store::Db;

use budget::Budgets;
pub use error::Error;

/// What everything that is done needs.
#[derive(Debug)]
pub struct Actions {
    /// As it was read at the start.
    pub config: Arc<Config>,
    /// PostgreSQL.
    pub db: Db,
    /// Redis.
    pub link: wire::Link,
    /// The keys of every lane, by its number: as many as are stored, whatever the configuration says.
    pub lanes: Vec<wire::Keys>,
    /// Redis time.
    pub clock: Arc<wire::Clock>,
    /// How often others may be bothered.
    pub budgets: Budgets,
    /// Tells dashboards.
    pub publisher: Arc<Publisher>,
}

impl Actions {
    /// What `who` does now.
    fn by(&self, who: Actor) -> Attribution {
        Attribution { who, at: self.clock.now() }
    }
}
