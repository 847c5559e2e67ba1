//! The one clock of slots, lateness and entry ids: Redis `TIME`, carried on by this machine's monotonic clock.
//!
//! A wall clock that is minutes off changes nothing here; it is only compared, for the fleet page.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::{Instant, SystemTime, UNIX_EPOCH},
};

/// Redis time in milliseconds, between two looks at the server.
#[derive(Debug)]
pub struct Clock {
    origin: Instant,
    /// Redis milliseconds at `origin`.
    base_ms: AtomicI64,
}

impl Clock {
    /// A clock that agrees with `redis_ms` now.
    pub fn new(redis_ms: i64) -> Self {
        Self { origin: Instant::now(), base_ms: AtomicI64::new(redis_ms) }
    }

    /// Redis milliseconds now.
    pub fn now_ms(&self) -> i64 {
        self.base_ms.load(Ordering::Relaxed) + self.origin.elapsed().as_millis() as i64
    }

    /// Redis seconds now.
    pub fn now(&self) -> i64 {
        self.now_ms().div_euclid(1000)
    }

    /// Takes what the server just said, `redis_ms`.
    pub fn observe(&self, redis_ms: i64) {
        self.base_ms.store(redis_ms - self.origin.elapsed().as_millis() as i64, Ordering::Relaxed);
    }

    /// How far this machine's wall clock is ahead of Redis, milliseconds.
    pub fn wall_offset_ms(&self) -> i64 {
        wall_ms() - self.now_ms()
    }
}

#[expect(clippy::disallowed_methods, reason = "the wall clock's one reader: it is only ever compared with Redis")]
fn wall_ms() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn follows_the_server_and_not_the_wall() {
        let clock = Clock::new(1_000_000);
        assert!((1_000_000..1_000_500).contains(&clock.now_ms()));
        clock.observe(5_000_900);
        assert!((5_000..5_002).contains(&clock.now()));
        assert!(clock.wall_offset_ms() > 1_000_000_000);
    }
}
