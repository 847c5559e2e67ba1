//! What a command needs to do what people do, where no replica may be running.

use std::{sync::Arc, time::Duration};

use actions::{Actions, budget::Budgets};
use channels::live::Publisher;
use config::Config;
use store::{Db, migrate};

use crate::serve::{error::Error, first_look, lane_keys, link};

/// How long Redis is waited for.
const PATIENCE: Duration = Duration::from_mins(1);

/// Everything that is done by [`Actions`], on a migrated database. Fails where PostgreSQL or Redis does not answer within a
/// minute.
pub async fn actions(config: Config) -> Result<Actions, Error> {
    let config = Arc::new(config);
    let lanes = migrate::run(&config).await?;
    let link = link(&config.redis)?;
    let clock = tokio::time::timeout(PATIENCE, first_look(&link)).await.map_err(|_| Error::NoTime)?;
    let keys = wire::Keys::new(&config.stream.key, 0)?;
    Ok(Actions {
        db: Db::new(&config)?,
        lanes: lane_keys(&config, lanes),
        clock: Arc::new(clock),
        budgets: Budgets::new(link.clone(), keys.clone(), config.quota.clone()),
        publisher: Arc::new(Publisher::new(link.clone(), keys)),
        link,
        config,
    })
}
