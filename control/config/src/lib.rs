//! Every setting there is, with its default and why. `defaults.toml` < the TOML file named by `UPGUARD_CONFIG` <
//! the environment (`UPGUARD_<SECTION>__<KEY>`). The process environment is read here and nowhere else.
//!
//! It knows names, shapes and contradictions; it dials nothing.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use ipnet::IpNet;
use serde::Deserialize;
use url::Url;

mod check;
mod environment;
mod load;
mod quota;
mod secret;
mod smtp;

pub use check::ConfigError;
pub use load::{from, load};
pub use secret::Secret;

/// The whole configuration.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The API and dashboard.
    pub http: Http,
    /// Health and metrics, for machines.
    pub admin: Admin,
    /// Where people reach this installation; links are made for it, and cookies are `Secure` when it is https. [<http://localhost:8080>]
    #[serde(deserialize_with = "load::url")]
    pub public_url: Url,
    /// The truth.
    pub postgres: Postgres,
    /// What carries the work.
    pub redis: Redis,
    /// Names on Redis.
    pub stream: Stream,
    /// How regions come to be.
    pub regions: Regions,
    /// Sign-in.
    pub auth: Auth,
    /// What is kept, and for how long.
    pub retention: Retention,
    /// What control itself may connect to.
    pub egress: Egress,
    /// The mail server.
    pub smtp: Smtp,
    /// How channels' secrets are kept.
    pub secrets: Secrets,
    /// What is written to standard error.
    pub log: Log,
    /// When people are called, and how.
    pub alerting: Alerting,
    /// How much tenants may have, and have done.
    pub quota: Quota,
    /// Monitors as Prometheus sees them.
    pub metrics: Metrics,
    /// Who notices when we are dead.
    pub watchdog: Watchdog,
    /// The times the walk of a slot goes by.
    pub times: Times,
    /// What `seed` makes.
    pub seed: Seed,
}

/// `http.*`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Http {
    /// Address of the API. Port 0 takes a free one and prints it. [0.0.0.0:8080]
    pub listen: SocketAddr,
    /// Networks whose `X-Forwarded-For` is believed. [none: the peer is the client]
    pub trusted_proxies: Vec<IpNet>,
    /// Connections served at once. When all are taken, the one that has been silent longest makes room; where none is
    /// silent, more wait in the kernel's queue. [4096]
    pub connections: usize,
    /// Connections from one address (of IPv6: one /64); 0 is no limit. Trusted proxies have none. [512]
    pub connections_each: usize,
    /// A client that reads nothing of what is sent to it for so long is dropped. [30s]
    #[serde(with = "humantime_serde")]
    pub stall: Duration,
}

/// `admin.*`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Admin {
    /// Address of `/livez`, `/readyz` and `/metrics`: not for the public. [0.0.0.0:9090]
    pub listen: SocketAddr,
    /// How long it is between two looks at PostgreSQL and Redis for `/metrics`; sizes are asked for in one look of six. [10s]
    #[serde(with = "humantime_serde")]
    pub measure: Duration,
}

/// `postgres.*`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Postgres {
    /// `postgres://user:password@host:port/database`; TLS with `?sslmode=require`, and then the certificate must be
    /// valid for the host. [<postgres://postgres@127.0.0.1:5432/upguard>]
    pub url: Secret,
    /// A PEM file of the authorities its certificate must come from, in place of the public ones, or of that certificate
    /// itself; TLS is required then. [none]
    #[serde(deserialize_with = "load::path_or_none")]
    pub ca: Option<PathBuf>,
    /// Connections of the API's pool. Beside it a replica that works has two for each lane and three more, which are
    /// opened first: what PostgreSQL grants beyond them is the API's, up to this many. [16]
    pub pool: usize,
}

/// `redis.*`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Redis {
    /// `redis://user:password@host:port`, or `rediss://…` for TLS; through Sentinel
    /// `redis+sentinel://user:password@s1:26379,s2:26379/mymaster`, or `rediss+sentinel://…` (docs/redis.md).
    /// [<redis://127.0.0.1:6379>]
    pub url: Secret,
    /// A PEM file of the authorities its certificate must come from, and those of the Sentinels, in place of the public
    /// ones, or of that certificate itself. [none]
    #[serde(deserialize_with = "load::path_or_none")]
    pub ca: Option<PathBuf>,
    /// Connections for short commands; blocking reads have their own. [8]
    pub pool: u32,
}

