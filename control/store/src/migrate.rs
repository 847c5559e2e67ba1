//! Brings the database to the schema this program was built with. Replicas that start together wait for each other.

use std::time::Duration;

use config::Config;
use tokio::time::Instant;

mod embedded {
    #![allow(missing_docs, unreachable_pub, reason = "written by the macro")]
    refinery::embed_migrations!("../../migrations");
}

/// How long a start waits for PostgreSQL.
const PATIENCE: Duration = Duration::from_mins(1);
const BETWEEN: Duration = Duration::from_millis(500);

/// Why the schema is not what it should be.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It did not answer in time; what it said last.
    #[error("PostgreSQL did not answer within a minute: {0}")]
    Away(crate::Error),
    /// A migration failed; nothing of it stays.
    #[error("migration: {0}")]
    Migration(#[from] refinery::Error),
    /// Something around it failed.
    #[error(transparent)]
    Store(#[from] crate::Error),
}

impl Error {
    /// Whether PostgreSQL takes no writes at the moment: it is a standby, or was told not to. That may pass.
    fn is_read_only(&self) -> bool {
        // The migrator keeps what PostgreSQL said inside errors of its own.
        format!("{self:?}").contains("read-only transaction")
    }
}

/// Migrates, and gives a new installation its lanes. Idempotent. Returns how many lanes there are.
pub async fn run(config: &Config) -> Result<i16, Error> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match with_postgres(config, async |client| migrate(client, config).await).await {
            Err(why) if why.is_read_only() && Instant::now() < deadline => {
                tracing::warn!("waiting for PostgreSQL to take writes");
                tokio::time::sleep(BETWEEN).await;
            }
            done => return done,
        }
    }
}

/// How many lanes there are, where somebody else migrates.
pub async fn look(config: &Config) -> Result<i16, Error> {
    with_postgres(config, async |client| Ok(crate::installation::lanes(client).await?)).await
}

/// The connection is driven beside the work, on this very task, and ends with it.
async fn with_postgres<T>(
    config: &Config,
    work: impl AsyncFnOnce(&mut crate::Client) -> Result<T, Error>,
) -> Result<T, Error> {
    let (mut client, connection) = wait_for_postgres(config).await?;
    let closed = || crate::Error::Unavailable("the connection was closed".to_owned());
    tokio::select! {
        done = work(&mut client) => done,
        gone = connection => Err(gone.err().map_or_else(closed, Into::into).into()),
    }
}

async fn migrate(client: &mut crate::Client, config: &Config) -> Result<i16, Error> {
    crate::installation::lock_schema(client).await?;
    let report = embedded::migrations::runner().run_async(client).await?;
    for migration in report.applied_migrations() {
        tracing::info!(%migration, "migrated");
    }
    let made = crate::installation::install_lanes(client, config.stream.lanes).await?;
    let lanes = crate::installation::lanes(client).await?;
    crate::installation::unlock_schema(client).await?;
    if made > 0 {
        tracing::info!(lanes, "a new installation");
    } else if lanes != config.stream.lanes {
        tracing::warn!(lanes, configured = config.stream.lanes, "the stored number of lanes wins over stream.lanes");
    }
    Ok(lanes)
}

async fn wait_for_postgres(
    config: &Config,
) -> Result<(crate::Client, impl Future<Output = Result<(), crate::DriverError>> + Send + use<>), Error> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match crate::connect(config, "upguard-control migrate").await {
            Ok(connected) => return Ok(connected),
            Err(why) if why.is_unavailable() && Instant::now() < deadline => {
                let left_s = (deadline - Instant::now()).as_secs();
                tracing::warn!(%why, left_s, "waiting for PostgreSQL");
                tokio::time::sleep(BETWEEN).await;
            }
            Err(why) if why.is_unavailable() => return Err(Error::Away(why)),
            Err(why) => return Err(why.into()),
        }
    }
}
