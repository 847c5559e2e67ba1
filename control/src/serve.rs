//! A replica from its start to its end: what runs, in which order it starts, and what it waits for.

pub mod error;

use std::{
    io::{self, Write},
    net::SocketAddr,
    sync::Arc,
    time::Duration,
};

use actions::{Actions, budget::Budgets, password::Passwords};
use api::{
    App,
    admin::Admin,
    listen,
    live::{self, Live, Tasks},
    rate::Rates,
    ready::Readiness,
    token::Tokens,
};
use channels::{
    Sender, Vault,
    live::{Publisher, Silence},
};
use config::{Config, ConfigError};
use engine::{
    Engine,
    health::Health,
    housekeeping, lane,
    lane_watch::{
        self,
        seen::{self, LanesSeen},
    },
    measure, notifier, watchdog,
};
use serde_json::json;
use store::{Db, migrate};
use tokio::{net::TcpListener, sync::watch};
use tokio_util::sync::CancellationToken;

use crate::{connections, exposition::Exposition, lifecycle::Lifecycle};

use error::Error;

/// How often Redis is asked for the time.
const OBSERVE: Duration = Duration::from_secs(2);
/// How long Redis may take to tell it.
const PATIENCE: Duration = Duration::from_secs(2);
/// Connections of the admin port: a scraper and a few health checks.
const ADMIN_CONNECTIONS: usize = 64;

/// Runs a replica until SIGTERM, SIGINT or SIGHUP; `migrates` says whether it brings the schema up to date first. Once it serves, one line on standard output says where:
/// `{"http":"127.0.0.1:8080","admin":"127.0.0.1:9090"}`.
pub async fn serve(config: Config, migrates: bool) -> Result<(), Error> {
    let life = Lifecycle::default();
    life.heed_signals().map_err(Error::Signals)?;
    let token = life.token();
    // Until it is up, the wish to end needs no patience.
    let started = tokio::select! {
        started = start(config, migrates, &life) => started.map(Some),
        () = token.cancelled() => Ok(None),
    };
    if !matches!(started, Ok(Some(_))) {
        token.cancel();
    }
    let ended = life.end().await;
    if let Some((app, engine)) = started? {
        app.db.close();
        engine.work.close();
    }
    tracing::info!("stopped");
    Ok(ended?)
}

async fn start(config: Config, migrates: bool, life: &Lifecycle) -> Result<(Arc<App>, Arc<Engine>), Error> {
    let (config, health, lanes_seen) = (Arc::new(config), Health::default(), LanesSeen::default());
    let exposition = Exposition::new()?;
    let db = Db::new(&config)?.noting(exposition.waits());
    let link = link(&config.redis)?;

    // First the admin port, so that whoever waits for us can read what we wait for.
    let replica = replica();
    let conditions = {
        let (health, lanes_seen) = (health.clone(), lanes_seen.clone());
        move || health.conditions().into_iter().chain(seen::conditions(&lanes_seen.ages())).collect()
    };
    let readiness =
        Readiness { conditions: Arc::new(conditions), replica: replica.clone(), db: db.clone(), link: link.clone() };
    let metrics = exposition.expose(db.clone());
    let admin_address = serve_admin(&config, Admin { readiness, metrics }, life).await?;

    health.set("start", Err("waiting for PostgreSQL, and bringing its schema up to date".to_owned()));
    let lanes = if migrates { migrate::run(&config).await? } else { migrate::look(&config).await? };
    let work = connections::settle(&config, lanes, &db).await?;
    health.set("start", Err("waiting for Redis to tell the time".to_owned()));
    let clock = Arc::new(first_look(&link).await);

    let keys = wire::Keys::new(&config.stream.key, 0)?;
    let publisher = Arc::new(Publisher::new(link.clone(), keys.clone()));
    let engine = Arc::new(Engine {
        lanes: lane_keys(&config, lanes),
        db,
        work,
        link,
        metrics: exposition.engine.clone(),
        health,
        lanes_seen,
        silence: watch::Sender::new(Silence::default()),
        replica,
        clock,
        sender: Arc::new(Sender::new(&config)?),
        vault: Arc::new(Vault::new(&config.secrets)),
        config,
        live: publisher.clone(),
    });
    let app = Arc::new(app(&engine, &exposition, (keys, publisher), life)?);
    life.run("clock", watch_clock(engine.clone(), life.token()));
    life.run("live reader", live::run(app.live.clone(), life.token()));
    life.run("watch over lanes", lane_watch::run(engine.clone(), life.token()));
    life.run("measuring", measure::run(engine.clone(), life.token()));
    loops(&engine, life);
    let http_address = serve_api(&app, life).await?;
    engine.health.clear("start");
    announce(http_address, admin_address);
    Ok((app, engine))
}

/// The API's side of a replica.
fn app(
    engine: &Engine,
    exposition: &Exposition,
    (keys, publisher): (wire::Keys, Arc<Publisher>),
    life: &Lifecycle,
) -> Result<App, Error> {
    let (config, link) = (engine.config.clone(), engine.link.clone());
    let tasks = Tasks { token: life.token(), tracker: life.tracker().clone() };
    let live = Live::new((link.clone(), keys.clone()), publisher.clone(), engine.silence.subscribe(), tasks);
    Ok(App {
        db: engine.db.clone(),
        metrics: exposition.api.clone(),
        clock: engine.clock.clone(),
        passwords: Passwords::new()?,
        tokens: Tokens::new(&config.auth),
        sender: engine.sender.clone(),
        vault: engine.vault.clone(),
        rates: Rates::new(config.auth.rate),
        actions: Actions {
            config: config.clone(),
            db: engine.db.clone(),
            lanes: engine.lanes.clone(),
            clock: engine.clock.clone(),
            budgets: Budgets::new(link.clone(), keys, config.quota.clone()),
            publisher,
            link,
        },
        live: Arc::new(live),
        config,
    })
}