/// `stream.*`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stream {
    /// The job stream, and the prefix of all other keys. [betteruptime:website]
    pub key: String,
    /// Lanes a new installation gets; the number stored then wins over this. [1]
    pub lanes: i16,
    /// Whether this replica pushes and ingests; one that does not serves the API alone. [true]
    pub work: bool,
}

/// `regions.*`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Regions {
    /// Whether a region registers itself with its first fleet facts. [true]
    pub auto: bool,
}

/// `auth.*`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Auth {
    /// Signs tokens: at least 32 bytes, random, the same on all replicas. Required, unless `auth.secrets` is given.
    pub secret: Secret,
    /// Several, to change it without signing anybody out: the first signs, all verify. [none]
    pub secrets: Vec<Secret>,
    /// How long an access token is good for; a lost one cannot be called back sooner than its sign-in is revoked. [15m]
    #[serde(with = "humantime_serde")]
    pub access_ttl: Duration,
    /// How long a sign-in lasts without being used. [30d]
    #[serde(with = "humantime_serde")]
    pub refresh_ttl: Duration,
    /// Whether anybody may sign up. [open]
    pub signup: Signup,
    /// How often sign-in and sign-up may be tried.
    pub rate: Rate,
}

/// `auth.signup`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Signup {
    /// Anybody.
    Open,
    /// Only who was invited.
    Invite,
}

/// `auth.rate.*`: tries per minute on this replica; 0 is no limit.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// For one account. [10]
    pub account: u32,
    /// From one address (of IPv6: one /64). [30]
    pub address: u32,
}

/// `retention.*`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    /// Every single result; whole days. [30d]
    #[serde(with = "humantime_serde")]
    pub raw: Duration,
    /// Hourly summaries. [400d: a year and a month to compare with]
    #[serde(with = "humantime_serde")]
    pub hourly: Duration,
}

/// `egress.*`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Egress {
    /// Networks that are allowed although they are not public. [none]
    pub allow: Vec<IpNet>,
    /// A PEM file of authorities that receivers' certificates may come from, besides the public ones. [none]
    #[serde(deserialize_with = "load::path_or_none")]
    pub ca: Option<PathBuf>,
    /// How long telling one channel once may take, from looking up its name to the end of its answer; at most
    /// 20s. [10s]
    #[serde(with = "humantime_serde")]
    pub timeout: Duration,
}

/// `smtp.*`: the operator's word, so its address may be private whatever `egress.allow` says.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Smtp {
    /// Name or address of the mail server. [none: nobody is mailed]
    pub host: String,
    /// Its port. [0: 587 with starttls, 465 with tls, 25 with none]
    pub port: u16,
    /// How the connection is secured. [starttls]
    pub security: Security,
    /// Who signs in there. [none: nobody does]
    pub user: String,
    /// Their password. [none]
    pub password: Secret,
    /// Whom mails come from: `UpGuard <alerts@example.org>`. Required where there is a host.
    pub from: String,
    /// The name we greet the server with. [none: the domain of smtp.from]
    pub hello: String,
    /// How long mailing one message may take, to all of its readers; servers may take minutes to greet (RFC 5321, section
    /// 4.5.3.2). At most 5m. [2m]
    #[serde(with = "humantime_serde")]
    pub timeout: Duration,
    /// A PEM file of authorities its certificate may come from, besides the public ones, or of that certificate itself.
    /// [none]
    #[serde(deserialize_with = "load::path_or_none")]
    pub ca: Option<PathBuf>,
}

/// `smtp.security`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Security {
    /// Plain at first, then TLS; no mail goes out without it.
    Starttls,
    /// TLS from the first byte.
    Tls,
    /// None, for a server on this machine.
    None,
}

/// `secrets.*`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Secrets {
    /// Encrypts channels' secrets at rest: at least 32 bytes, random, the same on all replicas. [none: channels that
    /// have secrets cannot be made]
    pub key: Secret,
    /// Several, to change it: the first encrypts, all decrypt; `admin reseal` encrypts all anew. [none]
    pub keys: Vec<Secret>,
}

/// `log.*`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    /// For people or for machines. [text]
    pub format: LogFormat,
    /// What is written, as `level` or `target=level,…`. [info]
    pub filter: String,
}

