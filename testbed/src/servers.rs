//! Private PostgreSQL and Redis servers: real ones, each in its own folder, on a free loopback port, gone when dropped.
//! Nothing here touches the servers a machine may already run.

use std::fs::{self, File};
use std::hash::{BuildHasher, Hasher};
use std::net::TcpListener;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use nix::fcntl::{Flock, FlockArg};

mod binaries;
mod data_folder;
pub mod install;
mod postgres;
mod redis;
mod sentinel;

pub use self::postgres::{Postgres, Settings};
pub use self::redis::Redis;
pub use self::sentinel::Sentinel;

/// How long a server may take until it answers; PostgreSQL may have a log to replay, Redis an AOF to load.
pub(crate) const START_LIMIT: Duration = Duration::from_mins(1);

/// Locks on the ports this process was given, until it ends.
static TAKEN: Mutex<Vec<Flock<File>>> = Mutex::new(Vec::new());

/// A port on 127.0.0.1 that is free now, between 20,000 and 32,767, and that no other process of this build is given as long
/// as this one runs: a server that is killed and started again must get its port back.
///
/// Below the range the kernel draws the ports of *outgoing* connections from: a client that knocks meanwhile could otherwise
/// be given that very port.
pub fn free_port() -> Result<u16> {
    const FIRST: u64 = 20_000;
    const COUNT: u64 = 12_768;
    // Random per process and counting up from there, so parallel test processes seldom meet.
    static NEXT: LazyLock<AtomicU64> =
        LazyLock::new(|| AtomicU64::new(std::hash::RandomState::new().build_hasher().finish() % COUNT));
    let locks = crate::target_dir().join("servers").join("ports");
    fs::create_dir_all(&locks).with_context(|| format!("cannot make {}", locks.display()))?;
    for _ in 0..COUNT {
        let port = (FIRST + NEXT.fetch_add(1, Ordering::Relaxed) % COUNT) as u16;
        let file = File::create(locks.join(port.to_string()))?;
        let Ok(lock) = Flock::lock(file, FlockArg::LockExclusiveNonblock) else { continue };
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            TAKEN.lock().unwrap_or_else(PoisonError::into_inner).push(lock);
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
