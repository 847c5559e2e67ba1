//! A whole system with one region that turned against it. Two regions do their work, the third's user of Redis writes what
//! it can all the time; whatever the others lose, whatever grows without bound or stops being readable is a finding.

use std::{
    ops::Range,
    process::ExitCode,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use testbed::{
    audit,
    clock::unix_now,
    system::{self, TestSystem},
};

use crate::{
    hostile::{Attack, Attacker, Kind, Phase, Seen, Tally},
    unchecked::{self, Sampler},
};

mod answers;
mod figures;
mod report;
mod setup;
mod watch;

use self::{
    figures::Gathered,
    report::Report,
    setup::{HOSTILE, OTHERS, Setup},
    watch::Watch,
};

/// How long checks run undisturbed before the attack.
const SETTLE: Duration = Duration::from_secs(15);
/// The shares of the time in which positions are moved and jobs are taken; the rest is writing.
const PART: f64 = 0.05;
/// How long after positions were moved, or jobs taken, the other regions may still miss slots, seconds.
const RECOVERY: i64 = 20;
/// How long they must miss nothing after that, seconds.
const HEALTHY: i64 = 20;
/// How long before that a slot may be whose job was not done yet, seconds: the longest interval.
const UNDONE: i64 = 10;
/// How long after the end every slot may take to be closed: H as the setup has it, and some.
const CLOSING: Duration = Duration::from_secs(150);

/// How long, and by which seed.
#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub struct Args {
    /// How long the region attacks
    #[arg(long, value_name = "N", default_value_t = 600)]
    pub seconds: u64,
    /// What the attack is made of
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub seed: u64,
    /// Monitors of the regions
    #[arg(long, value_name = "N", default_value_t = 300)]
    pub monitors: usize,
    /// Bytes a second that the region writes, floods apart
    #[arg(long, value_name = "BYTES", default_value_t = 4 << 20)]
    pub bytes_per_second: usize,
    /// Leave out moving positions of groups and taking jobs of other regions, which the rights on the shared stream allow
    #[arg(long)]
    pub no_silence: bool,
    /// Kinds of attack to try, with commas between; all where none is named
    #[arg(long, value_name = "KIND", value_delimiter = ',')]
    pub only: Vec<Kind>,
    /// Go on after the first finding
    #[arg(long)]
    pub keep_going: bool,
    /// Print the report as one JSON object in the last line
    #[arg(long)]
    pub json: bool,
    /// Keep logs and data even when nothing was found
    #[arg(long)]
    pub keep: bool,
}

/// A stretch of the run in which something was tried that other regions may notice, unix seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Window {
    from: i64,
    to: i64,
}

/// Runs it. The code is failure when any figure is off.
pub fn run(args: &Args) -> Result<ExitCode> {
    let dir = system::folder(&format!("fuzz-{}", args.seed))?;
    let kept = || format!("logs are kept in {}", dir.display());
    let regions: Vec<_> = OTHERS.iter().chain([&HOSTILE]).copied().collect();
    let system = TestSystem::start_with_users(&dir, &regions)?;
    let (report, system) = perform(args, system).with_context(kept)?;
    report.print(args);
    if report.is_right() && !args.keep {
        system.remove()?;
    } else {
        eprintln!("{}", kept());
    }
    Ok(if report.is_right() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn perform(args: &Args, system: TestSystem) -> Result<(Report, TestSystem)> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let setup = Setup::start(system, &runtime, args.monitors)?;
    eprintln!("{} monitors; settling for {} s", setup.monitors(), SETTLE.as_secs());
    std::thread::sleep(SETTLE);
    setup.require_results()?;
    let since = unix_now();
    let mut attacker = attacker(args, &setup);
    let (over, stop) = (AtomicBool::new(false), AtomicBool::new(false));
    let watch = Watch::new(&setup, runtime.handle().clone(), !args.keep_going);
    let sampler = Sampler {
        system: &setup.system,
        rest: &setup.rest,
        handle: runtime.handle().clone(),
        monitors: &setup.sampled,
    };
    let (windows, until, gathered, shown) = std::thread::scope(|scope| {
        let watching = scope.spawn(|| watch.run(&over, &stop));
        let sampling = scope.spawn(|| sampler.run(&over));
        let windows = attack(args, &mut attacker, &stop);
        let until = unix_now();
        setup.wait_closed(until, CLOSING, &stop);
        over.store(true, Ordering::Relaxed);
        (windows, until, watching.join(), sampling.join())
    });
    let panicked = |_| anyhow::anyhow!("a thread of the run panicked");
    let (mut gathered, shown) = (gathered.map_err(panicked)?, shown.map_err(panicked)?);
    gathered.unchecked = unchecked::judge(&shown, &sampler.looks(since - 120)?);
    let (tally, recent) = attacker.end();
    conclude(&setup, &mut gathered, since..until, &windows)?;
    weigh(args, &tally, &mut gathered);
    gathered.let_go = setup.system.let_go();
    let (ended, system) = setup.stop(&runtime);
    Ok((Report { gathered, tally, recent, ended, cut_short: stop.into_inner() }, system))
}

fn attacker<'a>(args: &Args, setup: &'a Setup) -> Attacker<'a> {
    let (bytes_per_second, only) = (args.bytes_per_second, args.only.clone());
    let attack = Attack { only, bytes_per_second, ..Attack::with_seed(args.seed) };
    let seen = Seen {
        now_ms: 0,
        region: HOSTILE.to_owned(),
        here: setup.ids_here(),
        elsewhere: setup.ids_elsewhere(),
        others: OTHERS.map(str::to_owned).to_vec(),
    };
    Attacker::new(&setup.system, attack, seen)
}

