//! From the check that found a site broken to the webhook that says so, through the whole system: half of the monitors
//! are believed at once (plain), the other half when a second attempt in both regions says so too (confirmed).

use std::{
    collections::HashMap,
    sync::Arc,
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use testbed::{
    alerting,
    clock::unix_ms,
    http,
    judge::{Break, Judgement, Truth, judge},
    receiver::{Receiver, Told},
    rest::Rest,
    service::Service,
    system::{self, Control, TestSystem},
    world::{Site, World},
};
use tokio::runtime::Runtime;

use super::{
    crowd::POSTGRES,
    quantile,
    report::{Report, rounded},
    stages,
};
use crate::monitors;

const REGIONS: [&str; 2] = ["eu-west", "us-east"];
/// Intervals of the monitors, seconds, in turn.
const INTERVALS: [u32; 5] = [5, 10, 20, 30, 60];
/// How long anything may take that is awaited: twice the longest interval, for what has to be seen twice, and some.
const PATIENCE: Duration = Duration::from_secs(160);
/// The stages control measures itself.
const STAGES: [&str; 2] = ["finished_to_stored", "stored_to_notified"];

/// How much.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Print one JSON object in the last line
    #[arg(long)]
    json: bool,
    /// Sites that break; each is one incident
    #[arg(long, default_value_t = 500)]
    incidents: usize,
    /// Seconds over which they break, and over which they are mended
    #[arg(long, default_value_t = 60)]
    seconds: u64,
}

pub(super) fn run(args: &Args) -> Result<()> {
    let dir = system::folder("bench-alerts")?;
    let system = TestSystem::start(&dir, &POSTGRES)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let mut report = Report::new("alerts");
    {
        let mut bench = Setup::start(&system, &runtime, args)?;
        let before = bench.stages()?;
        let truth = bench.break_and_mend(args)?;
        bench.report(&truth, &before, &mut report)?;
    }
    report.print(args.json);
    system.remove()
}

struct Setup<'a> {
    system: &'a TestSystem,
    control: Control,
    // Kept running.
    _probes: Vec<Service>,
    _world: World,
    receiver: Receiver,
    sites: Vec<(String, Site)>,
}

/// Every second monitor is plain.
fn is_plain(n: usize) -> bool {
    n.is_multiple_of(2)
}

impl<'a> Setup<'a> {
    fn start(system: &'a TestSystem, runtime: &Runtime, args: &Args) -> Result<Self> {
        let mut control = system.control("control")?;
        control.service.start()?;
        let ready = format!("{}/readyz", control.admin);
        control.service.wait_until("its /readyz says 200", || http::is_ok(&ready))?;
        let mut probes = Vec::new();
        for region in REGIONS {
            let mut probe = system.probe(region, "bench")?;
            probe.start()?;
            probes.push(probe);
        }
        let owing = "select count(*) from regions r where r.from_slot <= (select min(frontier) from lanes)";
        let all_owe = || system.number(owing).is_ok_and(|count| count == REGIONS.len() as i64);
        control.service.wait_until("both regions are registered", all_owe)?;
        let (world, receiver) = runtime
            .block_on(async { anyhow::Ok((World::start().await?, Receiver::start(Some(alerting::SECRET)).await?)) })?;
        let sites: Vec<_> = (0..args.incidents).map(|n| world.site(&format!("fragile-{n}"))).collect();
        let ids = runtime.block_on(make(&control.api, &receiver, &sites))?;
        let sites = ids.into_iter().zip(sites).collect();
        let bench = Self { system, control, _probes: probes, _world: world, receiver, sites };
        bench.wait("every site is up and has its schedule", || {
            let up = system.number("select count(*) from monitor_status where status = 'up'")?;
            Ok(up == args.incidents as i64)
        })?;
        Ok(bench)
    }

