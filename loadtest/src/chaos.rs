//! The chaos run: the whole system under load, edits all the time, a seeded schedule of faults, and in the end an audit
//! in SQL. No expected slot without a row, no row that is not expected, none twice.

use std::{
    collections::BTreeMap,
    process::ExitCode,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    clock::unix_now,
    house::{self, House},
    rest::Rest,
    world::World,
};

mod audit;
mod edits;
mod faults;
mod play;

pub use self::faults::{Fault, Kind, schedule};

use self::{
    audit::{Audit, BEFORE, audit},
    edits::Tally,
    faults::{CONTROLS, PROBES},
    play::{Crash, Happened, Stage, play},
};

/// Shortened so that a run of minutes closes its slots: L, T, H and the lane's lease, in proportion.
const TIMES: [(&str, &str); 4] = [
    ("UPGUARD_TIMES__LATE", "20s"),
    ("UPGUARD_TIMES__TRIM", "40s"),
    ("UPGUARD_TIMES__CLOSE", "60s"),
    ("UPGUARD_TIMES__LANE_LEASE", "4s"),
];
/// H of [`TIMES`], seconds.
const CLOSE: u64 = 60;
/// How long closing may lag behind H once all is calm.
const CLOSE_SLACK: Duration = Duration::from_secs(90);
/// How long checks run undisturbed before the first fault.
const SETTLE: Duration = Duration::from_secs(12);

/// How long and how hard.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// How long faults strike
    #[arg(long, value_name = "M")]
    pub minutes: f64,
    /// What the schedule of faults and edits is made of
    #[arg(long, value_name = "S")]
    pub seed: u64,
    /// Monitors to begin with
    #[arg(long, value_name = "N", default_value_t = 5_000)]
    pub monitors: usize,
    /// Their interval in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    pub interval: u32,
    /// Print the report as one JSON object in the last line
    #[arg(long)]
    pub json: bool,
    /// Keep logs and data even when the books are right
    #[arg(long)]
    pub keep: bool,
}

