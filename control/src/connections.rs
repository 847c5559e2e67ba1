//! Who gets PostgreSQL's connections: what works on lanes has its own, and people share what is left. Pure, but for the
//! look at what PostgreSQL grants.

use std::{sync::Arc, time::Duration};

use config::{Config, ConfigError};
use engine::Engine;
use store::{Db, limits::Limit};
use tokio_util::sync::CancellationToken;

use crate::serve::error::Error;

/// What `/readyz` calls it.
const CONDITION: &str = "connections of lanes";
/// How often what was lost is looked for.
const LOOK: Duration = Duration::from_secs(5);
/// The sessions that hear notifications: one a replica.
const LISTENING: usize = 1;
/// Loops beside those of lanes: housekeeping and alerts.
const LOOPS: usize = 2;
/// What work on one lane takes at the least: its session, two for the loops, and one that listens; and one for people.
const LEAST: usize = 5;

/// The sizes of the two pools.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Shares {
    /// For lanes, housekeeping and alerts, beside the session of each lane.
    pub work: usize,
    /// For the API.
    pub api: usize,
    /// What an operator should know.
    pub warning: Option<String>,
}

/// Looks at what PostgreSQL grants, grows the API's pool to what is left, and opens the pool of those who work.
pub(crate) async fn settle(config: &Config, lanes: i16, db: &Db) -> Result<Db, Error> {
    let lanes = if config.stream.work { lanes.max(1) as usize } else { 0 };
    let limit = store::limits::tightest(&db.get().await?).await?;
    let shares = share(&limit, lanes, config.postgres.pool)?;
    if let Some(warning) = &shares.warning {
        tracing::warn!("{warning}");
    }
    db.grow(shares.api);
    let work = Db::sized(config, shares.work)?;
    if let Err(why) = work.open_all().await {
        tracing::warn!(why, "lanes have fewer connections than they need");
    }
    Ok(work)
}

/// Opens again what was lost, and says in `/readyz` while PostgreSQL has none left.
pub(crate) async fn keep(engine: Arc<Engine>, token: CancellationToken) {
    loop {
        let opened = engine.work.open_all().await;
        engine
            .health
            .set(CONDITION, opened.map_err(|why| format!("{why}; lower postgres.pool, or raise PostgreSQL's limit")));
        tokio::select! {
            () = token.cancelled() => return,
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

/// Shares `limit` among `lanes` and a pool of `pool`.
fn share(limit: &Limit, lanes: usize, pool: usize) -> Result<Shares, ConfigError> {
    let Limit { connections, of } = limit;
    let wanted = if lanes == 0 { 1 } else { lanes + LOOPS };
    let beside = if lanes == 0 { 0 } else { lanes + LISTENING };
    if lanes > 0 && *connections < LEAST {
        let mend = format!(
            "PostgreSQL grants {connections} connections ({of}), and a replica that works on a lane needs {LEAST} at the \
             least; raise that limit, to {} for this pool",
            pool + wanted + beside
        );
        return Err(ConfigError::new("postgres.pool", mend));
    }
    let work = connections.saturating_sub(beside + 1).clamp(wanted.min(2), wanted);
    let api = connections.saturating_sub(beside + work).clamp(1, pool);
    let is_short = work < wanted || api < pool;
    let warning = is_short.then(|| {
        format!(
            "PostgreSQL grants {connections} connections ({of}); with postgres.pool = {pool} this replica may need {}: its \
             API makes do with {api}. Lower postgres.pool, or raise that limit",
            pool + wanted + beside
        )
    });
    Ok(Shares { work, api, warning })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shared(connections: usize, lanes: usize, pool: usize) -> Result<(usize, usize, bool), String> {
        let limit = Limit { connections, of: "the limit of the role" };
        let shares = share(&limit, lanes, pool).map_err(|why| why.to_string())?;
        Ok((shares.work, shares.api, shares.warning.is_some()))
    }

    #[test]
    fn lanes_come_first() {
        for (connections, lanes, pool, becomes) in [
            (97, 1, 16, (3, 16, false)),
            (21, 1, 16, (3, 16, false)),
            (20, 1, 16, (3, 15, true)),
            (6, 1, 16, (3, 1, true)),
            (5, 1, 16, (2, 1, true)),
            (97, 16, 16, (18, 16, false)),
            (30, 16, 16, (12, 1, true)),
            (10, 16, 16, (2, 1, true)),
            // It serves the API alone.
            (4, 0, 16, (1, 3, true)),
            (1, 0, 16, (1, 1, true)),
        ] {
            assert_eq!(shared(connections, lanes, pool), Ok(becomes), "{connections} for {lanes} lanes");
        }
    }

    #[test]
    fn what_cannot_work_is_refused_with_the_key_and_the_mend() {
        assert_eq!(
            shared(4, 1, 16),
            Err("configuration: postgres.pool: PostgreSQL grants 4 connections (the limit of the role), and a replica that \
                 works on a lane needs 5 at the least; raise that limit, to 21 for this pool"
                .to_owned())
        );
    }
}
