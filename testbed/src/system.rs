//! The system under test, started from outside: private PostgreSQL and Redis, and the real binaries built next to this
//! one. It knows their environment variables and nothing of what they do.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use anyhow::{Context, Result};

use crate::{
    logs,
    process::Process,
    redis_users,
    resp::Socket,
    servers::{Postgres, Redis, Settings, free_port, install},
    service::{Service, binary},
};

/// The database of a run.
const DATABASE: &str = "upguard";
/// PostgreSQL's folder in that of a run.
const POSTGRES: &str = "postgres";
/// Control's settings for checks on request without limits: here all sites are on one host, and are checked as often as a test
/// likes.
pub const UNLIMITED_CHECKS: [(&str, &str); 3] = [
    ("UPGUARD_QUOTA__REQUESTED_CHECKS", "0"),
    ("UPGUARD_QUOTA__REQUESTED_CHECKS_HOST", "0"),
    ("UPGUARD_QUOTA__REQUESTED_CHECKS_PAUSE", "0s"),
];

/// Servers and a folder for one run, gone when dropped.
#[derive(Debug)]
pub struct TestSystem {
    /// Logs, and what was kept of the servers.
    pub dir: PathBuf,
    postgres: Mutex<Postgres>,
    redis: Mutex<Redis>,
    /// Whether Redis knows users, each with its name for a password.
    users: bool,
}

impl TestSystem {
    /// Starts PostgreSQL (with fsync) and Redis (with AOF) in `dir` and migrates the database. `parameters` are
    /// PostgreSQL's.
    pub fn start(dir: &Path, parameters: &[(&str, &str)]) -> Result<Self> {
        Self::start_with(dir, parameters, None)
    }

    /// [`TestSystem::start`], where control and each of `regions` is a user of Redis with the rights it needs and no others.
    pub fn start_with_users(dir: &Path, regions: &[&str]) -> Result<Self> {
        Self::start_with(dir, &[], Some(regions))
    }

    /// The servers alone, on the data of an earlier run in `dir` if there is any.
    pub fn servers(dir: &Path) -> Result<Self> {
        Self::servers_with(dir, &[], None)
    }

    /// Forgets what PostgreSQL keeps for `dir`, wherever that had to be. It must not run any more.
    pub fn remove_data(dir: &Path) -> Result<()> {
        Postgres::remove_data(&dir.join(POSTGRES))
    }

    fn start_with(dir: &Path, parameters: &[(&str, &str)], regions: Option<&[&str]>) -> Result<Self> {
        let system = Self::servers_with(dir, parameters, regions)?;
        system.control_command("migrate", "migrate")?.run_to_end()?;
        Ok(system)
    }

    fn servers_with(dir: &Path, parameters: &[(&str, &str)], regions: Option<&[&str]>) -> Result<Self> {
        install::ensure(&["postgresql", "redis-server"])?;
        let parameters = parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let settings = Settings { parameters, ..Settings::default() };
        let postgres = Postgres::start_with(&dir.join(POSTGRES), settings)?;
        postgres.create_database(DATABASE)?;
        let acl = regions.map(|regions| redis_users::write(dir, regions)).transpose()?;
        let acl = acl.as_ref().map(|file| file.to_string_lossy());
        let acl = acl.as_ref().map_or(Vec::new(), |file| vec!["--aclfile", file.as_ref()]);
        let redis = Mutex::new(Redis::start(&dir.join("redis"), &acl)?);
        Ok(Self { dir: dir.to_owned(), postgres: Mutex::new(postgres), redis, users: regions.is_some() })
    }

    /// PostgreSQL, to be stopped and started; nobody else can ask it anything meanwhile.
    pub fn postgres(&self) -> MutexGuard<'_, Postgres> {
        self.postgres.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Redis, to be killed and started.
    pub fn redis(&self) -> MutexGuard<'_, Redis> {
        self.redis.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The processes of both servers.
    pub fn processes(&mut self) -> [&mut Process; 2] {
        let postgres = self.postgres.get_mut().unwrap_or_else(PoisonError::into_inner);
        let redis = self.redis.get_mut().unwrap_or_else(PoisonError::into_inner);
        [postgres.process(), redis.process()]
    }

    /// The URL of Redis for `user`, where it knows users at all.
    pub fn redis_url(&self, user: &str) -> String {
        let port = self.redis().port();
        if self.users { format!("redis://{user}:{user}@127.0.0.1:{port}") } else { format!("redis://127.0.0.1:{port}") }
    }

    /// A connection to Redis as `user`, which may do what that user may.
    pub fn redis_as(&self, user: &str) -> Result<Socket> {
        let port = self.redis().port();
        Socket::open(port, self.users.then_some((user, user)))
    }

    /// A connection to Redis as who may do everything.
    pub fn redis_operator(&self) -> Result<Socket> {
        self.redis_as(redis_users::OPERATOR)
    }

