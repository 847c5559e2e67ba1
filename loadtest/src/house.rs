//! The system under test, started from outside: private PostgreSQL and Redis, and the real binaries built next to this
//! one. It knows their environment variables and nothing of what they do.

use std::{
    collections::BTreeMap,
    io::{Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::Command,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use nix::sys::signal::Signal;
use xtask::{
    process::Process,
    servers::{Postgres, Redis, Settings, free_port, install},
};

use crate::resp::Socket;

mod logs;
mod users;

/// The database of a run.
const DATABASE: &str = "upguard";
/// How long a process may take until it is there.
const START_LIMIT: Duration = Duration::from_mins(1);

/// Servers and a folder for one run, gone when dropped.
pub struct House {
    /// Logs, and what was kept of the servers.
    pub dir: PathBuf,
    postgres: Mutex<Postgres>,
    redis: Mutex<Redis>,
    /// Whether Redis knows users, each with its name for a password.
    users: bool,
}

impl House {
    /// Starts PostgreSQL (with fsync) and Redis (with AOF) in `dir` and migrates the database. `parameters` are
    /// PostgreSQL's.
    pub fn start(dir: &Path, parameters: &[(&str, &str)]) -> Result<Self> {
        Self::start_with(dir, parameters, None)
    }

    /// [`House::start`], where control and each of `regions` is a user of Redis with the rights it needs and no others.
    pub fn start_with_users(dir: &Path, regions: &[&str]) -> Result<Self> {
        Self::start_with(dir, &[], Some(regions))
    }

    fn start_with(dir: &Path, parameters: &[(&str, &str)], regions: Option<&[&str]>) -> Result<Self> {
        install::ensure(&["postgresql", "redis-server"])?;
        let control = binary("upguard-control")?;
        let parameters = parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let settings = Settings { parameters, ..Settings::default() };
        let postgres = Postgres::start_with(&dir.join("postgres"), settings)?;
        postgres.create_database(DATABASE)?;
        let acl = regions.map(|regions| users::write(dir, regions)).transpose()?;
        let acl = acl.as_ref().map(|file| file.to_string_lossy());
        let acl = acl.as_ref().map_or(Vec::new(), |file| vec!["--aclfile", file.as_ref()]);
        let redis = Mutex::new(Redis::start(&dir.join("redis"), &acl)?);
        let users = regions.is_some();
        let house = Self { dir: dir.to_owned(), postgres: Mutex::new(postgres), redis, users };
        let mut migrate = Service::new("migrate", control, &house.dir).arg("migrate");
        migrate.env.extend(house.control_env(0, 0));
        migrate.run_to_end()?;
        Ok(house)
    }

    /// PostgreSQL, to be stopped and started; nobody else can ask it anything meanwhile.
    pub fn postgres(&self) -> MutexGuard<'_, Postgres> {
        self.postgres.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Redis, to be killed and started.
    pub fn redis(&self) -> MutexGuard<'_, Redis> {
        self.redis.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The URL of Redis for `user`.
    fn redis_url(&self, user: &str) -> String {
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
        self.redis_as(users::OPERATOR)
    }

    /// The database's URL.
    pub fn database_url(&self) -> String {
        self.postgres().url(DATABASE)
    }

    /// Runs SQL on the database; rows come back as lines, columns separated by `|`.
    pub fn sql(&self, sql: &str) -> Result<String> {
        self.postgres().psql(DATABASE, sql)
    }

    /// [`House::sql`], unless PostgreSQL is in somebody's hands: whoever stops it holds it.
    pub fn try_sql(&self, sql: &str) -> Result<String> {
        let postgres = self.postgres.try_lock().ok().context("PostgreSQL is being stopped or started")?;
        postgres.psql(DATABASE, sql)
    }

    /// One number that SQL answers.
    pub fn number(&self, sql: &str) -> Result<i64> {
        let text = self.sql(sql)?;
        text.parse().with_context(|| format!("`{text}` instead of a number from: {sql}"))
    }

    /// A control replica, not yet started.
    pub fn control(&self, name: &str) -> Result<Control> {
        let (http, admin) = (free_port()?, free_port()?);
        let mut service = Service::new(name, binary("upguard-control")?, &self.dir).arg("serve");
        service.env.extend(self.control_env(http, admin));
        Ok(Control { service, api: format!("http://127.0.0.1:{http}"), admin: format!("http://127.0.0.1:{admin}") })
    }

    /// A probe of `region`, not yet started; it may check this machine.
    pub fn probe(&self, region: &str, worker: &str) -> Result<Service> {
        let name = format!("probe-{region}-{worker}");
        probe(&self.dir, &name, &self.redis_url(region)).map(|it| it.env("REGION_ID", region).env("WORKER_ID", worker))
    }

    fn control_env(&self, http: u16, admin: u16) -> Vec<(String, String)> {
        let at = |port: u16| format!("127.0.0.1:{port}");
        [
            ("UPGUARD_HTTP__LISTEN", at(http)),
            ("UPGUARD_ADMIN__LISTEN", at(admin)),
            ("UPGUARD_POSTGRES__URL", self.database_url()),
            ("UPGUARD_REDIS__URL", self.redis_url(users::CONTROL)),
            ("UPGUARD_AUTH__SECRET", "loadtest-signs-with-this-and-nobody-else".to_owned()),
            ("UPGUARD_SECRETS__KEY", "loadtest-encrypts-with-this-and-nobody-else".to_owned()),
            ("UPGUARD_PUBLIC_URL", format!("http://127.0.0.1:{http}")),
            ("UPGUARD_EGRESS__ALLOW", "127.0.0.0/8".to_owned()),
            ("UPGUARD_HTTP__CONNECTIONS_EACH", "0".to_owned()),
            // All sites are on one host here, and checked as often as a test likes.
            ("UPGUARD_QUOTA__REQUESTED_CHECKS", "0".to_owned()),
            ("UPGUARD_QUOTA__REQUESTED_CHECKS_HOST", "0".to_owned()),
            ("UPGUARD_QUOTA__REQUESTED_CHECKS_PAUSE", "0s".to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .to_vec()
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

/// A process that is started, and started again.
pub struct Service {
    /// For people, and for the log's file name.
    pub name: String,
    program: PathBuf,
    args: Vec<String>,
    env: Vec<(String, String)>,
    log: PathBuf,
    process: Option<Process>,
}

impl Service {
    /// `program` with its log in `dir`, not yet started.
    pub fn new(name: &str, program: PathBuf, dir: &Path) -> Self {
        let log = dir.join("logs").join(format!("{name}.log"));
        Self { name: name.to_owned(), program, args: Vec::new(), env: Vec::new(), log, process: None }
    }

    /// Another program instead.
    #[must_use]
    pub fn program(mut self, program: &Path) -> Self {
        program.clone_into(&mut self.program);
        self
    }

    /// With one more argument.
    #[must_use]
    pub fn arg(mut self, arg: &str) -> Self {
        self.args.push(arg.to_owned());
        self
    }

    /// With one more variable.
    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Starts it; ends what still runs of it.
    pub fn start(&mut self) -> Result<()> {
        self.process = None;
        let mut command = Command::new(&self.program);
        command.args(&self.args);
        // Whatever configures a system of the user's own must not configure this one.
        let ours = |name: &str| name.starts_with("UPGUARD_") || ["REGION_ID", "WORKER_ID", "REDIS_URL"].contains(&name);
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_str().is_some_and(ours)) {
            command.env_remove(name);
        }
        command.envs(self.env.iter().map(|(name, value)| (name, value)));
        self.process = Some(Process::spawn(&self.name, command, &self.log)?);
        Ok(())
    }

    /// Runs it until it ends by itself; anything but success is an error.
    pub fn run_to_end(&mut self) -> Result<()> {
        self.start()?;
        let ended = self.process.as_mut().and_then(|process| process.wait(START_LIMIT));
        match ended {
            Some(status) if status.success() => Ok(()),
            Some(status) => bail!("{} ended with {status}:\n{}", self.name, self.log_tail()),
            None => bail!("{} did not end within {} s:\n{}", self.name, START_LIMIT.as_secs(), self.log_tail()),
        }
    }

    /// Its process id while it runs.
    pub fn pid(&self) -> Option<i32> {
        self.process.as_ref().map(Process::pid)
    }

    /// Whether it runs; a paused one does.
    pub fn is_running(&mut self) -> bool {
        self.process.as_mut().is_some_and(Process::is_running)
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) -> Result<()> {
        self.process.as_ref().with_context(|| format!("{} was not started", self.name))?.signal(signal)
    }

    /// SIGKILL.
    pub fn kill9(&mut self) {
        if let Some(process) = &mut self.process {
            process.kill9();
        }
    }

    /// SIGTERM, and SIGKILL when it does not listen.
    pub fn stop(&mut self) {
        if let Some(process) = &mut self.process {
            let _ = process.stop(Signal::SIGTERM, Duration::from_secs(10));
        }
    }

    /// Why it may have ended: its panic, else the end of its log.
    pub fn last_words(&self) -> String {
        logs::panic(&self.log).unwrap_or_else(|| self.log_tail())
    }

    /// The end of its log.
    pub fn log_tail(&self) -> String {
        self.process.as_ref().map(|process| process.log_tail(15)).unwrap_or_default()
    }

    /// Asks `ready` until it says yes; an error when the process ends first, or is not ready within a minute.
    pub fn wait_until(&mut self, what: &str, mut ready: impl FnMut() -> bool) -> Result<()> {
        let deadline = Instant::now() + START_LIMIT;
        while !ready() {
            if !self.is_running() {
                bail!("{} ended before {what}:\n{}", self.name, self.log_tail());
            }
            if Instant::now() > deadline {
                bail!("{}: not within {} s: {what}\n{}", self.name, START_LIMIT.as_secs(), self.log_tail());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }
}

/// The folder of a run called `name`, under cargo's target folder.
pub fn folder(name: &str) -> Result<PathBuf> {
    let dir = xtask::target_dir().join("loadtest").join(format!("{name}-{}", std::process::id()));
    std::fs::create_dir_all(&dir).with_context(|| format!("cannot make {}", dir.display()))?;
    Ok(dir)
}

/// A program built next to this one (tests run one folder deeper).
pub fn binary(name: &str) -> Result<PathBuf> {
    let me = std::env::current_exe()?;
    let found = me.ancestors().skip(1).take(2).map(|dir| dir.join(name)).find(|file| file.is_file());
    found.with_context(|| {
        let release = if cfg!(debug_assertions) { "" } else { " --release" };
        format!("{name} is not built beside {}: run `cargo build -p {name}{release}`", me.display())
    })
}

/// Whether a GET of `url` is answered with 200 within a second.
pub fn is_ok(url: &str) -> bool {
    get(url).is_ok_and(|answer| answer.starts_with("HTTP/1.1 200 "))
}

/// What a GET of `url` on this machine is answered with, head and body as they come.
pub fn get(url: &str) -> Result<String> {
    let rest = url.strip_prefix("http://").with_context(|| format!("{url} is not http"))?;
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let mut socket = TcpStream::connect(host)?;
    socket.set_read_timeout(Some(Duration::from_secs(1)))?;
    write!(socket, "GET /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    socket.read_to_string(&mut answer)?;
    Ok(answer)
}
