//! Every setting there is, with its default and why. `config/defaults.toml` < the TOML file named by `UPGUARD_CONFIG` <
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
mod secret;

pub use check::ConfigError;
pub use load::load;
pub use secret::Secret;

/// The whole configuration.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The API and dashboard.
    pub http: Http,
    /// Health and metrics, for machines.
    pub admin: Admin,
    /// Where people reach this installation; links and cookies are made for it. [<http://localhost:8080>]
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
    /// What is written to standard error.
    pub log: Log,
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
    /// Connections served at once; more wait in the kernel's queue. [4096]
    pub connections: usize,
}

/// `admin.*`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Admin {
    /// Address of `/livez`, `/readyz` and `/metrics`: not for the public. [0.0.0.0:9090]
    pub listen: SocketAddr,
}

/// `postgres.*`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Postgres {
    /// `postgres://user:password@host:port/database`; TLS with `?sslmode=require`. [<postgres://postgres@127.0.0.1:5432/upguard>]
    pub url: Secret,
    /// Connections of the API's pool; each lane has one more of its own. [16]
    pub pool: usize,
}

/// `redis.*`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Redis {
    /// `redis://host:port` or `rediss://user:password@host:port`. [<redis://127.0.0.1:6379>]
    pub url: Secret,
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
