//! What tests and load tests share: child processes that cannot outlive us, private PostgreSQL, Redis and Sentinel servers made
//! of them, a whole [`system`] under test, a `world` of misbehaving sites, receivers of alerts, and the [`audit`] of what was
//! stored. It starts the real programs from outside and holds no logic of theirs; `cargo xtask` uses it without the feature
//! `world`, so that it needs no async runtime.

use std::path::{Path, PathBuf};

#[cfg(feature = "world")]
pub mod alerting;
pub mod audit;
#[cfg(feature = "world")]
pub mod certified;
pub mod clock;
pub mod exposition;
pub mod http;
#[cfg(feature = "world")]
pub mod judge;
mod logs;
pub mod process;
pub mod python;
#[cfg(feature = "world")]
pub mod receiver;
pub mod redis_users;
pub mod resp;
#[cfg(feature = "world")]
pub mod rest;
pub mod schema;
pub mod servers;
pub mod service;
pub mod system;
#[cfg(feature = "world")]
pub mod world;

/// The top of the checkout this was built from.
pub fn root_dir() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or_else(|| Path::new("."))
}

/// Cargo's target folder: the one the running program was built into (so `CARGO_TARGET_DIR` is honoured), otherwise
/// `target` in the checkout.
pub fn target_dir() -> PathBuf {
    let tagged = |dir: &&Path| dir.join("CACHEDIR.TAG").exists();
    let exe = std::env::current_exe().ok();
    let built_into = exe.as_deref().and_then(|exe| exe.ancestors().find(tagged));
    built_into.map_or_else(|| root_dir().join("target"), Path::to_path_buf)
}