/// `log.format`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// A line to read.
    Text,
    /// One JSON object a line.
    Json,
}

/// `alerting.*`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alerting {
    /// So many changes between up and not within `flapping_window`, and all of them are one incident. [6]
    pub flapping_changes: usize,
    /// Also how long all has to be calm until that incident is over. [15m]
    #[serde(with = "humantime_serde")]
    pub flapping_window: Duration,
    /// A certificate that ends within so many days is an incident. [14]
    pub certificate_days: i64,
    /// An hour of a monitor with less coverage than this is an incident. [0.9]
    pub coverage: f64,
    /// A region without a word from its workers for so long is gone: it has no vote, and is an incident. [30s]
    #[serde(with = "humantime_serde")]
    pub region_gone: Duration,
    /// More openings (or resolves) than this at once for one channel are told as one digest. [10]
    pub digest_above: usize,
    /// How long after a first try that failed the second follows; each further wait is twice as long. [5s]
    #[serde(with = "humantime_serde")]
    pub retry_first: Duration,
    /// No wait between two tries is longer, unless the receiver asks for it. [15m]
    #[serde(with = "humantime_serde")]
    pub retry_most: Duration,
    /// A message that could not be sent for so long is given up; people see it, and can send it again. [24h]
    #[serde(with = "humantime_serde")]
    pub give_up: Duration,
}

/// `quota.*`: 0 is no limit. What is counted by the minute, hour or day is counted in Redis, over all replicas.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quota {
    /// Monitors an organisation may have, paused ones included. [0]
    pub monitors: u32,
    /// Scheduled checks an organisation may have a minute: 60 / `interval` of each monitor that is not paused, times its
    /// regions. [0]
    pub checks_per_minute: u32,
    /// Checks on request (the button, `monitors/try`, first checks of new and changed monitors) an organisation has a
    /// minute, each region's counted; half of them at once. [120]
    pub requested_checks: u32,
    /// Checks on request one host gets a minute from all organisations together; half of them at once. [60]
    pub requested_checks_host: u32,
    /// How long a monitor's button rests after it was pressed. [5s]
    #[serde(with = "humantime_serde")]
    pub requested_checks_pause: Duration,
    /// Tests of channels an organisation has a minute. [20]
    pub channel_tests: u32,
    /// Tests one channel gets a minute. [10]
    pub channel_tests_each: u32,
    /// Mails an organisation may send an hour to addresses that have not confirmed yet, to ask them to. [20]
    pub confirmations: u32,
    /// Such mails one address gets a day from all organisations together; sign-ups are counted apart. [3]
    pub confirmations_address: u32,
}

/// `metrics.*`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metrics {
    /// The most series an organisation's page at `/api/v1/metrics` has. A monitor is reckoned with 1 and 10 for each of its
    /// regions; whole monitors are left out, the newest first, and `upguard_series_cut` says how much. [20000: some 950
    /// monitors in two regions]
    pub series: u32,
}

/// `watchdog.*`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Watchdog {
    /// Asked for with GET every 30 s, but only while checks are pushed, carried out and stored: whoever misses the
    /// call notices that UpGuard itself is dead. Give one of a service elsewhere. [none]
    pub url: Secret,
}

/// `times.*`: they are one design; whoever changes one looks at all.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Times {
    /// L: a slot this old is not started any more. [60s]
    #[serde(with = "humantime_serde")]
    pub late: Duration,
    /// T: a job this old is trimmed from its stream. [120s]
    #[serde(with = "humantime_serde")]
    pub trim: Duration,
    /// H: a slot this old is closed for ever. [180s]
    #[serde(with = "humantime_serde")]
    pub close: Duration,
    /// How long a replica holds a lane without renewing; a takeover takes this long. [6s]
    #[serde(with = "humantime_serde")]
    pub lane_lease: Duration,
    /// How long a read of results waits for more. [500ms]
    #[serde(with = "humantime_serde")]
    pub results_block: Duration,
}

/// `seed.*`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seed {
    /// Who signs in; `seed` needs it. [none]
    pub email: String,
    /// Their password. [none]
    pub password: Secret,
    /// Their organisation. [Demo]
    pub organisation: String,
    /// A JSON file: an array of monitor bodies. [none]
    #[serde(deserialize_with = "load::path_or_none")]
    pub monitors: Option<PathBuf>,
}

#[cfg(test)]
mod tests;
