//! A replica from its start to its end: what runs, in which order it starts, and what it waits for.

pub mod error;

use std::{
    io::{self, Write},
    net::SocketAddr,
    sync::Arc,
    time::Duration,
};

use serde_json::json;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::{
    app::App,
    budget::Budgets,
    channel::{Courier, Vault},
    config::{self, Config, ConfigError},
    connections,
    health::Health,
    housekeeping,
    http::{self, admin::Admin, listen, ready::Readiness},
    lane, lane_watch,
    lane_watch::seen::LanesSeen,
    lifecycle::Lifecycle,
    live::{self, Live},
    measure,
    metrics::Metrics,
    migrate, notifier,
    password::Passwords,
    rate::Rates,
    store::Db,
    token::Tokens,
    watchdog,
};

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
    if let Some(app) = started? {
        app.db.close();
        app.work.close();
    }
    tracing::info!("stopped");
    Ok(ended?)
}

async fn start(config: Config, migrates: bool, life: &Lifecycle) -> Result<Arc<App>, Error> {
    let health = Health::default();
    let lanes_seen = LanesSeen::default();
    let metrics = Arc::new(Metrics::new()?);
    let db = Db::new(&config)?.noting(metrics.servers.waits.clone());
    let link = link(&config.redis)?;

    // First the admin port, so that whoever waits for us can read what we wait for.
    let replica = replica();
    let readiness = Readiness {
        health: health.clone(),
        lanes_seen: lanes_seen.clone(),
        replica: replica.clone(),
        db: db.clone(),
        link: link.clone(),
    };
    let admin_address = serve_admin(&config, Admin { readiness, metrics: metrics.clone() }, life).await?;

    health.set("start", Err("waiting for PostgreSQL, and bringing its schema up to date".to_owned()));
    let lanes = if migrates { migrate::run(&config).await? } else { migrate::look(&config).await? };
    let work = connections::settle(&config, lanes, &db).await?;
    health.set("start", Err("waiting for Redis to tell the time".to_owned()));
    let clock = first_look(&link).await;

    let keys = wire::Keys::new(&config.stream.key, 0)?;
    let live = Live::new(link.clone(), keys.clone(), life.token(), life.tracker().clone());
    let app = Arc::new(App {
        live: Arc::new(live),
        lanes: (0..lanes as u16).filter_map(|lane| wire::Keys::new(&config.stream.key, lane).ok()).collect(),
        passwords: Passwords::new()?,
        tokens: Tokens::new(&config.auth),
        courier: Courier::new(&config)?,
        vault: Vault::new(&config.secrets),
        rates: Rates::new(config.auth.rate),
        replica,
        budgets: Budgets::new(link.clone(), keys.clone(), config.quota.clone()),
        config,
        db,
        work,
        link,
        metrics,
        health,
        lanes_seen,
        clock,
    });
    life.run("clock", watch_clock(app.clone(), life.token()));
    life.run("live reader", live::run(app.live.clone(), life.token()));
    life.run("watch over lanes", lane_watch::run(app.clone(), life.token()));
    life.run("measuring", measure::run(app.clone(), life.token()));
    loops(&app, life);
    let http_address = serve_api(&app, life).await?;
    app.health.clear("start");
    announce(http_address, admin_address);
    Ok(app)
}

/// What works on slots, beside the API.
fn loops(app: &Arc<App>, life: &Lifecycle) {
    if !app.config.stream.work {
        return;
    }
    for lane in 0..app.lanes.len() as i16 {
        life.run(&format!("work on lane {lane}"), lane::run(app.clone(), lane, life.token()));
    }
    life.run("connections", connections::keep(app.clone(), life.token()));
    life.run("housekeeping", housekeeping::run(app.clone(), life.token()));
    life.run("notifier", notifier::run(app.clone(), life.token()));
    if !app.config.watchdog.url.is_empty() {
        life.run("watchdog", watchdog::run(app.clone(), life.token()));
    }
}

fn link(redis: &config::Redis) -> Result<wire::Link, Error> {
    let ca = net::authorities("redis.ca", redis.ca.as_deref()).map_err(ConfigError::from)?;
    Ok(wire::Link::trusting(redis.url.reveal(), ca.as_deref(), redis.pool)?)
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
    let routes = http::admin::routes(admin);
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
    life.run("API", listen::serve(listener, http::api(app), settings, life.token(), life.tracker().clone()));
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
async fn first_look(link: &wire::Link) -> wire::Clock {
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
async fn watch_clock(app: Arc<App>, token: CancellationToken) {
    loop {
        tokio::select! {
            () = token.cancelled() => return,
            () = tokio::time::sleep(OBSERVE) => {}
        }
        if let Ok(now_ms) = look(app.link.short()).await {
            app.clock.observe(now_ms);
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
