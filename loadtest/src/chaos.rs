//! The chaos run: the whole system under load, edits all the time, sites that break, a seeded schedule of faults, and in
//! the end two audits. Slots, in SQL: no expected one without a row, no row that is not expected, none twice. Alerts,
//! beside the truth the world kept: none that is false, none missed, none doubled.

use std::{
    process::ExitCode,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use testbed::{
    alerting,
    clock::unix_now,
    http,
    judge::{Judgement, Truth, judge},
    receiver::Receiver,
    rest::Rest,
    system::{self, TestSystem},
    world::World,
};
use tokio::runtime::Runtime;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use uuid::Uuid;

use crate::{
    hostile::Seen,
    monitors,
    unchecked::{self, Sampled, Sampler},
};

mod audit;
mod edits;
mod faults;
mod impairments;
mod inject;
mod outbox;
mod report;
mod sites;

pub use self::faults::{Fault, Kind, schedule};

use self::{
    audit::audit,
    edits::Crowd,
    faults::{CONTROLS, HOSTILE, PROBES},
    inject::{Targets, inject},
    report::{Report, Waited},
    sites::Watched,
};

/// Shortened so that a run of minutes closes its slots: L, T, H and the lane's lease, in proportion.
pub(crate) const TIMES: [(&str, &str); 4] = [
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
/// Breaks a minute that have to be told.
const INCIDENTS: f64 = 70.0;
/// How long the receiver takes to answer, so that kills fall between sending and knowing that it was sent.
const ANSWER: Duration = Duration::from_millis(250);
/// How long after its site was mended an incident may open: a failed check can wait so long in a stream until somebody
/// reads it.
const WINDOW: Duration = Duration::from_secs(45);
/// How long after all is calm what was told may remain without its end: a claim of a killed replica lapses after 30 s.
const TELLING: Duration = Duration::from_secs(90);

/// Regions of [`PROBES`].
const REGIONS: i64 = 3;
/// Monitors that nobody touches, for who asks whether anything is called up that nobody looked at.
const SAMPLED: usize = 40;

/// How long and how hard.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// How long faults are injected
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
    /// Times a site breaks that have to be told; 70 a minute where nobody says
    #[arg(long, value_name = "N")]
    pub incidents: Option<usize>,
    /// Kinds of fault to leave out, with commas between
    #[arg(long, value_name = "KIND", value_delimiter = ',')]
    pub without: Vec<String>,
    /// Print the report as one JSON object in the last line
    #[arg(long)]
    pub json: bool,
    /// Keep logs and data even when nothing is wrong
    #[arg(long)]
    pub keep: bool,
}

/// Runs it. The code is failure when a slot was lost or doubled, an alert false, missed or doubled, or something was called
/// up that nobody had looked at.
pub fn run(args: &Args) -> Result<ExitCode> {
    let dir = system::folder(&format!("chaos-{}", args.seed))?;
    let kept = || format!("logs are kept in {}", dir.display());
    let mut regions = PROBES.to_vec();
    regions.dedup();
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

/// What the run watches the system do, and does to it as its users.
struct Scene {
    world: World,
    receiver: Arc<Receiver>,
    rest: Arc<Rest>,
    crowd: Crowd,
    /// Monitors that people edit.
    ids: Vec<String>,
    /// Monitors whose sites break.
    watched: Vec<Watched>,
    /// Monitors that nobody touches, whose sites are always up.
    sampled: Vec<Sampled>,
    created_per_second: f64,
}

fn perform(args: &Args, system: TestSystem) -> Result<(Report, TestSystem)> {
    let window = Duration::from_secs_f64(args.minutes * 60.0);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let (mut targets, replicas) = start(system)?;
    let Scene { world, receiver, rest, crowd, ids, watched, sampled, created_per_second } =
        runtime.block_on(Scene::set(args, window, replicas))?;
    targets.seen = seen(&ids, &sampled);
    eprintln!("made {} monitors, {created_per_second:.0} a second; settling", ids.len() + watched.len());
    std::thread::sleep(SETTLE);
    require_results(&targets)?;

    let sampler =
        Sampler { system: &targets.system, rest: &rest, handle: runtime.handle().clone(), monitors: &sampled };
    let (began, sampled_enough) = (unix_now(), AtomicBool::new(false));
    let (tasks, calm) = (TaskTracker::new(), CancellationToken::new());
    let editing = edits::edit(Arc::clone(&rest), crowd, ids, args.seed, calm.clone());
    let editing = tasks.spawn_on(editing, runtime.handle());
    let breaking = tasks.spawn_on(sites::inject(watched, Arc::clone(&receiver), calm.clone()), runtime.handle());
    let mut faults = schedule(args.seed, window.as_millis() as u64);
    faults.retain(|fault| !args.without.iter().any(|kind| kind == fault.kind.as_str()));
    let (injected, shown) = std::thread::scope(|scope| {
        let sampling = scope.spawn(|| sampler.run(&sampled_enough));
        let injected = inject(&targets, &faults, window);
        calm.cancel();
        // What stands still must not look well either once all is calm.
        std::thread::sleep(SETTLE);
        sampled_enough.store(true, Ordering::Relaxed);
        (injected, sampling.join())
    });
    let (over, calm_since) = (unix_now(), Instant::now());
    eprintln!("calm; mending sites once they were told of");
    let edits = runtime.block_on(editing)?;
    let (happened, crashes) = injected?;
    let truth = runtime.block_on(breaking)?;
    let closed_after = wait_closed(&targets, over, calm_since)?;
    let shown = shown.map_err(|_| anyhow::anyhow!("the sampler panicked"))?;
    let unchecked = unchecked::judge(&shown, &sampler.looks(began - 120)?);
    let (alerts, repeats) = judge_alerts(&targets, &truth, &receiver)?;
    let audit = audit(|sql| targets.system.sql(sql), &happened)?;
    let let_go = targets.system.let_go();
    let system = stop(targets, world, &runtime);
    let waited = Waited { closed_after, let_go };
    Ok((Report { audit, alerts, repeats, unchecked, happened, crashes, edits, created_per_second, waited }, system))
}

/// What the hostile region knows: of the monitors that all regions check those whose sites are down, or change. Of those
/// that have somebody to tell, two honest regions decide, and one of them may be away.
fn seen(ids: &[String], sampled: &[Sampled]) -> Seen {
    let number = |id: &String| id.parse::<Uuid>().ok().map(|id| id.as_u128());
    let untold = ids.iter().enumerate().filter(|(n, _)| !edits::is_up(*n)).map(|(_, id)| id);
    let mut others = PROBES.to_vec();
    others.dedup();
    others.retain(|region| *region != HOSTILE);
    Seen {
        now_ms: 0,
        region: HOSTILE.to_owned(),
        here: untold.filter_map(number).collect(),
        elsewhere: sampled.iter().map(|sampled| &sampled.id).filter_map(number).collect(),
        others: others.into_iter().map(str::to_owned).collect(),
    }
}

impl Scene {
    async fn set(args: &Args, window: Duration, replicas: Vec<String>) -> Result<Self> {
        let world = World::start().await?;
        let receiver = Arc::new(Receiver::start(Some(alerting::SECRET)).await?);
        receiver.delay(ANSWER);
        let rest = Arc::new(Rest::new(replicas));
        rest.register().await?;
        let channel = alerting::make_channel(&rest, &receiver).await?;
        let policy = alerting::make_policy(&rest, &channel).await?;
        let crowd = Crowd { world: world.http(), interval: args.interval, policy };
        let bodies = crowd.clone();
        let (ids, created_per_second) = monitors::make(&rest, args.monitors, move |n| bodies.body(n)).await?;
        let incidents = args.incidents.unwrap_or((args.minutes * INCIDENTS).ceil() as usize);
        let plans = sites::plan(args.seed, window.as_millis() as u64, incidents);
        let watched = sites::make(&rest, &world, &crowd, plans).await?;
        let sampled = Self::sample(&rest, &crowd).await?;
        Ok(Self { world, receiver, rest, crowd, ids, watched, sampled, created_per_second })
    }

    async fn sample(rest: &Arc<Rest>, crowd: &Crowd) -> Result<Vec<Sampled>> {
        let (bodies, intervals) = (crowd.clone(), [5, crowd.interval]);
        let body = move |n| Sampled::body(n, &format!("{}/up?sampled={n}", bodies.world), intervals, &bodies.policy);
        let (ids, _) = monitors::make(rest, SAMPLED, body).await?;
        let sampled = |(n, id)| Sampled { id, interval: i64::from(Sampled::interval(n, intervals)) };
        Ok(ids.into_iter().enumerate().map(sampled).collect())
    }
}

/// Waits until nothing is left to be told, and judges what was.
fn judge_alerts(targets: &Targets, truth: &Truth, receiver: &Receiver) -> Result<(Judgement, usize)> {
    let ask = |sql: &str| targets.system.sql(sql);
    let deadline = Instant::now() + TELLING;
    loop {
        let (told, repeats) = receiver.told();
        let mut alerts = judge(truth, &told, WINDOW.as_millis() as i64);
        let waiting = outbox::waiting(ask)?;
        if (alerts.missed == 0 && waiting == 0) || Instant::now() > deadline {
            outbox::compare(ask, &told, &mut alerts)?;
            receiver.bad().into_iter().for_each(|why| alerts.say(format!("the receiver refused a request: {why}")));
            return Ok((alerts, repeats));
        }
        std::thread::sleep(Duration::from_millis(500));
    }
}

/// Starts two control replicas and all probes, and waits until every region is registered. Also returns the replicas'
/// base URLs.
fn start(system: TestSystem) -> Result<(Targets, Vec<String>)> {
    let (mut controls, mut replicas) = (Vec::new(), Vec::new());
    for place in 0..CONTROLS {
        let mut control = system.control(&format!("control-{place}"))?;
        for (name, value) in TIMES {
            control.service = control.service.env(name, value);
        }
        control.service.start()?;
        let ready = format!("{}/readyz", control.admin);
        control.service.wait_until("its /readyz says 200", || http::is_ok(&ready))?;
        replicas.push(control.api);
        controls.push(control.service);
    }
    let mut probes = Vec::new();
    for (place, region) in PROBES.iter().enumerate() {
        let mut probe = system.probe(region, &format!("w{place}"))?;
        probe.start()?;
        probes.push(Mutex::new(probe));
    }
    let registered = || system.number("select count(*) from regions").is_ok_and(|count| count == REGIONS);
    controls[0].wait_until("all regions are registered", registered)?;
    let controls = controls.into_iter().map(Mutex::new).collect();
    Ok((Targets { system, controls, probes, seen: Seen::default() }, replicas))
}

/// An audit of an empty ledger would pass.
fn require_results(targets: &Targets) -> Result<()> {
    let regions = targets.system.number("select count(distinct region) from results where attempt = 0")?;
    if regions < REGIONS {
        bail!("only {regions} of {REGIONS} regions have results {} s after the monitors were made", SETTLE.as_secs());
    }
    Ok(())
}

/// Waits until every lane has closed `slot`, and says how long that took from `began`; nothing where it never did.
fn wait_closed(targets: &Targets, slot: i64, began: Instant) -> Result<Option<Duration>> {
    let limit = Duration::from_secs(CLOSE) + CLOSE_SLACK;
    eprintln!("waiting until slot {slot} is closed");
    while targets.system.number("select min(closed) from lanes")? < slot {
        if began.elapsed() > limit {
            let lanes = targets.system.sql("select lane, frontier, closed, epoch, owner from lanes")?;
            eprintln!("slot {slot} is not closed {} s after the last fault; lanes: {lanes}", limit.as_secs());
            return Ok(None);
        }
        std::thread::sleep(Duration::from_millis(500));
    }
    Ok(Some(began.elapsed()))
}

fn stop(targets: Targets, world: World, runtime: &Runtime) -> TestSystem {
    drop((targets.controls, targets.probes));
    runtime.block_on(world.stop());
    targets.system
}