    fn wait(&self, what: &str, mut holds: impl FnMut() -> Result<bool>) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        while !holds()? {
            if Instant::now() > deadline {
                eprintln!("not within {} s: {what}\n{}", PATIENCE.as_secs(), self.control.service.log_tail());
                break;
            }
            sleep(Duration::from_millis(200));
        }
        Ok(())
    }

    fn stages(&self) -> Result<Vec<stages::Histogram>> {
        STAGES.iter().map(|name| stages::stage(&self.control.admin, name)).collect()
    }

    /// Breaks the sites one after the other, and mends them likewise once all are told. Nothing here judges: what was not
    /// told in time is found missing later.
    fn break_and_mend(&mut self, args: &Args) -> Result<Truth> {
        let pause = Duration::from_secs(args.seconds) / args.incidents.max(1) as u32;
        eprintln!("breaking {} sites within {} s", args.incidents, args.seconds);
        let mut truth = Truth::new();
        for (monitor, site) in &self.sites {
            let time = Break { from_ms: unix_ms(), to_ms: i64::MAX, owed: true };
            truth.insert(monitor.clone(), vec![time]);
            site.answer(503);
            sleep(pause);
        }
        let all = args.incidents;
        self.wait("every incident is told", || Ok(self.found(&truth).opened == all))?;
        eprintln!("mending them");
        for (monitor, site) in &self.sites {
            site.answer(200);
            if let Some(time) = truth.get_mut(monitor).and_then(|times| times.first_mut()) {
                time.to_ms = unix_ms();
            }
            sleep(pause);
        }
        self.wait("every incident is told to be over", || Ok(self.found(&truth).resolved == all))?;
        Ok(truth)
    }

    /// Without faults there is no excuse for an incident that opens when its site was mended: a second has to do.
    fn found(&self, truth: &Truth) -> Judgement {
        let far = |time: &Break| Break { to_ms: time.to_ms.min(i64::MAX / 2), ..*time };
        let truth = truth.iter().map(|(monitor, times)| (monitor.clone(), times.iter().map(far).collect())).collect();
        judge(&truth, &self.receiver.told().0, 1_000)
    }

    fn report(&self, truth: &Truth, before: &[stages::Histogram], report: &mut Report) -> Result<()> {
        let found = self.found(truth);
        let seconds = self.seconds()?;
        let table = |share| {
            let [plain, confirmed] = seconds.each_ref().map(|values| rounded(quantile(values, share)));
            json!({"plain": plain, "confirmed": confirmed})
        };
        report.set("incidents", found.incidents);
        report.set("lost", found.missed);
        report.set("doubled", found.doubled);
        report.set("false", found.wrong);
        report.set("repeats", self.receiver.told().1);
        report.set("requests", self.receiver.deliveries().len());
        report.set("p50_seconds", table(0.5));
        report.set("p99_seconds", table(0.99));
        report.set("max_seconds", table(1.0));
        report.set("stages", self.histograms(&seconds, before)?);
        let mut sentences = found.samples;
        sentences.extend(self.receiver.bad());
        if !sentences.is_empty() {
            report.set("wrong", sentences);
        }
        Ok(())
    }

    fn histograms(&self, seconds: &[Vec<f64>; 2], before: &[stages::Histogram]) -> Result<Value> {
        let now = self.stages()?;
        let measured = STAGES.iter().zip(now.iter().zip(before));
        let mut all: serde_json::Map<_, _> =
            measured.map(|(name, (now, before))| ((*name).to_owned(), now.since(before))).collect();
        for (name, values) in ["plain_end_to_end", "confirmed_end_to_end"].into_iter().zip(seconds) {
            all.insert(name.to_owned(), stages::of(values));
        }
        Ok(all.into())
    }

    /// From the end of each monitor's first failing check to its first message, of the plain and of the confirmed ones.
    fn seconds(&self) -> Result<[Vec<f64>; 2]> {
        let failed = self.first_failures()?;
        let (told, _) = self.receiver.told();
        let mut heard: HashMap<&str, &Told> = HashMap::new();
        for told in told.iter().filter(|told| told.opens()) {
            heard.entry(told.monitor.as_deref().unwrap_or_default()).or_insert(told);
        }
        let mut seconds = [Vec::new(), Vec::new()];
        for (n, (monitor, _)) in self.sites.iter().enumerate() {
            if let (Some(failed_ms), Some(told)) = (failed.get(monitor), heard.get(monitor.as_str())) {
                seconds[usize::from(!is_plain(n))].push((told.at_ms as f64 - failed_ms) / 1000.0);
            }
        }
        Ok(seconds)
    }

    /// When each monitor's first failing check ended, unix milliseconds.
    fn first_failures(&self) -> Result<HashMap<String, f64>> {
        let rows = self.system.sql(
            "select m.id, min(r.slot * 1000 + r.started_ms
                              + (coalesce(r.resolve_us, 0) + coalesce(r.connect_us, 0) + coalesce(r.tls_us, 0)
                                 + coalesce(r.processing_us, 0) + coalesce(r.transfer_us, 0)) / 1000.0)
             from results r join monitors m on m.key = r.monitor where r.verdict = 'down' group by 1",
        )?;
        let read = |row: &str| {
            let (monitor, at) = row.split_once('|')?;
            Some((monitor.to_owned(), at.parse().ok()?))
        };
        rows.lines().map(read).collect::<Option<_>>().with_context(|| format!("not `monitor|milliseconds`: {rows}"))
    }
}

/// Signs up, has the receiver told, and makes a monitor for each site. Returns their ids.
async fn make(api: &str, receiver: &Receiver, sites: &[Site]) -> Result<Vec<String>> {
    let rest = Arc::new(Rest::new(vec![api.to_owned()]));
    rest.register().await?;
    let channel = alerting::make_channel(&rest, receiver).await?;
    let policy = alerting::make_policy(&rest, &channel).await?;
    let bodies: Vec<_> = sites.iter().enumerate().map(|(n, site)| body(n, site.url(), &policy)).collect();
    let bodies = Arc::new(bodies);
    let (ids, _) = monitors::make(&rest, sites.len(), move |n| bodies[n].clone()).await?;
    if ids.len() != sites.len() {
        bail!("{} monitors were made for {} sites", ids.len(), sites.len());
    }
    Ok(ids)
}

fn body(n: usize, url: &str, policy: &str) -> Value {
    let interval = INTERVALS[n / 2 % INTERVALS.len()];
    let mut body = json!({"name": format!("fragile {n}"), "url": url, "interval": interval, "alert_policy": policy});
    if is_plain(n) {
        body["confirm"] = json!({"failures": 1, "recoveries": 1});
        body["regions"] = json!([REGIONS[0]]);
    }
    body
}
