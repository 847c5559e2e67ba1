//! Carries faults out on real processes, at their time, and looks out for processes that die unasked.

use std::{
    fs::OpenOptions,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use nix::sys::signal::Signal;
use testbed::{clock::unix_ms, servers::Redis, service::Service, system::TestSystem};

use super::{
    faults::{Fault, Kind, PROBES},
    impairments,
};
use crate::hostile::Seen;

/// Everything a fault can be injected into. Whoever holds a lock is doing something to that process.
pub(super) struct Targets {
    pub(super) system: TestSystem,
    pub(super) controls: Vec<Mutex<Service>>,
    pub(super) probes: Vec<Mutex<Service>>,
    /// What the hostile region knows.
    pub(super) seen: Seen,
}

/// A fault as it happened, in unix seconds.
#[derive(Clone, Debug)]
pub(super) struct Happened {
    pub(super) kind: Kind,
    pub(super) from: f64,
    pub(super) to: f64,
}

/// A process that ended although nothing was done to it. It was started again.
#[derive(Clone, Debug)]
pub(super) struct Crash {
    pub(super) name: String,
    pub(super) at: f64,
    pub(super) log: String,
}

/// Injects `faults` over a window of `window`, each in a thread of its own. Returns what happened and who crashed.
pub(super) fn inject(targets: &Targets, faults: &[Fault], window: Duration) -> Result<(Vec<Happened>, Vec<Crash>)> {
    let began = Instant::now();
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let watch = scope.spawn(|| watch(targets, &over));
        let injecting: Vec<_> =
            faults.iter().map(|fault| scope.spawn(move || inject_one(targets, fault, began))).collect();
        sleep(window.saturating_sub(began.elapsed()));
        let happened = injecting.into_iter().map(|thread| joined(thread.join())?).collect::<Result<_>>();
        over.store(true, Ordering::Relaxed);
        Ok((happened?, joined(watch.join())??))
    })
}

fn joined<T>(ended: std::thread::Result<T>) -> Result<T> {
    ended.map_err(|_| anyhow::anyhow!("a thread of the run panicked"))
}

fn inject_one(targets: &Targets, fault: &Fault, began: Instant) -> Result<Happened> {
    sleep(Duration::from_millis(fault.at_ms).saturating_sub(began.elapsed()));
    let kind = fault.kind;
    let from = now();
    let seconds = fault.lasts_ms as f64 / 1000.0;
    eprintln!("{:7.1} s  {:<14} {} for {seconds:.1} s", began.elapsed().as_secs_f64(), kind.as_str(), kind.target());
    carry_out(targets, kind, Duration::from_millis(fault.lasts_ms))
        .with_context(|| format!("{} of {}", kind.as_str(), kind.target()))?;
    Ok(Happened { kind, from, to: now() })
}

fn carry_out(targets: &Targets, kind: Kind, lasts: Duration) -> Result<()> {
    match kind {
        Kind::KillControl(place) => kill_and_start(&mut [lock(&targets.controls[place])], lasts),
        Kind::KillProbe(place) => kill_and_start(&mut [lock(&targets.probes[place])], lasts),
        Kind::RegionGone(place) => {
            let theirs = targets.probes.iter().zip(PROBES).filter(|(_, region)| *region == PROBES[place]);
            kill_and_start(&mut theirs.map(|(probe, _)| lock(probe)).collect::<Vec<_>>(), lasts)
        }
        Kind::PauseControl(place) => pause(&mut lock(&targets.controls[place]), lasts),
        Kind::PauseProbe(place) => pause(&mut lock(&targets.probes[place]), lasts),
        Kind::KillRedis => crash_redis(&mut targets.system.redis(), 0, lasts),
        Kind::CutRedis(bytes) => crash_redis(&mut targets.system.redis(), bytes, lasts),
        Kind::StopPostgres => {
            let mut postgres = targets.system.postgres();
            postgres.stop()?;
            sleep(lasts);
            postgres.start_again()
        }
        Kind::HostileRegion(seed) => impairments::attack(&targets.system, seed, &targets.seen, lasts),
        Kind::FullRedis => impairments::fill_redis(&targets.system, lasts),
        Kind::ReadOnlyPostgres => impairments::forbid_writes(&targets.system, lasts),
    }
}

fn kill_and_start(services: &mut [MutexGuard<'_, Service>], lasts: Duration) -> Result<()> {
    for service in services.iter_mut() {
        service.kill9();
    }
    sleep(lasts);
    services.iter_mut().try_for_each(|service| service.start())
}

/// One that ended by itself just before is left to the watch.
fn pause(service: &mut Service, lasts: Duration) -> Result<()> {
    if service.is_running() {
        service.signal(Signal::SIGSTOP)?;
        sleep(lasts);
    }
    if service.is_running() { service.signal(Signal::SIGCONT) } else { Ok(()) }
}

/// A power cut takes the end of the AOF with it, at any byte.
fn crash_redis(redis: &mut Redis, cut: u64, lasts: Duration) -> Result<()> {
    redis.kill9();
    if cut > 0 {
        let aof = redis.aof_path()?;
        let file = OpenOptions::new().write(true).open(&aof).with_context(|| aof.display().to_string())?;
        file.set_len(file.metadata()?.len().saturating_sub(cut))?;
    }
    sleep(lasts);
    redis.start_again()
}

/// Starts again, as an orchestrator would, what ended by itself.
fn watch(targets: &Targets, over: &AtomicBool) -> Result<Vec<Crash>> {
    let mut crashes = Vec::new();
    while !over.load(Ordering::Relaxed) {
        for service in targets.controls.iter().chain(&targets.probes) {
            let Ok(mut service) = service.try_lock() else { continue };
            if !service.is_running() {
                let crash = Crash { name: service.name.clone(), at: now(), log: service.last_words() };
                // One that ends as often as it is started says the same each time.
                let again = |last: &Crash| last.name == crash.name && crash.at - last.at < 5.0;
                let said = if crashes.iter().any(again) { "again" } else { &crash.log };
                eprintln!("           {} ended by itself: {said}", crash.name);
                crashes.push(crash);
                service.start()?;
            }
        }
        sleep(Duration::from_millis(500));
    }
    Ok(crashes)
}

fn now() -> f64 {
    unix_ms() as f64 / 1000.0
}

fn lock(service: &Mutex<Service>) -> MutexGuard<'_, Service> {
    service.lock().unwrap_or_else(PoisonError::into_inner)
}
