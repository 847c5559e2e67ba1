//! The probe's configuration, its manual, and the only reader of the environment.
//!
//! Defaults, then the `[probe]` table of the TOML file named by `UPGUARD_CONFIG`, then `UPGUARD_PROBE__<KEY>` (nested keys
//! with `__`), then the short names `REGION_ID`, `WORKER_ID`, `REDIS_URL` and `REDIS_CA`; later ones win.

mod explain;
mod rules;
mod values;

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use figment::{
    Figment,
    providers::{Env, Format, Serialized, Toml},
};
use ipnet::IpNet;
use net::AuthoritiesError;
use serde::Deserialize;
use wire::Region;

pub(crate) use values::{Address, Secret};

/// The defaults, as they would stand in a file. `region_id` has none; `worker_id` is the host's name.
const DEFAULTS: &str = r#"
[probe]
redis_url = "redis://127.0.0.1:6379"
concurrency = 512
per_host = 4
max_timeout = "30s"
block = "5s"
drain = "25s"
lease = "10s"
renew = "3s"
stall = "2s"
facts = "5s"
metrics_listen = "0.0.0.0:9091"
threads = 0
witnesses = []
batch = { wait = "100ms", max = 512 }
egress = { allow = [] }
stream = { key = "betteruptime:website", lanes = 1 }
log = { format = "auto", level = "info" }
"#;

/// All a probe can be told. Durations are written with their unit: `5s`, `100ms`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// The region this probe stands in, its consumer group's name (`REGION_ID`). Required: a default would put outcomes
    /// under a place nobody chose.
    pub(crate) region_id: Region,
    /// This process among those of its region (`WORKER_ID`) \[the host's name\]. Two workers of one name do no harm, but
    /// people cannot tell them apart.
    pub(crate) worker_id: String,
    /// `redis://user:password@host:port`, `rediss://…` for TLS, or through Sentinel
    /// `redis+sentinel://user:password@s1:26379,s2:26379/mymaster` and `rediss+sentinel://…` (`REDIS_URL`)
    /// \[`redis://127.0.0.1:6379`\]. Never printed: it may hold a password.
    pub(crate) redis_url: Secret,
    /// A PEM file of the authorities Redis' certificate must come from, and those of the Sentinels, in place of the public
    /// ones, or of that certificate itself (`REDIS_CA`) \[none\].
    pub(crate) redis_ca: Option<PathBuf>,
    /// Jobs held at once, checked or waiting to be reported \[512\]. It bounds memory, sockets and what a kill delays.
    pub(crate) concurrency: usize,
    /// Checks at once against one host \[4; 0 is no limit\], so that a probe is no burden to whom it watches.
    pub(crate) per_host: usize,
    /// No check takes longer, whatever its job asks \[30s\].
    #[serde(with = "humantime_serde")]
    pub(crate) max_timeout: Duration,
    /// How long one read waits for jobs \[5s\]. A read is never cut short, so an idle worker takes this long to stop.
    #[serde(with = "humantime_serde")]
    pub(crate) block: Duration,
    /// How long running checks may take to end after SIGTERM \[25s\]: Kubernetes kills after 30 s.
    #[serde(with = "humantime_serde")]
    pub(crate) drain: Duration,
    /// A job nobody renewed for so long belongs to whoever claims it \[10s\]. The same in all workers of a region.
    #[serde(with = "humantime_serde")]
    pub(crate) lease: Duration,
    /// How often leases are renewed and lapsed ones claimed \[3s\]. At least three times in a lease: one round may fail.
    #[serde(with = "humantime_serde")]
    pub(crate) renew: Duration,
    /// A pause of the whole process that makes its checks void \[2s\]: what it then measures is itself.
    #[serde(with = "humantime_serde")]
    pub(crate) stall: Duration,
    /// How often the worker says how it is \[5s\].
    #[serde(with = "humantime_serde")]
    pub(crate) facts: Duration,
    /// Where `/metrics`, `/livez` and `/readyz` are served \[0.0.0.0:9091\].
    pub(crate) metrics_listen: SocketAddr,
    /// Sent with every check \[UpGuard/<version>\], so that a site's owner can tell whose requests these are.
    #[serde(default = "values::user_agent")]
    pub(crate) user_agent: String,
    /// Threads checks run on \[0: one per processor\]. 1 is a runtime without any locking between threads.
    pub(crate) threads: usize,
    /// What has to answer, beside Redis and the first name server, for this worker to trust its own network \[none\]:
    /// `host:port`, a list, or in the environment one with commas. While one of them refuses or says nothing, outcomes
    /// are suspect and have no vote, so name only what is always there.
    #[serde(deserialize_with = "values::addresses")]
    pub(crate) witnesses: Vec<Address>,
    /// How outcomes travel.
    pub(crate) batch: Batch,
    /// Where checks may go.
    pub(crate) egress: Egress,
    /// Where jobs come from.
    pub(crate) stream: Stream,
    /// What is logged, and how.
    pub(crate) log: Log,
}

