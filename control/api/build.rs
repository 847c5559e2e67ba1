//! A release build embeds the dashboard: what is new in it must rebuild the crate.

use std::{env, fs};

/// What Vite writes, once somebody runs it. Ignored by git.
const DASHBOARD: &str = "../../dashboard/dist";

fn main() {
    let embeds = env::var_os("PROFILE").is_some_and(|profile| profile == "release");
    // Cargo takes a folder that is not there for a changed one, on every build. Where the checkout cannot be written to, that
    // is all it costs.
    if embeds && fs::create_dir_all(DASHBOARD).is_ok() {
        println!("cargo::rerun-if-changed={DASHBOARD}");
    }
}