/// Whether all was tried that should be, and all refused that must be.
fn weigh(args: &Args, tally: &Tally, gathered: &mut Gathered) {
    gathered.note("permitted", tally.permitted.len() as f64);
    let phases = if args.no_silence { &Phase::ALL[..1] } else { &Phase::ALL };
    let unsent = tally.never_sent(phases, &args.only);
    gathered.note("kinds_not_sent", unsent.len() as f64);
    for kind in unsent {
        gathered.say(format!("not sent: {kind}"));
    }
}

/// Attacks: for most of the time by writing, then positions, then silence. Returns when slots may have been missed for it.
fn attack(args: &Args, attacker: &mut Attacker<'_>, stop: &AtomicBool) -> Vec<Window> {
    let whole = Duration::from_secs(args.seconds);
    let part = whole.mul_f64(PART).clamp(Duration::from_secs(4), Duration::from_secs(15));
    let quiet = Duration::from_secs((RECOVERY + HEALTHY) as u64);
    let writing = if args.no_silence { whole } else { whole.saturating_sub(2 * part) };
    let began = Instant::now();
    eprintln!("{:6.1} s  writes for {} s", 0.0, writing.as_secs());
    attacker.run(Phase::Writes, writing, stop);
    let mut windows = Vec::new();
    for (phase, what) in [(Phase::Positions, "positions"), (Phase::Silence, "silence")] {
        let is_asked_for = args.only.is_empty() || args.only.iter().any(|kind| kind.phase() == phase);
        if args.no_silence || !is_asked_for || stop.load(Ordering::Relaxed) {
            continue;
        }
        eprintln!("{:6.1} s  {what} for {} s, then quiet", began.elapsed().as_secs_f64(), part.as_secs());
        let from = unix_now();
        attacker.run(phase, part, stop);
        windows.push(Window { from, to: unix_now() });
        let until = Instant::now() + quiet;
        while Instant::now() < until && !stop.load(Ordering::Relaxed) {
            std::thread::sleep(Duration::from_millis(200));
        }
    }
    windows
}

/// Audits the run, whose attack was in `time`.
fn conclude(setup: &Setup, gathered: &mut Gathered, time: Range<i64>, windows: &[Window]) -> Result<()> {
    let ask = |sql: &str| setup.system.sql(sql);
    gathered.totals = audit::totals(ask)?;
    gathered.wrong = audit::wrong(ask, 10)?;
    let place = "case when r.verdict = 'missed' then r.slot || ' ' || g.id || ' ' || r.reason end";
    for (row, count) in audit::rows(ask, place)?.iter().filter(|(row, _)| !row.is_empty()) {
        let words: Vec<_> = row.split(' ').collect();
        let [slot, region, reason] = words[..] else { bail!("a missed row: {row}") };
        gathered.miss((slot.parse()?, region, reason), *count, time.start, windows);
    }
    for (name, sql) in figures::FINAL {
        gathered.note(name, setup.system.number(sql)? as f64);
    }
    let closed = setup.system.number("select min(closed) from lanes")?;
    gathered.note("closed_behind_seconds", (time.end - closed) as f64);
    let told = setup.told();
    gathered.note("alerts_false", told.len() as f64);
    told.into_iter().take(10).for_each(|told| gathered.say(format!("told: {told}")));
    let regions = audit::rows(ask, "g.id")?;
    gathered.sum_up(OTHERS.iter().filter_map(|region| regions.get(*region)).sum());
    Ok(())
}
