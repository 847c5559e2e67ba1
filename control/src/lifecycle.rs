//! How a replica lives and ends: one token, one tracker, one deadline. SIGTERM, SIGINT and SIGHUP are alike, and a second
//! one ends it at once. A loop that returns unasked is a crash.

use std::{
    io,
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures_util::FutureExt;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// How long requests, transactions and connections have to finish.
const DRAIN: Duration = Duration::from_secs(20);

/// Everything that runs, and the wish to end.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lifecycle {
    token: CancellationToken,
    tracker: TaskTracker,
    /// The first loop that ended unasked.
    crashed: Arc<Mutex<Option<String>>>,
}

/// Why the process ends with an error.
#[derive(Debug, thiserror::Error)]
pub enum Ending {
    /// A loop ended unasked; its name.
    #[error("the {0} ended unasked: this is a defect, and the process ends with it")]
    Crashed(String),
    /// Something still ran when its time was up.
    #[error("{0} tasks did not finish in time")]
    Stuck(usize),
}

impl Lifecycle {
    /// Cancelled when the process should end.
    pub(crate) fn token(&self) -> CancellationToken {
        self.token.clone()
    }

    /// Owner of every task.
    pub(crate) fn tracker(&self) -> &TaskTracker {
        &self.tracker
    }

    /// Runs something that must run until the token is cancelled. `name` completes "the … ended unasked".
    pub(crate) fn run(&self, name: &str, work: impl Future<Output = ()> + Send + 'static) {
        let (name, life) = (name.to_owned(), self.clone());
        self.tracker.spawn(async move {
            let ended = AssertUnwindSafe(work).catch_unwind().await;
            if ended.is_err() || !life.token.is_cancelled() {
                life.crash(name);
            }
        });
    }

    fn crash(&self, name: String) {
        self.crashed.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(name);
        self.token.cancel();
    }

    /// Waits for the end: until the token is cancelled and everything has finished, or its time is up.
    pub(crate) async fn end(&self) -> Result<(), Ending> {
        self.end_within(DRAIN).await
    }

    async fn end_within(&self, limit: Duration) -> Result<(), Ending> {
        self.token.cancelled().await;
        self.tracker.close();
        let drained = tokio::time::timeout(limit, self.tracker.wait()).await;
        if let Some(name) = self.crashed.lock().unwrap_or_else(PoisonError::into_inner).take() {
            return Err(Ending::Crashed(name));
        }
        drained.map_err(|_| Ending::Stuck(self.tracker.len()))
    }

    /// Cancels the token on the first signal and ends the process on the second.
    pub(crate) fn heed_signals(&self) -> io::Result<()> {
        let signals = [SignalKind::terminate(), SignalKind::interrupt(), SignalKind::hangup()];
        let [terminate, interrupt, hangup] = signals.map(signal);
        let signals = [terminate?, interrupt?, hangup?];
        let token = self.token.clone();
        // On no tracker: it may wait for a second signal for ever.
        let _detached = TaskTracker::new().spawn(heed(signals, token));
        Ok(())
    }
}

async fn heed(mut signals: [Signal; 3], token: CancellationToken) {
    next(&mut signals).await;
    tracing::info!("stopping: requests and transactions finish first; a second signal ends at once");
    token.cancel();
    next(&mut signals).await;
    tracing::warn!("ended at once by a second signal");
    std::process::exit(1);
}

async fn next([terminate, interrupt, hangup]: &mut [Signal; 3]) {
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
        _ = hangup.recv() => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_loop_that_returns_unasked_is_a_crash() {
        let life = Lifecycle::default();
        life.run("clock", async {});
        assert!(matches!(life.end().await, Err(Ending::Crashed(name)) if name == "clock"));
    }

    #[tokio::test]
    async fn a_loop_that_panics_is_a_crash() {
        let life = Lifecycle::default();
        life.run("clock", async { panic!("on purpose") });
        assert!(matches!(life.end().await, Err(Ending::Crashed(_))));
    }

    #[tokio::test]
    async fn what_was_asked_to_end_may_end_and_what_does_not_is_told() {
        let life = Lifecycle::default();
        let token = life.token();
        life.run("clock", async move { token.cancelled().await });
        life.token().cancel();
        assert!(life.end().await.is_ok());
        life.tracker().spawn(std::future::pending::<()>());
        assert!(matches!(life.end_within(Duration::from_millis(20)).await, Err(Ending::Stuck(1))));
    }
}
