//! Hears that there is something to tell, and rings. Whoever hears nothing still looks every second.

use std::time::Duration;

use store::{Error, Listener, outbox::NOTICES};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::Engine;

/// Between dials: at first, and at most.
const REDIAL: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(15));

/// Listens until the token is cancelled, dialling anew as often as it takes.
pub(super) async fn run(engine: &Engine, bell: &Notify, token: &CancellationToken) {
    let mut wait = REDIAL.0;
    loop {
        let heard = tokio::select! {
            () = token.cancelled() => return,
            heard = listen(engine, bell, &mut wait) => heard,
        };
        if let Err(why) = heard {
            tracing::warn!(%why, "notifications are not heard: alerts may be up to a second later");
        }
        tokio::select! {
            () = token.cancelled() => return,
            () = tokio::time::sleep(wait.mul_f64(0.5 + rand::random::<f64>())) => {}
        }
        wait = (wait * 2).min(REDIAL.1);
    }
}

/// Ends with its connection.
async fn listen(engine: &Engine, bell: &Notify, wait: &mut Duration) -> Result<(), Error> {
    let mut listener = Listener::open(&engine.config, NOTICES).await?;
    *wait = REDIAL.0;
    loop {
        // First of all for what was said while nobody listened.
        bell.notify_one();
        listener.heard().await?;
    }
}