/// Runs it. The code is failure when a slot was lost or doubled.
pub fn run(args: &Args) -> Result<ExitCode> {
    let dir = house::folder(&format!("chaos-{}", args.seed))?;
    let kept = || format!("logs are kept in {}", dir.display());
    let house = House::start(&dir, &[])?;
    let (report, house) = perform(args, house).with_context(kept)?;
    report.print(args);
    let right = report.audit.lost + report.audit.doubled == 0;
    if right && !args.keep {
        house.remove()?;
    } else {
        eprintln!("{}", kept());
    }
    Ok(if right { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

struct Report {
    audit: Audit,
    happened: Vec<Happened>,
    crashes: Vec<Crash>,
    edits: Tally,
    created_per_second: f64,
    closed_after: Duration,
}

fn perform(args: &Args, house: House) -> Result<(Report, House)> {
    let window = Duration::from_secs_f64(args.minutes * 60.0);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let (stage, replicas) = raise(house)?;
    let world = runtime.block_on(World::start())?;
    let rest = Arc::new(Rest::new(replicas));
    runtime.block_on(rest.register())?;
    let (ids, created_per_second) =
        runtime.block_on(edits::make(&rest, &world.http(), args.monitors, args.interval))?;
    eprintln!("made {} monitors, {created_per_second:.0} a second; settling", ids.len());
    std::thread::sleep(SETTLE);
    require_results(&stage)?;

    let calm = CancellationToken::new();
    let editing = edits::edit(rest, world.http(), ids, args.interval, args.seed, calm.clone());
    let editing = TaskTracker::new().spawn_on(editing, runtime.handle());
    let faults = schedule(args.seed, window.as_millis() as u64);
    let played = play(&stage, &faults, window);
    calm.cancel();
    let edits = runtime.block_on(editing)?;
    let (happened, crashes) = played?;
    let closed_after = wait_closed(&stage, unix_now())?;
    let audit = audit(|sql| stage.house.sql(sql), &happened)?;
    let house = lower(stage, world, &runtime);
    Ok((Report { audit, happened, crashes, edits, created_per_second, closed_after }, house))
}

/// Starts two control replicas and three probes, and waits until both regions are registered. Also returns the
/// replicas' base URLs.
fn raise(house: House) -> Result<(Stage, Vec<String>)> {
    let (mut controls, mut replicas) = (Vec::new(), Vec::new());
    for place in 0..CONTROLS {
        let mut control = house.control(&format!("control-{place}"))?;
        for (name, value) in TIMES {
            control.service = control.service.env(name, value);
        }
        control.service.start()?;
        let ready = format!("{}/readyz", control.admin);
        control.service.wait_until("its /readyz says 200", || house::is_ok(&ready))?;
        replicas.push(control.api);
        controls.push(control.service);
    }
    let mut probes = Vec::new();
    for (place, region) in PROBES.iter().enumerate() {
        let mut probe = house.probe(region, &format!("w{place}"))?;
        probe.start()?;
        probes.push(Mutex::new(probe));
    }
    let registered = || house.number("select count(*) from regions").is_ok_and(|count| count == 2);
    controls[0].wait_until("both regions are registered", registered)?;
    let controls = controls.into_iter().map(Mutex::new).collect();
    Ok((Stage { house, controls, probes }, replicas))
}

/// An audit of an empty ledger would pass.
fn require_results(stage: &Stage) -> Result<()> {
    let regions = stage.house.number("select count(distinct region) from results where attempt = 0")?;
    if regions < 2 {
        bail!("only {regions} of 2 regions have results {} s after the monitors were made", SETTLE.as_secs());
    }
    Ok(())
}

/// Waits until every lane has closed `slot`, and says how long that took.
fn wait_closed(stage: &Stage, slot: i64) -> Result<Duration> {
    let began = Instant::now();
    let limit = Duration::from_secs(CLOSE) + CLOSE_SLACK;
    eprintln!("calm; waiting until slot {slot} is closed");
    while stage.house.number("select min(closed) from lanes")? < slot {
        if began.elapsed() > limit {
            let lanes = stage.house.sql("select lane, frontier, closed, epoch, owner from lanes")?;
            bail!("slot {slot} is not closed {} s after the last fault; lanes: {lanes}", limit.as_secs());
        }
        std::thread::sleep(Duration::from_millis(500));
    }
    Ok(began.elapsed())
}

fn lower(stage: Stage, world: World, runtime: &Runtime) -> House {
    drop((stage.controls, stage.probes));
    runtime.block_on(world.stop());
    stage.house
}

impl Report {
    fn print(&self, args: &Args) {
        let audit = &self.audit;
        eprintln!(
            "expected {}  stored {}  lost {}  doubled {}  verdicts {:?}",
            audit.expected, audit.stored, audit.lost, audit.doubled, audit.verdicts
        );
        for (reason, count) in &audit.missed {
            let by = audit.explained.get(reason).cloned().unwrap_or_default();
            let by: Vec<_> = by.iter().map(|(kind, count)| format!("{kind} {count}")).collect();
            eprintln!("missed ({reason}) {count}: {}", by.join(", "));
        }
        eprintln!("missed and not explained by a fault: {}", audit.unexplained);
        let began = self.happened.first().map_or(0, |fault| fault.from as i64);
        for (slot, missed) in &audit.timeline {
            eprintln!("  {:5} s after the first fault: {missed:?}", slot - began);
        }
        for crash in &self.crashes {
            eprintln!("{} ended by itself at {:.1}", crash.name, crash.at);
        }
        for odd in self.odd().iter().take(10) {
            eprintln!("an edit was answered oddly: {odd}");
        }
        for sample in &audit.samples {
            eprintln!("wrong: slot|monitor|region|expected|stored = {sample}");
        }
        if args.json {
            println!("{}", self.json(args));
        }
    }

    fn odd(&self) -> Vec<String> {
        self.edits.odd.lock().map(|odd| odd.clone()).unwrap_or_default()
    }

    fn json(&self, args: &Args) -> Value {
        let audit = &self.audit;
        let count = |counter: &std::sync::atomic::AtomicUsize| counter.load(std::sync::atomic::Ordering::Relaxed);
        let faults: Vec<Value> = self.happened.iter().map(fault_json).collect();
        let kinds = self.happened.iter().fold(BTreeMap::<_, usize>::new(), |mut kinds, fault| {
            *kinds.entry(fault.kind.as_str()).or_default() += 1;
            kinds
        });
        let crashes: Vec<Value> =
            self.crashes.iter().map(|crash| json!({"name": crash.name, "at": crash.at, "log": crash.log})).collect();
        json!({
            "seed": args.seed, "minutes": args.minutes, "monitors": args.monitors, "interval": args.interval,
            "expected": audit.expected, "stored": audit.stored, "lost": audit.lost, "doubled": audit.doubled,
            "verdicts": audit.verdicts, "missed": audit.missed, "explained": audit.explained,
            "unexplained": audit.unexplained, "crashes": crashes,
            "edits": {"done": count(&self.edits.done), "refused": count(&self.edits.refused),
                      "beaten": count(&self.edits.beaten), "odd": self.odd().len()},
            "created_per_second": self.created_per_second.round(),
            "closed_after_seconds": self.closed_after.as_secs(), "late_seconds": BEFORE,
            "fault_kinds": kinds, "faults": faults,
        })
    }
}

fn fault_json(fault: &Happened) -> Value {
    json!({
        "kind": fault.kind.as_str(), "target": fault.kind.target(),
        "at": (fault.from * 10.0).round() / 10.0, "seconds": ((fault.to - fault.from) * 10.0).round() / 10.0,
    })
}
