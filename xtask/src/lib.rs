//! What `cargo xtask`, the tests and the benchmarks share: child processes that cannot outlive us, and private PostgreSQL and
//! Redis servers made of them, the Node.js that builds the dashboard, and what programs export for Prometheus. It needs no async
//! runtime and compiles in seconds.

use std::path::{Path, PathBuf};

pub mod exposition;
pub mod node;
pub mod process;
pub mod python;
pub mod servers;

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
