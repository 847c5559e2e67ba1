//! What every replica sees of all lanes, whoever works on them: how old their last words are. It is what makes a dead lane
//! look dead: in `/readyz`, in metrics, to dashboards, and to the operators, who are called by a replica that still can.
//!
//! It works on no lane. While PostgreSQL does not answer, what it saw last goes on ageing.

mod calls;
pub mod seen;
mod standing;

use std::{sync::Arc, time::Duration};

use channels::live::Silence;
use serde_json::json;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::Engine;

use calls::Calls;
use standing::Standing;

/// Between two looks.
const LOOK: Duration = Duration::from_secs(1);
/// What was not answered by then is not waited for.
const PATIENCE: Duration = Duration::from_secs(2);

/// Watches until the token is cancelled.
pub async fn run(engine: Arc<Engine>, token: CancellationToken) {
    let mut watch = Watch { engine: &engine, standing: Standing::default(), calls: Calls::default() };
    loop {
        tokio::select! {
            () = token.cancelled() => return,
            () = watch.turn() => {}
        }
        tokio::select! {
            () = token.cancelled() => return,
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

struct Watch<'a> {
    engine: &'a Engine,
    standing: Standing,
    calls: Calls,
}

impl Watch<'_> {
    async fn turn(&mut self) {
        let has_looked = self.look().await;
        let ages = self.engine.lanes_seen.ages();
        if let Some(lanes) = self.standing.turn(&ages) {
            let data = json!({ "lanes": lanes }).to_string().into();
            self.engine.silence.send_replace(Silence { data, is_silent: !lanes.is_empty() });
        }
        if has_looked {
            // A write that hangs must not keep the next look.
            let called = timeout(PATIENCE, self.calls.turn(self.engine, &ages, self.engine.clock.now())).await;
            if let Ok(Err(why)) = called {
                tracing::debug!(%why, "the operators' incidents about lanes could not be written; the next look tries again");
            }
        }
    }

    /// Looks at the rows of all lanes. Returns whether there was an answer.
    async fn look(&self) -> bool {
        let rows = async { store::lanes::seen(&self.engine.work.get().await?).await };
        let rows = match timeout(PATIENCE, rows).await {
            Ok(Ok(rows)) => rows,
            Ok(Err(why)) => {
                tracing::debug!(%why, "a look at the lanes came to nothing");
                return false;
            }
            Err(_) => return false,
        };
        self.engine.lanes_seen.see(&rows, self.engine.clock.now_ms());
        self.engine.lanes_seen.ages().iter().for_each(|ages| self.engine.metrics.see_lane(ages));
        true
    }
}
