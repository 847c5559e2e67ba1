//! Private PostgreSQL and Redis servers: real ones, each in its own folder, on a free loopback port, gone when dropped.
//! Nothing here touches the servers a machine may already run.

use std::hash::{BuildHasher, Hasher};
use std::net::TcpListener;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

mod data_folder;
pub mod install;
mod postgres;
mod redis;

pub use self::postgres::{Postgres, Settings};
pub use self::redis::Redis;

/// How long a server may take until it answers; PostgreSQL may have a log to replay, Redis an AOF to load.
pub(crate) const START_LIMIT: Duration = Duration::from_mins(1);

/// A port on 127.0.0.1 that is free now, between 20,000 and 32,767.
///
/// Below the range the kernel draws the ports of *outgoing* connections from: a server that is killed and started again must
/// get its port back, and a client that knocks meanwhile could otherwise be given that very port.
pub fn free_port() -> Result<u16> {
    const FIRST: u64 = 20_000;
    const COUNT: u64 = 12_768;
    // Random per process and counting up from there: none is given twice while whoever asked for it has yet to bind it, and
    // parallel test processes seldom meet.
    static NEXT: LazyLock<AtomicU64> =
        LazyLock::new(|| AtomicU64::new(std::hash::RandomState::new().build_hasher().finish() % COUNT));
    for _ in 0..COUNT {
        let port = (FIRST + NEXT.fetch_add(1, Ordering::Relaxed) % COUNT) as u16;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return Ok(port);
        }
    }
    bail!("no free port on 127.0.0.1 between {FIRST} and {}", FIRST + COUNT - 1)
}

/// Asks `ready` every few milliseconds until it says yes (`true`) or `limit` is over (`false`).
pub(crate) fn poll(limit: Duration, mut ready: impl FnMut() -> Result<bool>) -> Result<bool> {
    let deadline = Instant::now() + limit;
    while Instant::now() < deadline {
        if ready()? {
            return Ok(true);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(false)
}
