//! Benchmarks. Each has its yardstick in the same run, since what a machine does in a second is the machine's affair and
//! only the ratio is ours. The real binaries are measured, from outside.

use anyhow::Result;

mod alerts;
mod crowd;
mod feed;
mod ingest;
mod pipeline;
mod probe;
mod pusher;
mod report;
mod stages;
mod takeover;
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
    /// Seconds until another replica pushes and ingests a lane whose owner was killed
    Takeover(takeover::Args),
    /// Outcomes a second from Redis into PostgreSQL
    Ingest(ingest::Args),
    /// Seconds from the check that found a site broken to the webhook that says so
    Alerts(alerts::Args),
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
        Bench::Takeover(args) => takeover::run(args),
        Bench::Ingest(args) => ingest::run(args),
        Bench::Alerts(args) => alerts::run(args),
    }
}

/// The middle of `values`; zero of none.
fn median(values: &[f64]) -> f64 {
    quantile(values, 0.5)
}

/// The value that a share of `values` does not exceed; zero of none.
fn quantile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let place = (sorted.len() as f64 * share) as usize;
    sorted.get(place.min(sorted.len().saturating_sub(1))).copied().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle() {
        assert_eq!((median(&[]), median(&[3.0, 1.0, 2.0]), median(&[4.0])), (0.0, 2.0, 4.0));
        let hundred: Vec<_> = (1..=100).map(f64::from).collect();
        assert_eq!((quantile(&hundred, 0.99), quantile(&hundred, 1.0), quantile(&[], 0.99)), (100.0, 100.0, 0.0));
    }
}