/// How outcomes travel: whichever bound is reached first sends them.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Batch {
    /// The longest an outcome waits for company \[100ms\].
    #[serde(with = "humantime_serde")]
    pub(crate) wait: Duration,
    /// The most outcomes in one transaction \[512\]: larger ones hold up other clients of Redis.
    pub(crate) max: usize,
}

/// Where checks may go.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Egress {
    /// Networks that may be checked beside public addresses \[none\]: a list, or in the environment one with commas.
    #[serde(deserialize_with = "values::networks")]
    pub(crate) allow: Vec<IpNet>,
    /// A PEM file of authorities to trust beside the public ones \[none\].
    pub(crate) ca: Option<PathBuf>,
}

/// Where jobs come from.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Stream {
    /// As in control's configuration \[betteruptime:website\].
    pub(crate) key: String,
    /// As in control's configuration \[1\].
    pub(crate) lanes: u16,
}

/// What is logged, and how.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Log {
    /// `text`, `json`, or `auto`: text on a terminal, JSON elsewhere \[auto\].
    pub(crate) format: LogFormat,
    /// The least level, overall or by module: `info`, `warn,probe=debug` \[info\].
    #[serde(deserialize_with = "values::targets")]
    pub(crate) level: tracing_subscriber::filter::Targets,
}

/// How a log line looks.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogFormat {
    /// Text on a terminal, JSON elsewhere.
    Auto,
    /// For people.
    Text,
    /// For collectors.
    Json,
}

impl Egress {
    /// The text of the file of extra authorities. The error names the key.
    pub(crate) fn authorities(&self) -> Result<Option<String>, AuthoritiesError> {
        net::authorities(&explain::named("egress.ca"), self.ca.as_deref())
    }
}

impl Config {
    /// Where Redis listens, or its Sentinels do: one of them is always there.
    pub(crate) fn redis_addresses(&self) -> Vec<Address> {
        let lanes_settings = wire::Link::addresses(self.redis_url.expose()).unwrap_or_default();
        lanes_settings.into_iter().map(|(host, port)| Address { host, port }).collect()
    }

    /// The text of the file of Redis' authorities. The error names the key.
    pub(crate) fn redis_authorities(&self) -> Result<Option<String>, AuthoritiesError> {
        net::authorities(&explain::named("redis_ca"), self.redis_ca.as_deref())
    }

    /// Reads and checks everything. The error is one line that names the key and the mend.
    pub(crate) fn load() -> Result<Self, String> {
        let mut layers = Figment::from(Toml::string(DEFAULTS));
        layers = layers.merge(Serialized::default("probe.worker_id", values::host_name()));
        if let Some(file) = variable("UPGUARD_CONFIG") {
            layers = layers.merge(Toml::file_exact(&file));
        }
        layers = layers.merge(Env::prefixed("UPGUARD_PROBE__").split("__").map(|key| format!("probe.{key}").into()));
        for (name, key) in explain::SHORT_NAMES {
            if let Some(value) = variable(name) {
                layers = layers.merge(Serialized::default(&format!("probe.{key}"), value));
            }
        }
        Self::from_layers(&layers)
    }

    fn from_layers(layers: &Figment) -> Result<Self, String> {
        let config: Self = layers.extract_inner("probe").map_err(|why| explain::sentence(&why))?;
        config.check()?;
        Ok(config)
    }
}

/// An empty variable is an absent one: `REDIS_URL=${OTHER:-}` is common in compose files.
#[expect(clippy::disallowed_methods, reason = "the one reader of the environment")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

#[cfg(test)]
#[path = "config/tests.rs"]
mod tests;
