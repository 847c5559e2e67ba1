//! The worker: one process of a region, from start to drain.
//!
//! One token stops everything softly (no more jobs), one deadline ends what is left, and a second signal ends it at
//! once. A loop that returns unasked is a crash.

mod connection;
mod dispatch;
mod doubt;
mod failing;
mod health;
mod hosts;
mod keeper;
mod lane;
mod ledger;
mod pulse;
mod reporter;
mod taker;
mod witness;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use net::{Guard, Net, Resolver, Tls};
use tokio::{
    net::TcpListener,
    signal::unix::{Signal, SignalKind, signal},
    sync::Semaphore,
    task::{JoinError, JoinSet},
    time::{MissedTickBehavior, interval, sleep},
};
use tokio_util::sync::CancellationToken;
use wire::Diagnosis;

pub(crate) use health::Health;
pub(crate) use pulse::Pulse;

use self::{failing::Failing, hosts::Hosts, lane::Door, witness::Witnesses};
use crate::{
    admin::{self, Admin},
    check::{Checker, Settings},
    config::{Address, Config},
    metrics::Metrics,
};

/// What the lanes of a process share.
pub(crate) struct Shared {
    pub(crate) config: Config,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) pulse: Arc<Pulse>,
    pub(crate) hosts: Arc<Hosts>,
    pub(crate) checker: Checker,
    pub(crate) witnesses: Arc<Witnesses>,
    pub(crate) failing: Failing,
    /// One for every job held, of whatever lane.
    pub(crate) permits: Arc<Semaphore>,
}

/// Why a worker did not run to its end.
#[derive(Debug)]
pub(crate) enum Failure {
    /// What it was told cannot be done; the sentence names the key.
    Config(String),
    /// Something broke.
    Crash(String),
}

impl From<net::AuthoritiesError> for Failure {
    fn from(why: net::AuthoritiesError) -> Self {
        Self::Config(why.to_string())
    }
}

/// Runs until a signal, then until drained.
pub(crate) async fn run(config: Config) -> Result<(), Failure> {
    let shared = Arc::new(Shared::new(config)?);
    let (config, stop) = (&shared.config, CancellationToken::new());
    let doors = (0..config.stream.lanes).map(|lane| door(&shared, lane)).collect::<Result<Vec<_>, _>>()?;
    let mut signals = Signals::new().map_err(|why| Failure::Crash(format!("cannot listen for signals: {why}")))?;
    let listen = config.metrics_listen;
    let listener = TcpListener::bind(listen).await.map_err(|why| {
        Failure::Crash(format!("metrics_listen (UPGUARD_PROBE__METRICS_LISTEN): cannot listen on {listen}: {why}"))
    })?;
    let admin = Admin {
        metrics: Arc::clone(&shared.metrics),
        pulse: Arc::clone(&shared.pulse),
        lanes: doors.iter().map(|door| Arc::clone(&door.health)).collect(),
        stop: stop.clone(),
    };
    let mut services = JoinSet::new();
    services.spawn(admin::serve(listener, admin));
    services.spawn(beat(Arc::clone(&shared.pulse)));
    services.spawn(ask_witnesses(Arc::clone(&shared.witnesses)));
    let mut lanes = JoinSet::new();
    for door in doors {
        lanes.spawn(lane::serve(door, stop.clone()));
    }
    tracing::info!(
        version = env!("CARGO_PKG_VERSION"),
        region_id = %config.region_id,
        worker_id = config.worker_id,
        concurrency = config.concurrency,
        "started"
    );
    tokio::select! {
        signal = signals.next() => tracing::info!(signal, drain_s = config.drain.as_secs(), "draining: no more jobs"),
        Some(ended) = lanes.join_next() => return Err(ended_unasked(ended)),
        Some(ended) = services.join_next() => return Err(ended_unasked(ended.map(|()| Ok(())))),
    }
    stop.cancel();
    drain(&shared, &mut lanes, &mut signals).await
}

async fn drain(shared: &Shared, lanes: &mut JoinSet<Result<(), String>>, signals: &mut Signals) -> Result<(), Failure> {
    tokio::select! {
        ended = all(lanes) => ended?,
        () = sleep(shared.config.drain) => {
            let jobs = shared.metrics.inflight.get();
            tracing::warn!(jobs, "the time to drain is over: the leases of what is left lapse");
            return Ok(());
        }
        signal = signals.next() => return Err(Failure::Crash(format!("a second signal ({signal}) while draining"))),
    }
    tracing::info!("drained");
    Ok(())
}