pub(crate) fn lane_keys(config: &Config, lanes: i16) -> Vec<wire::Keys> {
    (0..lanes as u16).filter_map(|lane| wire::Keys::new(&config.stream.key, lane).ok()).collect()
}

/// What works on slots, beside the API.
fn loops(engine: &Arc<Engine>, life: &Lifecycle) {
    if !engine.config.stream.work {
        return;
    }
    for lane in 0..engine.lanes.len() as i16 {
        life.run(&format!("work on lane {lane}"), lane::run(engine.clone(), lane, life.token()));
    }
    life.run("connections", connections::keep(engine.clone(), life.token()));
    life.run("housekeeping", housekeeping::run(engine.clone(), life.token()));
    life.run("notifier", notifier::run(engine.clone(), life.token()));
    if !engine.config.watchdog.url.is_empty() {
        life.run("watchdog", watchdog::run(engine.clone(), life.token()));
    }
}

pub(crate) fn link(redis: &config::Redis) -> Result<wire::Link, Error> {
    let ca = net::authorities("redis.ca", redis.ca.as_deref()).map_err(ConfigError::from)?;
    let trust = ca.map(|pem| net::client_config(Some(&pem)).map(Arc::new)).transpose();
    let trust = trust.map_err(|why| ConfigError::new("redis.ca", why.to_string()))?;
    Ok(wire::Link::trusting(redis.url.reveal(), trust, redis.pool)?)
}

async fn serve_admin(config: &Config, admin: Admin, life: &Lifecycle) -> Result<SocketAddr, Error> {
    let listener = bind("admin.listen", config.admin.listen).await?;
    let address = address(&listener, "admin.listen", config.admin.listen)?;
    let settings = listen::Settings {
        connections: ADMIN_CONNECTIONS,
        connections_each: 0,
        stall: config.http.stall,
        trusted_proxies: Vec::new(),
        metrics: None,
    };
    let routes = api::admin::routes(admin);
    life.run("admin port", listen::serve(listener, routes, settings, life.token(), life.tracker().clone()));
    Ok(address)
}

async fn serve_api(app: &Arc<App>, life: &Lifecycle) -> Result<SocketAddr, Error> {
    let config = &app.config.http;
    let listener = bind("http.listen", config.listen).await?;
    let address = address(&listener, "http.listen", config.listen)?;
    let settings = listen::Settings {
        connections: config.connections,
        connections_each: config.connections_each,
        stall: config.stall,
        trusted_proxies: config.trusted_proxies.clone(),
        metrics: Some(app.metrics.clone()),
    };
    life.run("API", listen::serve(listener, api::api(app), settings, life.token(), life.tracker().clone()));
    Ok(address)
}

async fn bind(key: &'static str, wanted: SocketAddr) -> Result<TcpListener, Error> {
    TcpListener::bind(wanted).await.map_err(|why| Error::Listen(key, wanted, why))
}

fn address(listener: &TcpListener, key: &'static str, wanted: SocketAddr) -> Result<SocketAddr, Error> {
    listener.local_addr().map_err(|why| Error::Listen(key, wanted, why))
}

/// Whoever started us on port 0 reads it on standard output.
fn announce(http: SocketAddr, admin: SocketAddr) {
    tracing::info!(%http, %admin, "listening");
    // Nobody may be reading any more.
    let _ = writeln!(io::stdout(), "{}", json!({ "http": http, "admin": admin }));
}

/// The clock has no time before Redis tells it; nothing else can work without Redis either.
pub(crate) async fn first_look(link: &wire::Link) -> wire::Clock {
    loop {
        // On a line of our own: the pool tries again by itself, and does not say why it has to.
        match look(link.own()).await {
            Ok(now_ms) => return wire::Clock::new(now_ms),
            Err(why) => tracing::warn!(why, "waiting for Redis"),
        }
        tokio::time::sleep(OBSERVE / 4).await;
    }
}

/// Keeps the clock at Redis' time. While Redis is away it runs on by itself.
async fn watch_clock(engine: Arc<Engine>, token: CancellationToken) {
    loop {
        tokio::select! {
            () = token.cancelled() => return,
            () = tokio::time::sleep(OBSERVE) => {}
        }
        if let Ok(now_ms) = look(engine.link.short()).await {
            engine.clock.observe(now_ms);
        }
    }
}

async fn look(line: impl Future<Output = Result<wire::Line, wire::Error>>) -> Result<i64, String> {
    let asked = async { line.await?.time_ms().await };
    let answered = tokio::time::timeout(PATIENCE, asked).await;
    answered
        .map_err(|_| format!("no answer within {} s", PATIENCE.as_secs()))?
        .map_err(|why: wire::Error| why.to_string())
}

fn replica() -> String {
    let host = nix::unistd::gethostname().ok().and_then(|name| name.into_string().ok());
    format!("{}-{}", host.as_deref().unwrap_or("host"), std::process::id())
}
