//! One probe on one thread against wrk on the same nginx, in turns; then its memory, idle and full, and its size.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, Result, bail};
use testbed::{
    servers::{Redis, install},
    service::{Service, binary},
    system,
    world::World,
};
use wire::{Positions, Verdict};

use super::{
    feed::Lane,
    median,
    report::Report,
    target::Nginx,
    usage::{Cores, open_files, rss_mib},
};

/// Checks in flight when memory is measured.
const FULL: usize = 10_000;
/// Descriptors a process needs beside its checks.
const SPARE_FILES: usize = 500;

/// How long and how wide.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Print one JSON object in the last line
    #[arg(long)]
    json: bool,
    /// Seconds of each turn
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Turns of wrk and of the probe; medians are printed
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// The probe's jobs at once: an outcome waits up to 100 ms for company, and keeps its permit meanwhile
    #[arg(long, default_value_t = 2048)]
    concurrency: usize,
    /// Another upguard-probe than the one built next to this program
    #[arg(long, value_name = "FILE")]
    probe: Option<PathBuf>,
}

pub(super) fn run(args: &Args) -> Result<()> {
    install::ensure(&["redis-server"])?;
    let dir = system::folder("bench-probe")?;
    let mut report = Report::new("probe");
    {
        let bench =
            Setup { args, dir: &dir, redis: Redis::start(&dir.join("redis"), &[])?, nginx: Nginx::start(&dir)? };
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        runtime.block_on(bench.measure(&mut report))?;
    }
    report.print(args.json);
    fs::remove_dir_all(&dir).with_context(|| format!("cannot remove {}", dir.display()))
}

struct Setup<'a> {
    args: &'a Args,
    dir: &'a Path,
    redis: Redis,
    nginx: Nginx,
}

impl Setup<'_> {
    async fn measure(&self, report: &mut Report) -> Result<()> {
        let seconds = self.args.seconds;
        let (mut wrk, mut checks, mut cores) = (Vec::new(), Vec::new(), serde_json::Value::Null);
        self.nginx.wrk(1)?;
        for round in 1..=self.args.rounds {
            wrk.push(self.nginx.wrk(seconds)?);
            let fast = wrk.iter().chain(&checks).copied().fold(0.0, f64::max);
            let (rate, used) = self.turn((fast * 1.5 * (seconds + 2) as f64) as usize).await?;
            checks.push(rate);
            cores = used;
            eprintln!("round {round}: wrk {:.0}/s, probe {rate:.0}/s", wrk.last().unwrap_or(&0.0));
        }
        report.number("checks_per_second", median(&checks));
        report.number("wrk_per_second", median(&wrk));
        report.number("ratio", median(&checks) / median(&wrk));
        report.set("cores_used", cores);
        report.number("idle_rss_mib", self.idle().await?);
        let (in_flight, rss) = self.full().await?;
        report.set("in_flight", in_flight);
        report.number("in_flight_rss_mib", rss);
        let (binary, kind) = shipped(&self.binary()?);
        report.number("binary_mib", fs::metadata(&binary)?.len() as f64 / 1024.0 / 1024.0);
        report.set("binary", kind);
        Ok(())
    }

    /// Lets a fresh probe work through `jobs` for the time of a turn. Checks a second, and cores used.
    async fn turn(&self, jobs: usize) -> Result<(f64, serde_json::Value)> {
        let mut lane = self.empty_lane().await?;
        lane.push(&self.nginx.url(), jobs, None).await?;
        let mut probe = self.probe(self.args.concurrency)?;
        probe.start()?;
        let mut positions = Positions::new();
        let (first, _) = lane.count(&mut positions, 1, Duration::from_secs(20)).await?;
        if first.is_empty() {
            bail!("the probe reported nothing within 20 s:\n{}", probe.log_tail());
        }
        let (warm, began) = lane.count(&mut positions, jobs, Duration::from_millis(700)).await?;
        let cores = Cores::of(&[
            ("probe", probe.pid().unwrap_or_default()),
            ("redis", self.redis.pid()),
            ("nginx", self.nginx.pid()),
        ]);
        let (counts, ended) = lane.count(&mut positions, jobs, Duration::from_secs(self.args.seconds)).await?;
        let used = cores.used();
        let up = counts.get(&Verdict::Up).copied().unwrap_or(0);
        let all: usize = counts.values().sum();
        if up < all {
            bail!("{} of {all} checks of nginx were not up: {counts:?}", all - up);
        }
        if warm.values().sum::<usize>() + all >= jobs {
            eprintln!("the probe ran out of jobs: the rate counts up to its last outcome");
        }
        probe.kill9();
        Ok((up as f64 / (ended - began).as_secs_f64(), used))
    }

    async fn idle(&self) -> Result<f64> {
        let _lane = self.empty_lane().await?;
        let mut probe = self.probe(512)?;
        probe.start()?;
        tokio::time::sleep(Duration::from_secs(4)).await;
        rss_mib(probe.pid().unwrap_or_default())
    }

    /// Memory with many checks in flight, at a site that never answers.
    async fn full(&self) -> Result<(usize, f64)> {
        let wanted = FULL.min(open_files()?.saturating_sub(SPARE_FILES));
        let world = World::start().await?;
        let mut lane = self.empty_lane().await?;
        lane.push(&format!("{}/hang", world.http()), wanted, Some(r#"{"timeout":30}"#)).await?;
        let mut probe = self.probe(wanted)?;
        probe.start()?;
        for _ in 0..200 {
            if world.requests() >= wanted as u64 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        let rss = rss_mib(probe.pid().unwrap_or_default())?;
        Ok((world.requests() as usize, rss))
    }

    async fn empty_lane(&self) -> Result<Lane> {
        self.redis.cli(&["FLUSHALL"])?;
        Lane::open(&self.redis.url()).await
    }

    fn probe(&self, concurrency: usize) -> Result<Service> {
        let mut probe = system::probe(self.dir, "probe", &self.redis.url())?
            .env("REGION_ID", "eu-west")
            .env("WORKER_ID", "bench")
            .env("UPGUARD_PROBE__THREADS", "1")
            .env("UPGUARD_PROBE__CONCURRENCY", &concurrency.to_string());
        if let Some(other) = &self.args.probe {
            probe = probe.program(other);
        }
        Ok(probe)
    }

    fn binary(&self) -> Result<PathBuf> {
        self.args.probe.clone().map_or_else(|| binary("upguard-probe"), Ok)
    }
}

/// What people deploy is the static release build; where that was not built, the one that was measured.
fn shipped(measured: &Path) -> (PathBuf, String) {
    let musl = testbed::target_dir().join("x86_64-unknown-linux-musl/release/upguard-probe");
    if musl.is_file() {
        return (musl, "x86_64-unknown-linux-musl release".to_owned());
    }
    (measured.to_owned(), measured.display().to_string())
}