async fn all(lanes: &mut JoinSet<Result<(), String>>) -> Result<(), Failure> {
    while let Some(ended) = lanes.join_next().await {
        ended.map_err(|why| why.to_string()).flatten().map_err(Failure::Crash)?;
    }
    Ok(())
}

fn ended_unasked(ended: Result<Result<(), String>, JoinError>) -> Failure {
    Failure::Crash(match ended {
        Ok(Ok(())) => "a loop ended unasked".to_owned(),
        Ok(Err(why)) => why,
        Err(why) => format!("a loop crashed: {why}"),
    })
}

fn door(shared: &Arc<Shared>, lane: u16) -> Result<Door, Failure> {
    let config = &shared.config;
    let keys = wire::Keys::new(&config.stream.key, lane).map_err(|why| Failure::Config(why.to_string()))?;
    // No short commands are sent, so there is no pool to speak of.
    let ca = config.redis_authorities()?;
    let link = wire::Link::trusting(config.redis_url.expose(), ca.as_deref(), 1).map_err(|why| {
        let key = if ca.is_some() { "redis_ca (REDIS_CA), which needs rediss://" } else { "redis_url (REDIS_URL)" };
        Failure::Config(format!("{key}: {why}"))
    })?;
    Ok(Door { shared: Arc::clone(shared), link, keys, health: Arc::new(Health::new(lane)) })
}

/// The ticker.
async fn beat(pulse: Arc<Pulse>) {
    let mut beats = interval(pulse::BEAT);
    beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        beats.tick().await;
        pulse.beat(Instant::now());
    }
}

async fn ask_witnesses(witnesses: Arc<Witnesses>) {
    witnesses.keep_asking().await;
}

impl Shared {
    fn new(config: Config) -> Result<Self, Failure> {
        let unusable = |why: &dyn std::fmt::Display| Failure::Config(format!("egress.ca or name servers: {why}"));
        let resolver = Resolver::system().map_err(|why| unusable(&why))?;
        let checker = Checker::with_resolver(settings(&config)?, resolver.clone()).map_err(|why| unusable(&why))?;
        let metrics = Metrics::new(&config.region_id).map_err(|why| Failure::Crash(format!("metrics: {why}")))?;
        let net = Net::new(Guard::anywhere(), resolver, Tls::new(None).map_err(|why| unusable(&why))?);
        let usual = usual_witnesses(&config, &net);
        let witnesses = Witnesses::new(net, usual, &config.witnesses, metrics.suspect(Diagnosis::Network).clone());
        metrics.concurrency_limit.set(config.concurrency as i64);
        Ok(Self {
            metrics: Arc::new(metrics),
            pulse: Arc::new(Pulse::new(config.stall, Instant::now())),
            hosts: Arc::new(Hosts::new(config.per_host)),
            checker,
            witnesses: Arc::new(witnesses),
            failing: Failing::default(),
            permits: Arc::new(Semaphore::new(config.concurrency)),
            config,
        })
    }
}

/// Redis (of several Sentinels any), and the name server asked first.
fn usual_witnesses(config: &Config, net: &Net) -> Vec<Vec<Address>> {
    let first = net.servers().first().map(|server| Address { host: server.ip().to_string(), port: server.port() });
    let all = [config.redis_addresses(), first.into_iter().collect()];
    all.into_iter().filter(|addresses| !addresses.is_empty()).collect()
}

fn settings(config: &Config) -> Result<Settings, Failure> {
    Ok(Settings {
        allow: config.egress.allow.clone(),
        extra_ca_pem: config.egress.authorities()?,
        max_timeout: config.max_timeout,
        user_agent: config.user_agent.clone(),
    })
}

/// SIGTERM, SIGINT and SIGHUP, alike.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hangup: Signal,
}

impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }

    async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
            _ = self.hangup.recv() => "SIGHUP",
        }
    }
}

/// Longest time between two beats of a process that is well.
pub(crate) const LIVE: Duration = Duration::from_secs(5);
