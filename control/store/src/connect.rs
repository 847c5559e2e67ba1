//! The ways to PostgreSQL: a pool for the API, one for what works, and single connections for who needs one alone.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

use config::Config;
use deadpool_postgres::{
    ConfigConnectImpl, Connect, Manager, ManagerConfig, Object, Pool, PoolError, RecyclingMethod, Runtime, Timeouts,
};
use futures_util::future::{BoxFuture, join_all};
use tokio::task::JoinHandle;
use tokio_postgres::{Client, config::SslMode, error::SqlState};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::{Error, Result};

/// Dialling, a free place in the pool, and a dead connection's discovery: each may take this long.
const STEP: Duration = Duration::from_secs(2);
/// How long PostgreSQL is asked again when it has no connection left for us, and how often.
const FULL: Duration = Duration::from_millis(1500);
const FULL_LOOK: Duration = Duration::from_millis(100);
/// All of them together: an API answer says 503 rather than hang.
const PATIENCE: Duration = Duration::from_secs(3);
/// What every session of ours goes by: an owner that stops in mid-transaction must not hold up its successor, and a
/// commit that was answered must be on disk.
const SESSION: &str = "-c idle_in_transaction_session_timeout=5s -c synchronous_commit=on -c jit=off";
/// The pool's sessions serve people: nothing they ask takes longer.
const POOLED: &str = "-c statement_timeout=10s";

/// The pool of connections to PostgreSQL, at one moment.
#[derive(Clone, Copy, Debug)]
pub struct PoolState {
    /// The most there may be.
    pub size: usize,
    /// In somebody's hands.
    pub used: usize,
    /// Open, and in nobody's.
    pub idle: usize,
    /// Who waits for one.
    pub waiting: usize,
}

/// Hears how long it took to get a connection, and whether there was one.
pub type Noting = Arc<dyn Fn(Duration, bool) + Send + Sync>;

/// The pool.
#[derive(Clone)]
pub struct Db {
    pool: Pool,
    noting: Option<Noting>,
}

impl fmt::Debug for Db {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Db({:?})", self.state())
    }
}

impl Db {
    /// A pool of one connection that has dialled nothing yet: enough to find out how many there may be.
    pub fn new(config: &Config) -> Result<Self> {
        Self::sized(config, 1)
    }

    /// A pool of `size` that has dialled nothing yet.
    pub fn sized(config: &Config, size: usize) -> Result<Self> {
        let mut settings = settings(config, "upguard-control")?;
        add_options(&mut settings, POOLED);
        // Verified: after PostgreSQL restarts, a request must not be handed a connection that has died meanwhile.
        let manager = ManagerConfig { recycling_method: RecyclingMethod::Verified };
        let manager = Manager::from_connect(settings, Patient(ConfigConnectImpl { tls: tls(config)? }), manager);
        let timeouts = Timeouts { wait: Some(STEP), create: Some(STEP), recycle: Some(STEP / 2) };
        let pool = Pool::builder(manager).max_size(size).timeouts(timeouts).runtime(Runtime::Tokio1);
        let pool = pool.build().map_err(|why| Error::Unavailable(why.to_string()))?;
        Ok(Self { pool, noting: None })
    }

    /// The same, noting how long each connection takes to be had.
    #[must_use]
    pub fn noting(self, noting: Noting) -> Self {
        Self { noting: Some(noting), ..self }
    }

    /// A connection, within 3 s or not at all.
    pub async fn get(&self) -> Result<Object> {
        let asked = Instant::now();
        let had = tokio::time::timeout(PATIENCE, self.pool.get()).await;
        if let Some(note) = &self.noting {
            note(asked.elapsed(), matches!(had, Ok(Ok(_))));
        }
        match had {
            Ok(connection) => Ok(connection?),
            Err(_) => Err(Error::Unavailable(format!("no connection within {} s", PATIENCE.as_secs()))),
        }
    }

    /// A larger size from now on. A pool cannot be made smaller: deadpool goes on handing out what it has not dialled yet.
    pub fn grow(&self, size: usize) {
        debug_assert!(size >= self.pool.status().max_size, "a pool only grows");
        self.pool.resize(size);
    }

