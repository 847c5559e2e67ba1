//! Why a replica did not start, or did not end well.

use std::net::SocketAddr;

use actions::password::HashError;
use config::ConfigError;
use store::migrate;

use crate::lifecycle::Ending;

/// What went wrong, in words for whoever started it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An address is taken or not ours.
    #[error("cannot listen on {0} ({1}): {2}")]
    Listen(&'static str, SocketAddr, std::io::Error),
    /// The schema could not be brought up to date.
    #[error(transparent)]
    Migrate(#[from] migrate::Error),
    /// PostgreSQL's settings are not usable.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// Redis' settings are not usable.
    #[error(transparent)]
    Redis(#[from] wire::Error),
    /// Redis does not tell the time.
    #[error("Redis did not answer within a minute")]
    NoTime,
    /// `stream.key` names no stream.
    #[error(transparent)]
    Key(#[from] wire::KeyError),
    /// Two metrics of one name.
    #[error(transparent)]
    Metrics(#[from] prometheus::Error),
    /// The way out to channels is not usable.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// No password can be hashed.
    #[error(transparent)]
    Passwords(#[from] HashError),
    /// It started, and did not end well.
    #[error(transparent)]
    Ending(#[from] Ending),
    /// Signals cannot be received.
    #[error("signals: {0}")]
    Signals(std::io::Error),
}
