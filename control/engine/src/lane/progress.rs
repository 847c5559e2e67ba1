//! What a lane's ingester tells its pusher.

use std::sync::atomic::{AtomicI64, Ordering};

use domain::time::{Millis, Slot};

/// How far the lane's ingester is, as its pusher has to know: results that pile up unread stop it.
#[derive(Debug, Default)]
pub struct Progress(AtomicI64);

impl Progress {
    /// Everything reported up to then is stored.
    pub fn heard(&self, up_to: Millis) {
        self.0.store(up_to.0, Ordering::Relaxed);
    }

    /// Up to when results are stored; nothing before the ingester has looked.
    pub fn heard_up_to(&self) -> Option<Slot> {
        Some(self.0.load(Ordering::Relaxed)).filter(|up_to_ms| *up_to_ms > 0).map(|up_to_ms| Millis(up_to_ms).slot())
    }
}
