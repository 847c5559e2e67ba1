//! Control's pusher alone: how fast it reads due monitors out of PostgreSQL and puts them on the streams when it is a
//! minute behind, and what keeping pace costs.

use std::{
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{Result, bail};
use serde_json::Value;
use testbed::{
    clock::{unix_ms, unix_now},
    system::{self, Control, TestSystem},
};
use wire::{Keys, Link};

use super::{
    crowd::{self, POSTGRES, Since, metric},
    median,
    report::Report,
    usage::Cores,
};

/// How far the pusher is behind when it starts, seconds: L, beyond which it would skip.
const BEHIND: i64 = 60;

/// How many.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Print one JSON object in the last line
    #[arg(long)]
    json: bool,
    /// Monitors
    #[arg(long, default_value_t = 1_000_000)]
    monitors: usize,
    /// Their interval in seconds
    #[arg(long, default_value_t = 60)]
    interval: u32,
    /// Times the pusher catches up; the median is printed
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Seconds the steady state is measured
    #[arg(long, default_value_t = 30)]
    seconds: u64,
}

pub(super) fn run(args: &Args) -> Result<()> {
    let dir = system::folder("bench-pusher")?;
    let system = TestSystem::start(&dir, &POSTGRES)?;
    let mut report = Report::new("pusher");
    crowd::make(&system, args.monitors, args.interval, "http://127.0.0.1:9/", &Since::Always)?;
    system.sql("insert into regions (id, from_slot) values ('eu-west', 0)")?;
    crowd::settle(&system)?;
    let mut rates = Vec::new();
    let (mut steady, mut pace, mut lag) = (Value::Null, 0.0, 0.0);
    for round in 1..=args.rounds {
        let mut control = pusher_alone(&system)?;
        rates.push(catch_up(&system, &mut control)?);
        eprintln!("round {round}: {:.0} jobs/s", rates[round - 1]);
        if round == args.rounds {
            (steady, pace, lag) = keep_pace(&system, &control, args.seconds)?;
        }
    }
    report.set("monitors", args.monitors);
    report.set("interval", args.interval);
    report.number("jobs_per_second", median(&rates));
    report.set("steady_cores", steady);
    report.number("steady_jobs_per_second", pace);
    report.number("steady_lag_ms_max", lag);
    report.print(args.json);
    system.remove()
}

/// A control with nothing to do but push, on an empty Redis and a minute behind. Not yet started.
fn pusher_alone(system: &TestSystem) -> Result<Control> {
    system.redis().cli(&["FLUSHALL"])?;
    let behind = unix_now() - BEHIND - 10;
    system.sql(&format!(
        "update lanes set closed = {behind}, frontier = greatest(frontier, {behind}), lease_until = '-infinity'"
    ))?;
    let mut control = system.control("control")?;
    // Nobody answers, and nothing is to be closed meanwhile.
    control.service = control.service.env("UPGUARD_TIMES__CLOSE", "1h");
    Ok(control)
}

/// Jobs a second from the first chunk seen to the one that reaches the present: the second that is being pushed by then, not
/// the one control was started in.
fn catch_up(system: &TestSystem, control: &mut Control) -> Result<f64> {
    let jobs = |control: &Control| metric(&control.admin, "upguard_pusher_jobs_total", "").unwrap_or(0.0);
    control.service.start()?;
    let mut first = None;
    let deadline = Instant::now() + Duration::from_mins(5);
    while Instant::now() < deadline {
        let (now, pushed) = (Instant::now(), jobs(control));
        if pushed > 0.0 && first.is_none() {
            first = Some((now, pushed));
        }
        if let (Some((since, before)), true) = (first, watermark(system)?.is_some_and(|slot| slot >= unix_now())) {
            return Ok((jobs(control) - before) / since.elapsed().as_secs_f64());
        }
        if !control.service.is_running() {
            bail!("control ended:\n{}", control.service.log_tail());
        }
        sleep(Duration::from_millis(10));
    }
    bail!("the pusher did not catch up within five minutes:\n{}", control.service.log_tail())
}

/// Cores used while pushing what falls due, jobs a second, and how long after its second a slot was all pushed at worst.
fn keep_pace(system: &TestSystem, control: &Control, seconds: u64) -> Result<(Value, f64, f64)> {
    sleep(Duration::from_secs(5));
    let jobs = || metric(&control.admin, "upguard_pusher_jobs_total", "");
    let cores = Cores::of(&[
        ("control", control.service.pid().unwrap_or_default()),
        ("postgres", system.postgres().pid()),
        ("redis", system.redis().pid()),
    ]);
    let (began, before) = (Instant::now(), jobs()?);
    let mut worst = 0;
    while began.elapsed() < Duration::from_secs(seconds) {
        sleep(Duration::from_millis(50));
        // A cursor at slot s means that s - 1 is done, and was due until s began.
        if let Some(slot) = watermark(system)? {
            worst = worst.max(unix_ms() - slot * 1000);
        }
    }
    let pace = (jobs()? - before) / began.elapsed().as_secs_f64();
    Ok((cores.used(), pace, worst as f64))
}

pub(super) fn watermark(system: &TestSystem) -> Result<Option<i64>> {
    let url = system.redis().url();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut line = Link::new(&url, 1)?.own().await?;
        let keys = Keys::new("betteruptime:website", 0)?;
        Ok(wire::read_watermark(&mut line, &keys).await?.map(|cursor| cursor.slot))
    })
}
