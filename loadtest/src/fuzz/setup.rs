//! The system of a run: two control replicas, a probe in each of three regions, each as the user that Redis knows, and
//! monitors of four sorts. All sites are up all the time.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{Result, bail};
use serde_json::{Value, json};
use testbed::{
    alerting, http,
    receiver::{Receiver, Told},
    rest::Rest,
    service::Service,
    system::TestSystem,
    world::World,
};
use tokio::runtime::Runtime;
use uuid::Uuid;

use crate::{
    chaos::TIMES,
    monitors,
    unchecked::{Sampled, TAG},
};

/// The regions that do their work.
pub(super) const OTHERS: [&str; 2] = ["eu-west", "us-east"];
/// The region that does not.
pub(super) const HOSTILE: &str = "hostile";
/// Monitors of the hostile region alone.
const ALONE: usize = 5;

/// Everything of a run but the attack.
pub(super) struct Setup {
    pub(super) system: TestSystem,
    controls: Vec<Service>,
    probes: Vec<Service>,
    world: World,
    receiver: Arc<Receiver>,
    pub(super) rest: Arc<Rest>,
    /// Process ids of the control replicas.
    pub(super) pids: Vec<i32>,
    /// Monitors of all regions: their jobs are on the shared stream.
    pub(super) everywhere: Vec<String>,
    /// Monitors that name one or both of the other regions.
    pub(super) elsewhere: Vec<String>,
    alone: Vec<String>,
    pub(super) sampled: Vec<Sampled>,
}

impl Setup {
    /// Starts it and makes `count` monitors.
    pub(super) fn start(system: TestSystem, runtime: &Runtime, count: usize) -> Result<Self> {
        let (mut controls, mut replicas) = (Vec::new(), Vec::new());
        for place in 0..2 {
            let mut control = system.control(&format!("control-{place}"))?;
            control.service = TIMES.iter().fold(control.service, |service, (name, value)| service.env(name, value));
            control.service.start()?;
            let ready = format!("{}/readyz", control.admin);
            control.service.wait_until("its /readyz says 200", || http::is_ok(&ready))?;
            replicas.push(control.api);
            controls.push(control.service);
        }
        let mut probes = Vec::new();
        for region in OTHERS.iter().chain([&HOSTILE]) {
            let mut probe = system.probe(region, "w0")?;
            probe.start()?;
            probes.push(probe);
        }
        let registered = || system.number("select count(*) from regions").is_ok_and(|count| count == 3);
        controls[0].wait_until("three regions are registered", registered)?;
        let pids = controls.iter().filter_map(Service::pid).collect();
        let (world, receiver, rest, made) = runtime.block_on(populate(replicas, count))?;
        let Made { everywhere, elsewhere, alone, sampled } = made;
        Ok(Self { system, controls, probes, world, receiver, rest, pids, everywhere, elsewhere, alone, sampled })
    }

    /// How many monitors there are.
    pub(super) fn monitors(&self) -> usize {
        self.everywhere.len() + self.elsewhere.len() + self.alone.len()
    }

    /// Monitors that name the hostile region.
    pub(super) fn ids_here(&self) -> Vec<u128> {
        numbers(self.everywhere.iter().chain(&self.alone))
    }

    /// Monitors that do not.
    pub(super) fn ids_elsewhere(&self) -> Vec<u128> {
        numbers(self.elsewhere.iter())
    }

    /// An audit of an empty ledger would pass.
    pub(super) fn require_results(&self) -> Result<()> {
        let up = "select count(distinct r.region) from results r where r.attempt = 0 and r.verdict = 'up'";
        let regions = self.system.number(up)?;
        if regions < 3 {
            bail!("only {regions} of 3 regions found something up before the attack");
        }
        Ok(())
    }

    /// Waits until `slot` is closed, or `limit` is over, or somebody stops it.
    pub(super) fn wait_closed(&self, slot: i64, limit: Duration, stop: &AtomicBool) {
        eprintln!("the attack is over; waiting until slot {slot} is closed");
        let deadline = Instant::now() + limit;
        let closed = || self.system.number("select min(closed) from lanes").unwrap_or(0);
        while closed() < slot && Instant::now() < deadline && !stop.load(Ordering::Relaxed) {
            sleep(Duration::from_millis(500));
        }
    }

