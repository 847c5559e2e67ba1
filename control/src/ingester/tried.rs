//! Outcomes of targets that are not saved: told to whoever waits for them, and kept by nobody.

use super::{Ingester, batch::Batch};

impl Ingester<'_> {
    /// Tells whoever asked, on whatever replica. Who asked has long stopped waiting when one is lost.
    pub(super) async fn tell_tried(&self, batch: &Batch) {
        let notices: Vec<_> = batch.tried.iter().map(|(job, tried)| tried.notice(*job)).collect();
        if !notices.is_empty() {
            self.app.live.publish(&notices).await;
        }
    }
}
