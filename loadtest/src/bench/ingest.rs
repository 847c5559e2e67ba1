//! Control's ingester alone: outcomes that wait on a region's results stream, all expected, until every one of them is
//! durable in PostgreSQL.

use std::{
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use testbed::{
    clock::unix_now,
    system::{self, TestSystem},
};
use wire::{Done, Entry, MonitorId, Outcome, Phases, Reason, Target, Verdict, ensure_groups};

use super::{
    crowd::{self, POSTGRES, Since, metric},
    feed::{CHUNK, Lane},
    report::Report,
    usage::Cores,
};

/// The interval of the monitors and how many of their slots have outcomes.
const INTERVAL: i64 = 5;
const SLOTS: i64 = 10;

/// How many.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Print one JSON object in the last line
    #[arg(long)]
    json: bool,
    /// Outcomes, ten of each monitor
    #[arg(long, default_value_t = 2_000_000)]
    outcomes: usize,
}

pub(super) fn run(args: &Args) -> Result<()> {
    let dir = system::folder("bench-ingest")?;
    let system = TestSystem::start(&dir, &POSTGRES)?;
    let mut report = Report::new("ingest");
    let monitors = args.outcomes / SLOTS as usize;
    crowd::make(&system, monitors, INTERVAL as u32, "http://127.0.0.1:9/", &Since::Always)?;
    system.sql("insert into regions (id, from_slot) values ('eu-west', 0)")?;
    let frontier = unix_now();
    let closed = frontier - INTERVAL * SLOTS;
    // All of it was pushed, and nothing falls due any more.
    system.sql(&format!("update cadences set to_slot = {frontier}"))?;
    system.redis().cli(&["SET", "{betteruptime:website}:_watermark", &format!("{}:0", frontier + 1)])?;
    system.sql(&format!("update lanes set frontier = {frontier}, closed = {closed}"))?;
    crowd::settle(&system)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let filled = runtime.block_on(fill(&system, closed + 1))?;
    drain(&system, filled, &mut report)?;
    report.print(args.json);
    system.remove()
}

/// Reports ten outcomes of every monitor from slot `from` on, the way a probe does. Returns how many.
async fn fill(system: &TestSystem, from: i64) -> Result<usize> {
    let monitors = system.sql("select id, phase from monitors")?;
    let mut due = Vec::new();
    for row in monitors.lines() {
        let (id, phase) = row.split_once('|').with_context(|| format!("not `id|phase`: {row}"))?;
        let id = MonitorId(id.parse()?);
        let first = from + (phase.parse::<i64>()? - from).rem_euclid(INTERVAL);
        due.extend((0..SLOTS).map(|n| (first + n * INTERVAL, id)));
    }
    due.sort_unstable();
    eprintln!("reporting {} outcomes", due.len());
    let url = system.redis().url();
    let mut lane = Lane::open(&url).await?;
    let streams = ensure_groups(&mut lane.line, &lane.keys, &lane.region).await?;
    for chunk in due.chunks(CHUNK) {
        let job = |(slot, id): &(i64, MonitorId)| {
            let (id, slot, until) = (*id, *slot, slot + INTERVAL);
            Entry { target: Target::All, id, url: "http://127.0.0.1:9/", slot, until, attempt: 0, spec: None, rev: 0 }
        };
        let jobs: Vec<_> = chunk.iter().map(job).collect();
        wire::push_one(&mut lane.line, &lane.keys, &jobs, 0).await?;
        let taken = wire::take(&mut lane.line, &streams, "bench", CHUNK * 2, Duration::from_secs(1)).await?;
        let done: Vec<_> = taken
            .deliveries
            .into_iter()
            .filter_map(|delivery| {
                let job = delivery.job.as_ref().ok()?;
                let outcome = Some(outcome(job.monitor, job.slot));
                Some(Done { lease: delivery.lease, outcome })
            })
            .collect();
        wire::report(&mut lane.line, &streams, "bench", &done).await?;
    }
    Ok(due.len())
}

fn outcome(monitor: MonitorId, slot: i64) -> Outcome {
    let phases = Phases {
        resolve: Some(Duration::from_micros(40)),
        connect: Some(Duration::from_micros(90)),
        tls: None,
        processing: Some(Duration::from_micros(700)),
        transfer: Some(Duration::from_micros(30)),
    };
    Outcome {
        verdict: Verdict::Up,
        reason: None,
        phases,
        http_status: Some(200),
        address: Some([127, 0, 0, 1].into()),
        ..Outcome::missed(monitor, slot, 0, Reason::Late, slot * 1000 + 120)
    }
}

/// Starts a control with nothing to do but ingest, and measures from the first outcomes it counts to the last.
fn drain(system: &TestSystem, filled: usize, report: &mut Report) -> Result<()> {
    let mut control = system.control("control")?;
    control.service.start()?;
    let stored = || metric(&control.admin, "upguard_ingest_outcomes_total", "").unwrap_or(0.0);
    let deadline = Instant::now() + Duration::from_mins(10);
    let mut first: Option<(Instant, f64, Cores)> = None;
    loop {
        let (now, count) = (Instant::now(), stored());
        if count > 0.0 && first.is_none() {
            let postgres = system.postgres().pid();
            let control = control.service.pid().unwrap_or_default();
            let cores = Cores::of(&[("control", control), ("postgres", postgres), ("redis", system.redis().pid())]);
            first = Some((now, count, cores));
        }
        if let (Some((since, before, cores)), true) = (&first, count >= filled as f64) {
            report.number("outcomes_per_second", (count - before) / (now - *since).as_secs_f64());
            report.set("outcomes", filled);
            report.set("cores_used", cores.used());
            break;
        }
        if now > deadline || !control.service.is_running() {
            bail!("{count} of {filled} outcomes are stored; control says:\n{}", control.service.log_tail());
        }
        sleep(Duration::from_millis(10));
    }
    let rows = system.number("select count(*) from results where verdict = 'up'")?;
    if rows != filled as i64 {
        bail!("{filled} outcomes were counted as stored, and {rows} rows are in PostgreSQL");
    }
    let bytes = system.number(
        "select sum(pg_total_relation_size(inhrelid))::bigint from pg_inherits where inhparent = 'results'::regclass",
    )?;
    report.number("bytes_per_outcome", bytes as f64 / rows as f64);
    Ok(())
}