    /// What was told of monitors that are up in all regions but the hostile one.
    pub(super) fn told(&self) -> Vec<String> {
        let others = |told: &Told| told.monitor.as_ref().is_none_or(|monitor| !self.alone.contains(monitor));
        let told = self.receiver.told().0.into_iter().filter(|told| told.kind != "region" && others(told));
        told.map(|told| format!("{} of monitor {:?}, {}", told.what, told.monitor, told.level)).collect()
    }

    /// Ends all but the servers. Also returns what had ended before, with its last words.
    pub(super) fn stop(mut self, runtime: &Runtime) -> (Vec<String>, TestSystem) {
        let all = self.controls.iter_mut().chain(&mut self.probes);
        let ended = all.filter_map(|service| {
            (!service.is_running()).then(|| format!("{} ended by itself:\n{}", service.name, service.last_words()))
        });
        let ended = ended.collect();
        drop((self.controls, self.probes));
        runtime.block_on(self.world.stop());
        (ended, self.system)
    }
}

fn numbers<'a>(ids: impl Iterator<Item = &'a String>) -> Vec<u128> {
    ids.filter_map(|id| id.parse::<Uuid>().ok()).map(|id| id.as_u128()).collect()
}

struct Made {
    everywhere: Vec<String>,
    elsewhere: Vec<String>,
    alone: Vec<String>,
    sampled: Vec<Sampled>,
}

async fn populate(replicas: Vec<String>, count: usize) -> Result<(World, Arc<Receiver>, Arc<Rest>, Made)> {
    let world = World::start().await?;
    let receiver = Arc::new(Receiver::start(Some(alerting::SECRET)).await?);
    let rest = Arc::new(Rest::new(replicas));
    rest.register().await?;
    let channel = alerting::make_channel(&rest, &receiver).await?;
    let policy = alerting::make_policy(&rest, &channel).await?;
    let base = world.http();
    let (ids, _) = monitors::make(&rest, count + ALONE, move |n| body(n, count, &base, &policy)).await?;
    let mut made = Made { everywhere: Vec::new(), elsewhere: Vec::new(), alone: Vec::new(), sampled: Vec::new() };
    for (n, id) in ids.into_iter().enumerate() {
        if is_sampled(n, count) {
            made.sampled.push(Sampled { id: id.clone(), interval: interval(n) });
        }
        match regions(n, count).as_slice() {
            [] => made.everywhere.push(id),
            [HOSTILE] => made.alone.push(id),
            _ => made.elsewhere.push(id),
        }
    }
    Ok((world, receiver, rest, made))
}

/// Half of the monitors name no region, which means all; the rest both others, or one of them; the last are the hostile
/// region's own.
fn regions(n: usize, count: usize) -> Vec<&'static str> {
    match n % 10 {
        _ if n >= count => vec![HOSTILE],
        0..=4 => Vec::new(),
        5..=7 => OTHERS.to_vec(),
        place => vec![OTHERS[place - 8]],
    }
}

fn interval(n: usize) -> i64 {
    if (n / 10).is_multiple_of(2) { 5 } else { 10 }
}

fn is_sampled(n: usize, count: usize) -> bool {
    n < count && n % 10 == 5 && n < 400
}

fn body(n: usize, count: usize, base: &str, policy: &str) -> Value {
    let regions = regions(n, count);
    let tags = if is_sampled(n, count) { vec![TAG] } else { Vec::new() };
    let mut body = json!({
        "name": format!("site {n}"), "url": format!("{base}/up?n={n}"), "interval": interval(n), "timeout": 10,
        "alert_policy": policy, "tags": tags,
    });
    if !regions.is_empty() {
        body["regions"] = json!(regions);
    }
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn monitors_are_of_all_sorts() {
        let sorts: Vec<_> = (0..105).map(|n| regions(n, 100)).collect();
        let count = |sort: &[&str]| sorts.iter().filter(|regions| regions.as_slice() == sort).count();
        assert_eq!((count(&[]), count(&OTHERS), count(&["eu-west"]), count(&["us-east"])), (50, 30, 10, 10));
        assert_eq!(count(&[HOSTILE]), ALONE);
        let sampled: Vec<_> = (0..105).filter(|n| is_sampled(*n, 100)).map(interval).collect();
        assert_eq!(sampled, [5, 10, 5, 10, 5, 10, 5, 10, 5, 10]);
        assert!((0..105).filter(|n| is_sampled(*n, 100)).all(|n| regions(n, 100) == OTHERS));
    }
}
