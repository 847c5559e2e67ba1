//! Lets somebody outside notice when UpGuard itself is dead: calls `watchdog.url` for as long as checks are pushed,
//! carried out and stored. Whoever stops being called raises the alarm; we never can.

use std::{sync::Arc, time::Duration};

use store::pulse;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::Engine;

/// Between calls.
const EVERY: Duration = Duration::from_secs(30);
/// Redis and PostgreSQL have this long to answer, each.
const PATIENCE: Duration = Duration::from_secs(3);

/// Calls until the token is cancelled. Every replica may; being called twice says the same.
pub async fn run(engine: Arc<Engine>, token: CancellationToken) {
    // What is checked at the start is a URL.
    let Ok(url) = engine.config.watchdog.url.reveal().parse::<Url>() else { return token.cancelled().await };
    // Lanes have to be taken first.
    let mut wait = EVERY / 3;
    loop {
        tokio::select! {
            () = token.cancelled() => return,
            () = tokio::time::sleep(wait) => {}
        }
        tokio::select! {
            () = token.cancelled() => return,
            () = round(&engine, &url) => {}
        }
        wait = EVERY;
    }
}

async fn round(engine: &Engine, url: &Url) {
    if let Err(why) = is_well(engine).await {
        tracing::warn!(why, "the watchdog is not called");
        return;
    }
    let sent = Box::pin(engine.sender.call(url, engine.clock.now())).await;
    if !sent.ok {
        tracing::warn!(status = sent.status, why = sent.answer, "the watchdog cannot be called");
    }
}

/// The error is a sentence on what does not work.
async fn is_well(engine: &Engine) -> Result<(), String> {
    let redis = async { engine.link.short().await?.time_ms().await };
    timeout(PATIENCE, redis).await.map_err(|_| late("Redis"))?.map_err(|why: wire::Error| why.to_string())?;
    let times = &engine.config.times;
    let postgres = async { pulse::is_walking(&engine.work.get().await?, times.late, times.close).await };
    let walking = timeout(PATIENCE, postgres).await.map_err(|_| late("PostgreSQL"))?.map_err(|why| why.to_string())?;
    let mend = "some lane is owned by nobody, does not move on, or has had nothing but missed checks for minutes";
    if walking { Ok(()) } else { Err(mend.to_owned()) }
}

fn late(whom: &str) -> String {
    format!("{whom} did not answer within {} s", PATIENCE.as_secs())
}
