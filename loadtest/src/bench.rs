//! Benchmarks. Each has its yardstick in the same run, since what a machine does in a second is the machine's affair and
//! only the ratio is ours. The real binaries are measured, from outside.

use anyhow::Result;

mod crowd;
mod feed;
mod ingest;
mod pipeline;
mod probe;
mod pusher;
mod report;
mod target;
mod usage;

/// What to measure.
#[derive(Debug, clap::Subcommand)]
pub enum Bench {
    /// Checks a second of one probe on one thread, against wrk on the same nginx; its memory and size
    Probe(probe::Args),
    /// Checks a second through the whole system, against wrk on the same nginx
    Pipeline(pipeline::Args),
    /// Jobs a second from PostgreSQL into Redis, and the cost of keeping pace
    Pusher(pusher::Args),
    /// Outcomes a second from Redis into PostgreSQL
    Ingest(ingest::Args),
}

/// Measures and prints.
pub fn run(bench: &Bench) -> Result<()> {
    if cfg!(debug_assertions) {
        eprintln!("loadtest bench: this is a debug build; for figures that mean something build with --release");
    }
    usage::allow_many_files()?;
    match bench {
        Bench::Probe(args) => probe::run(args),
        Bench::Pipeline(args) => pipeline::run(args),
        Bench::Pusher(args) => pusher::run(args),
        Bench::Ingest(args) => ingest::run(args),
    }
}

/// The middle of `values`; zero of none.
fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle() {
        assert_eq!((median(&[]), median(&[3.0, 1.0, 2.0]), median(&[4.0])), (0.0, 2.0, 4.0));
    }
}
