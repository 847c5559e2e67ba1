//! What a lane's ingester tells its pusher.

use std::sync::atomic::{AtomicI64, Ordering};

/// How far the lane's ingester is, as its pusher has to know: results that pile up unread stop it.
#[derive(Debug, Default)]
pub struct Progress(AtomicI64);

impl Progress {
    /// Everything reported up to `up_to_ms` is stored: Redis milliseconds.
    pub fn heard(&self, up_to_ms: i64) {
        self.0.store(up_to_ms, Ordering::Relaxed);
    }

    /// Up to when results are stored, unix seconds; nothing before the ingester has looked.
    pub fn heard_up_to(&self) -> Option<i64> {
        Some(self.0.load(Ordering::Relaxed)).filter(|up_to_ms| *up_to_ms > 0).map(|up_to_ms| up_to_ms.div_euclid(1000))
    }
}