    /// The database's URL.
    pub fn database_url(&self) -> String {
        self.postgres().url(DATABASE)
    }

    /// Runs SQL on the database; rows come back as lines, columns separated by `|`.
    pub fn sql(&self, sql: &str) -> Result<String> {
        self.postgres().psql(DATABASE, sql)
    }

    /// [`TestSystem::sql`], unless PostgreSQL is in somebody's hands: whoever stops it holds it.
    pub fn try_sql(&self, sql: &str) -> Result<String> {
        let postgres = self.postgres.try_lock().ok().context("PostgreSQL is being stopped or started")?;
        postgres.psql(DATABASE, sql)
    }

    /// One number that SQL answers.
    pub fn number(&self, sql: &str) -> Result<i64> {
        let text = self.sql(sql)?;
        text.parse().with_context(|| format!("`{text}` instead of a number from: {sql}"))
    }

    /// One of control's commands under a `name`, not yet started: it knows its servers and its secrets.
    pub fn control_command(&self, name: &str, command: &str) -> Result<Service> {
        let service = Service::new(name, binary("upguard-control")?, &self.dir)
            .arg(command)
            .env("UPGUARD_POSTGRES__URL", &self.database_url())
            .env("UPGUARD_REDIS__URL", &self.redis_url(redis_users::CONTROL))
            .env("UPGUARD_AUTH__SECRET", "testbed-signs-with-this-and-nobody-else")
            .env("UPGUARD_SECRETS__KEY", "testbed-encrypts-with-this-and-nobody-else")
            .env("UPGUARD_EGRESS__ALLOW", "127.0.0.0/8");
        Ok(service)
    }

    /// A control replica at the port `http`, not yet started.
    pub fn replica(&self, name: &str, http: u16) -> Result<Control> {
        let admin = free_port()?;
        let at = |port: u16| format!("127.0.0.1:{port}");
        let (api, admin_at) = (format!("http://{}", at(http)), at(admin));
        let service = self.control_command(name, "serve")?;
        let service = service.env("UPGUARD_HTTP__LISTEN", &at(http)).env("UPGUARD_ADMIN__LISTEN", &admin_at);
        let service = service.env("UPGUARD_PUBLIC_URL", &api);
        Ok(Control { service, api, admin: format!("http://{admin_at}") })
    }

    /// A control replica without limits for who asks, not yet started.
    pub fn control(&self, name: &str) -> Result<Control> {
        let mut control = self.replica(name, free_port()?)?;
        let unlimited = [("UPGUARD_HTTP__CONNECTIONS_EACH", "0")].into_iter().chain(UNLIMITED_CHECKS);
        control.service = unlimited.fold(control.service, |service, (name, value)| service.env(name, value));
        Ok(control)
    }

    /// A probe of `region`, not yet started; it may check this machine.
    pub fn probe(&self, region: &str, worker: &str) -> Result<Service> {
        let name = format!("probe-{region}-{worker}");
        probe(&self.dir, &name, &self.redis_url(region)).map(|it| it.env("REGION_ID", region).env("WORKER_ID", worker))
    }

    /// Why control replicas let their lanes go, and how often.
    pub fn let_go(&self) -> BTreeMap<String, usize> {
        logs::let_go(&self.dir.join("logs"))
    }

    /// Stops the servers and removes all they kept.
    pub fn remove(self) -> Result<()> {
        let _ = (self.postgres().stop(), self.redis().stop());
        // PostgreSQL may have had to live elsewhere: its log is beside its data.
        let home = self.postgres().process().log().parent().map(Path::to_owned);
        for dir in home.iter().chain([&self.dir]).filter(|dir| dir.exists()) {
            std::fs::remove_dir_all(dir).with_context(|| format!("cannot remove {}", dir.display()))?;
        }
        Ok(())
    }
}

/// A probe on any Redis, not yet started; it may check this machine, as often as it likes.
pub fn probe(dir: &Path, name: &str, redis_url: &str) -> Result<Service> {
    let service = Service::new(name, binary("upguard-probe")?, dir)
        .env("REDIS_URL", redis_url)
        .env("UPGUARD_PROBE__EGRESS__ALLOW", "127.0.0.0/8")
        .env("UPGUARD_PROBE__PER_HOST", "0")
        .env("UPGUARD_PROBE__METRICS_LISTEN", &format!("127.0.0.1:{}", free_port()?));
    Ok(service)
}

/// A control replica and where it listens.
pub struct Control {
    /// The process.
    pub service: Service,
    /// Base URL of the API.
    pub api: String,
    /// Base URL of `/readyz` and `/metrics`.
    pub admin: String,
}

/// The folder of a run called `name`, under cargo's target folder.
pub fn folder(name: &str) -> Result<PathBuf> {
    let dir = crate::target_dir().join("testbed").join(format!("{name}-{}", std::process::id()));
    std::fs::create_dir_all(&dir).with_context(|| format!("cannot make {}", dir.display()))?;
    Ok(dir)
}
