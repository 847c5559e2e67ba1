//! The worker: one process of a region, from start to drain.
//!
//! One token stops everything softly (no more jobs), one deadline ends what is left, and a second signal ends it at
//! once. A loop that returns unasked is a crash.

use std::{sync::Arc, time::Instant};

use tokio::{
    net::TcpListener,
    signal::unix::{Signal, SignalKind, signal},
    task::{JoinError, JoinSet},
    time::{MissedTickBehavior, interval, sleep},
};
use tokio_util::sync::CancellationToken;

use crate::{
    admin::{self, Admin},
    config::Config,
    failure::Failure,
    worker::{
        health::Health,
        lane::LaneSettings,
        pulse::{self, Pulse},
        shared::Shared,
        supervisor,
        witness::Witnesses,
    },
};

/// Runs until a signal, then until drained.
pub(crate) async fn run(config: Config) -> Result<(), Failure> {
    let shared = Arc::new(Shared::new(config)?);
    let (config, stop) = (&shared.config, CancellationToken::new());
    let lanes_settings = (0..config.stream.lanes).map(|lane| settings(&shared, lane)).collect::<Result<Vec<_>, _>>()?;
    let mut signals = Signals::new().map_err(|why| Failure::Crash(format!("cannot listen for signals: {why}")))?;
    let listen = config.metrics_listen;
    let listener = TcpListener::bind(listen).await.map_err(|why| {
        Failure::Crash(format!("metrics_listen (UPGUARD_PROBE__METRICS_LISTEN): cannot listen on {listen}: {why}"))
    })?;
    let admin = Admin {
        metrics: Arc::clone(&shared.metrics),
        pulse: Arc::clone(&shared.pulse),
        lanes: lanes_settings.iter().map(|settings| Arc::clone(&settings.health)).collect(),
        stop: stop.clone(),
    };
    let mut services = JoinSet::new();
    services.spawn(admin::serve(listener, admin));
    services.spawn(beat(Arc::clone(&shared.pulse)));
    services.spawn(ask_witnesses(Arc::clone(&shared.witnesses)));
    let mut lanes = JoinSet::new();
    for settings in lanes_settings {
        lanes.spawn(supervisor::serve(settings, stop.clone()));
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

fn settings(shared: &Arc<Shared>, lane: u16) -> Result<LaneSettings, Failure> {
    let config = &shared.config;
    let keys = wire::Keys::new(&config.stream.key, lane).map_err(|why| Failure::Config(why.to_string()))?;
    // No short commands are sent, so there is no pool to speak of.
    let ca = config.redis_authorities()?;
    let trust = ca.as_deref().map(|pem| net::client_config(Some(pem)).map(Arc::new)).transpose();
    let trust = trust.map_err(|why| Failure::Config(format!("redis_ca (REDIS_CA): {why}")))?;
    let link = wire::Link::trusting(config.redis_url.expose(), trust, 1).map_err(|why| {
        let key = if ca.is_some() { "redis_ca (REDIS_CA), which needs rediss://" } else { "redis_url (REDIS_URL)" };
        Failure::Config(format!("{key}: {why}"))
    })?;
    Ok(LaneSettings { shared: Arc::clone(shared), link, keys, health: Arc::new(Health::new(lane)) })
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