    /// Dials what is missing, so that nobody else takes it. Fails where PostgreSQL has no connection left for us; what
    /// does not come for another reason is dialled when it is needed.
    pub async fn open_all(&self) -> std::result::Result<(), String> {
        let PoolState { size, used, idle, .. } = self.state();
        if used + idle >= size {
            return Ok(());
        }
        let missing = join_all((used..size).map(|_| self.pool.get())).await;
        let is_none_left = |why: &PoolError| matches!(why, PoolError::Backend(why) if is_full(why));
        let refused = missing.into_iter().filter_map(std::result::Result::err).find(is_none_left);
        refused.map_or(Ok(()), |why| Err(Error::from(why).to_string()))
    }

    /// Who has connections, and who waits for one.
    pub fn state(&self) -> PoolState {
        let status = self.pool.status();
        let used = status.size.saturating_sub(status.available);
        PoolState { size: status.max_size, used, idle: status.available, waiting: status.waiting }
    }

    /// Hands out nothing any more and closes what is idle.
    pub fn close(&self) {
        self.pool.close();
    }
}

/// Dials, and dials again for a while where PostgreSQL has no connection left: a session that ended, or that was refused,
/// still counts until its process is gone, so that callers who are refused one after the other would keep each other out.
struct Patient(ConfigConnectImpl<MakeRustlsConnect>);

impl Connect for Patient {
    fn connect(
        &self,
        settings: &tokio_postgres::Config,
    ) -> BoxFuture<'_, std::result::Result<(Client, JoinHandle<()>), tokio_postgres::Error>> {
        let settings = settings.clone();
        Box::pin(async move {
            let asked = Instant::now();
            loop {
                match self.0.connect(&settings).await {
                    Err(why) if is_full(&why) && asked.elapsed() < FULL => tokio::time::sleep(FULL_LOOK).await,
                    dialled => return dialled,
                }
            }
        })
    }
}

fn is_full(why: &tokio_postgres::Error) -> bool {
    why.code() == Some(&SqlState::TOO_MANY_CONNECTIONS)
}

/// One connection outside the pool, and the future that drives it, which ends with it: run it on a task you own.
/// `application_name` is how its session is found in `pg_stat_activity`.
pub async fn connect(
    config: &Config,
    application_name: &str,
) -> Result<(Client, impl Future<Output = std::result::Result<(), tokio_postgres::Error>> + Send + use<>)> {
    let (client, connection) = settings(config, application_name)?.connect(tls(config)?).await?;
    Ok((client, connection))
}

pub(super) fn settings(config: &Config, application_name: &str) -> Result<tokio_postgres::Config> {
    let mut settings: tokio_postgres::Config = config.postgres.url.reveal().parse()?;
    settings.application_name(application_name).connect_timeout(STEP);
    settings.keepalives_idle(Duration::from_secs(10)).keepalives_interval(Duration::from_secs(3)).keepalives_retries(3);
    settings.tcp_user_timeout(Duration::from_secs(10));
    // Who names an authority wants its word.
    if config.postgres.ca.is_some() {
        settings.ssl_mode(SslMode::Require);
    }
    // "prefer" would verify whatever certificate a package's default set-up has, and fail on it.
    if settings.get_ssl_mode() == SslMode::Prefer {
        settings.ssl_mode(SslMode::Disable);
    }
    add_options(&mut settings, SESSION);
    // Whether alerts count on mail.
    let mail = if config.smtp.host.is_empty() { "off" } else { "on" };
    add_options(&mut settings, &format!("-c upguard.smtp={mail}"));
    Ok(settings)
}

fn add_options(settings: &mut tokio_postgres::Config, more: &str) {
    let all = settings.get_options().map_or_else(|| more.to_owned(), |given| format!("{given} {more}"));
    settings.options(all);
}

/// The operator's authorities, where there are any: who runs them trusts nobody else to vouch for the database.
pub(super) fn tls(config: &Config) -> Result<MakeRustlsConnect> {
    let pem = net::authorities("postgres.ca", config.postgres.ca.as_deref());
    let pem = pem.map_err(|why| Error::Unavailable(why.to_string()))?;
    let tls = net::client_config(pem.as_deref());
    tls.map(MakeRustlsConnect::new).map_err(|why| Error::Unavailable(format!("postgres.ca: {why}")))
}
