//! What no type can say: keys that must be given, and settings that contradict each other.

use std::{fmt, time::Duration};

use net::authorities;
use tokio_postgres::config::SslMode;

use super::{Config, Postgres, Redis, Secret, Smtp, Times};

/// The shortest secret that signs tokens: HMAC-SHA-256's own length (RFC 7518, section 3.2).
const SECRET_BYTES: usize = 32;

/// One setting, and what to do about it. One line when printed.
#[derive(Debug, PartialEq, Eq)]
pub struct ConfigError {
    key: String,
    mend: String,
}

impl ConfigError {
    /// About `key`, as a sentence on its mend.
    pub fn new(key: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { key: key.into(), mend: mend.into() }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "configuration: {}: {}", self.key, self.mend.replace('\n', " "))
    }
}

impl std::error::Error for ConfigError {}

impl From<net::AuthoritiesError> for ConfigError {
    fn from(why: net::AuthoritiesError) -> Self {
        Self::new(why.key, why.problem)
    }
}

impl From<figment::Error> for ConfigError {
    /// Of several errors the first: one line.
    fn from(why: figment::Error) -> Self {
        use figment::error::Kind;

        let path = why.path.join(".");
        match &why.kind {
            Kind::UnknownField(field, known) => {
                let key = if path.is_empty() || path.ends_with(field.as_str()) {
                    if path.is_empty() { field.clone() } else { path }
                } else {
                    format!("{path}.{field}")
                };
                Self::new(key, format!("there is no such setting; there are: {}", known.join(", ")))
            }
            kind => Self::new(if path.is_empty() { "the file" } else { &path }, kind.to_string()),
        }
    }
}

/// The same configuration, when it can work.
pub(super) fn check(mut config: Config) -> Result<Config, ConfigError> {
    secrets(&mut config)?;
    at_rest(&mut config)?;
    smtp(&config.smtp)?;
    authorities("egress.ca", config.egress.ca.as_deref())?;
    // A message is claimed for longer than this: two replicas must not send it at once.
    if config.egress.timeout.is_zero() || config.egress.timeout > Duration::from_secs(20) {
        return Err(ConfigError::new("egress.timeout", "must be more than 0s and at most 20s"));
    }
    wire::Keys::new(&config.stream.key, 0)
        .map_err(|_| ConfigError::new("stream.key", "must be a text without braces, such as betteruptime:website"))?;
    positive("stream.lanes", config.stream.lanes > 0)?;
    positive("postgres.pool", config.postgres.pool > 0)?;
    positive("redis.pool", config.redis.pool > 0)?;
    positive("http.connections", config.http.connections > 0)?;
    if config.http.stall < Duration::from_millis(100) {
        return Err(ConfigError::new("http.stall", "must be 100ms or more: readers may be slow"));
    }
    positive("metrics.series", config.metrics.series > 0)?;
    if config.admin.measure < Duration::from_millis(100) {
        return Err(ConfigError::new(
            "admin.measure",
            "must be 100ms or more: each look costs PostgreSQL and Redis some work",
        ));
    }
    urls(&config)?;
    times(&config.times)?;
    days("retention.raw", config.retention.raw)?;
    days("retention.hourly", config.retention.hourly)?;
    lifetimes(&config)?;
    incidents(&config)?;
    retries(&config)?;
    watchdog(&config)?;
    config
        .log
        .filter
        .parse::<tracing_subscriber::filter::Targets>()
        .map_err(|_| ConfigError::new("log.filter", "must be a level such as info, or target=level,…"))?;
    Ok(config)
}

/// Afterwards `auth.secrets` holds them all, the one that signs first.
fn secrets(config: &mut Config) -> Result<(), ConfigError> {
    let auth = &mut config.auth;
    if !auth.secret.is_empty() {
        auth.secrets.insert(0, auth.secret.clone());
    }
    let Some(first) = auth.secrets.first() else {
        return Err(ConfigError::new(
            "auth.secret",
            "is missing: set UPGUARD_AUTH__SECRET to 32 random bytes or more (`openssl rand -hex 32` makes them), the same on all replicas",
        ));
    };
    auth.secret = first.clone();
    if auth.secrets.iter().any(|secret| secret.reveal().len() < SECRET_BYTES) {
        return Err(ConfigError::new(
            "auth.secret",
            format!("is shorter than {SECRET_BYTES} bytes: `openssl rand -hex 32` makes a good one"),
        ));
    }
    Ok(())
}

/// Afterwards `secrets.keys` holds them all, the one that encrypts first; there may be none.
fn at_rest(config: &mut Config) -> Result<(), ConfigError> {
    let secrets = &mut config.secrets;
    if !secrets.key.is_empty() {
        secrets.keys.insert(0, secrets.key.clone());
    }
    if secrets.keys.iter().any(|secret| secret.reveal().len() < SECRET_BYTES) {
        return Err(ConfigError::new(
            "secrets.key",
            format!("is shorter than {SECRET_BYTES} bytes: `openssl rand -hex 32` makes a good one"),
        ));
    }
    Ok(())
}

fn smtp(smtp: &Smtp) -> Result<(), ConfigError> {
    if smtp.host.is_empty() {
        return Ok(());
    }
    if smtp.from.is_empty() {
        return Err(ConfigError::new("smtp.from", "is missing: say whom mails come from, such as alerts@example.org"));
    }
    smtp.from
        .parse::<lettre::message::Mailbox>()
        .map_err(|_| ConfigError::new("smtp.from", "must be an address such as UpGuard <alerts@example.org>"))?;
    if smtp.user.is_empty() != smtp.password.is_empty() {
        return Err(ConfigError::new("smtp.password", "goes with smtp.user: give both or neither"));
    }
    if !smtp.hello.is_empty() && url::Host::parse(&smtp.hello).is_err() {
        return Err(ConfigError::new("smtp.hello", "must be a host's name such as upguard.example.org"));
    }
    if smtp.timeout < Duration::from_secs(1) || smtp.timeout > Duration::from_mins(5) {
        return Err(ConfigError::new("smtp.timeout", "must be from 1s to 5m"));
    }
    authorities("smtp.ca", smtp.ca.as_deref())?;
    Ok(())
}

fn positive(key: &str, is_positive: bool) -> Result<(), ConfigError> {
    if is_positive { Ok(()) } else { Err(ConfigError::new(key, "must be 1 or more")) }
}

/// The reasons never quote the URL: it may hold a password.
fn urls(config: &Config) -> Result<(), ConfigError> {
    postgres(&config.postgres)?;
    redis(&config.redis)?;
    if !matches!(config.public_url.scheme(), "http" | "https") || config.public_url.host().is_none() {
        return Err(ConfigError::new("public_url", "must be http:// or https:// with a host"));
    }
    Ok(())
}

fn postgres(postgres: &Postgres) -> Result<(), ConfigError> {
    scheme("postgres.url", &postgres.url, &["postgres", "postgresql"])?;
    if let Some(mend) = libpq_alone(postgres.url.reveal()) {
        return Err(ConfigError::new("postgres.url", mend));
    }
    let parsed: tokio_postgres::Config = postgres.url.reveal().parse().map_err(|_| {
        ConfigError::new(
            "postgres.url",
            "must be postgres://user:password@host:5432/database, with what is no letter or digit percent-encoded",
        )
    })?;
    if postgres.ca.is_some() && parsed.get_ssl_mode() == SslMode::Disable {
        return Err(ConfigError::new("postgres.ca", "needs TLS, and postgres.url says sslmode=disable"));
    }
    authorities("postgres.ca", postgres.ca.as_deref())?;
    Ok(())
}

/// What `psql` takes at the end of a URL and the driver does not, and the mend. From a list of ours: any other name may be a
/// part of a password with a question mark.
fn libpq_alone(url: &str) -> Option<&'static str> {
    let (_, query) = url.rsplit_once('?')?;
    query.split('&').find_map(|pair| match pair.split_once('=')? {
        ("sslmode", "verify-full" | "verify-ca") => Some(
            "sslmode=verify-full and verify-ca are libpq's words: write sslmode=require, which verifies the certificate and the \
             name here, and name an authority of your own in postgres.ca",
        ),
        ("sslmode", "allow") => Some("sslmode=allow is libpq's word: write sslmode=disable or sslmode=require"),
        ("sslrootcert", _) => Some("sslrootcert is libpq's: take it out and name the file in postgres.ca"),
        ("sslcert" | "sslkey" | "sslpassword" | "sslcrl", _) => {
            Some("sslcert, sslkey, sslpassword and sslcrl are libpq's: take them out and sign in with a password")
        }
        _ => None,
    })
}

fn redis(redis: &Redis) -> Result<(), ConfigError> {
    let url = redis.url.reveal();
    scheme("redis.url", &redis.url, &["redis", "rediss", "redis+sentinel", "rediss+sentinel"])?;
    wire::Link::check(url, false).map_err(|_| {
        ConfigError::new(
            "redis.url",
            "must be redis://user:password@host:6379, or redis+sentinel://user:password@s1:26379,s2:26379/mymaster; \
             with rediss in place of redis for TLS",
        )
    })?;
    let ca = authorities("redis.ca", redis.ca.as_deref())?;
    // Whatever is wrong now is wrong with the two together.
    wire::Link::check(url, ca.is_some())
        .map_err(|_| ConfigError::new("redis.ca", "needs TLS: begin redis.url with rediss:// or rediss+sentinel://"))
}

fn scheme(key: &str, url: &Secret, schemes: &[&str]) -> Result<(), ConfigError> {
    let given = url.reveal().split_once("://").map(|(scheme, _)| scheme);
    if given.is_some_and(|given| schemes.contains(&given)) {
        return Ok(());
    }
    Err(ConfigError::new(key, format!("must begin with {}://", schemes[0])))
}

fn times(times: &Times) -> Result<(), ConfigError> {
    if times.late < Duration::from_secs(1) {
        return Err(ConfigError::new("times.late", "must be 1s or more"));
    }
    if times.late >= times.trim {
        return Err(ConfigError::new(
            "times.trim",
            "must be longer than times.late: a job that may still start is not trimmed",
        ));
    }
    if times.trim >= times.close {
        return Err(ConfigError::new(
            "times.close",
            "must be longer than times.trim: a job still on its stream is not closed",
        ));
    }
    if times.lane_lease < Duration::from_secs(2) {
        return Err(ConfigError::new("times.lane_lease", "must be 2s or more, or a slow commit loses the lane"));
    }
    if times.results_block < Duration::from_millis(1) || times.results_block * 2 > times.lane_lease {
        return Err(ConfigError::new(
            "times.results_block",
            "must be from 1ms to half of times.lane_lease: it delays renewals",
        ));
    }
    Ok(())
}

fn days(key: &str, kept: Duration) -> Result<(), ConfigError> {
    let day = Duration::from_hours(24);
    if kept < day || !kept.as_secs().is_multiple_of(day.as_secs()) {
        return Err(ConfigError::new(key, "must be whole days, 1d or more: history is dropped by the day"));
    }
    Ok(())
}

fn lifetimes(config: &Config) -> Result<(), ConfigError> {
    let auth = &config.auth;
    if auth.access_ttl < Duration::from_secs(1) {
        return Err(ConfigError::new("auth.access_ttl", "must be 1s or more"));
    }
    if auth.access_ttl > Duration::from_hours(24) {
        return Err(ConfigError::new(
            "auth.access_ttl",
            "must be a day or less: sign-ins are renewed with refresh tokens",
        ));
    }
    if auth.refresh_ttl <= auth.access_ttl {
        return Err(ConfigError::new("auth.refresh_ttl", "must be longer than auth.access_ttl"));
    }
    Ok(())
}

fn incidents(config: &Config) -> Result<(), ConfigError> {
    let alerting = &config.alerting;
    if alerting.flapping_changes < 2 {
        return Err(ConfigError::new("alerting.flapping_changes", "must be 2 or more: down and up again"));
    }
    if alerting.flapping_window < Duration::from_secs(1) {
        return Err(ConfigError::new("alerting.flapping_window", "must be 1s or more"));
    }
    if !(0.0..=1.0).contains(&alerting.coverage) {
        return Err(ConfigError::new("alerting.coverage", "must be from 0 (never an incident) to 1"));
    }
    if !(0..=100_000).contains(&alerting.certificate_days) {
        return Err(ConfigError::new("alerting.certificate_days", "must be from 0 (only what has ended) to 100000"));
    }
    if alerting.region_gone < Duration::from_secs(2) {
        return Err(ConfigError::new("alerting.region_gone", "must be 2s or more: workers speak every few seconds"));
    }
    Ok(())
}

fn retries(config: &Config) -> Result<(), ConfigError> {
    let alerting = &config.alerting;
    positive("alerting.digest_above", alerting.digest_above > 0)?;
    if alerting.retry_first < Duration::from_millis(100) {
        return Err(ConfigError::new("alerting.retry_first", "must be 100ms or more"));
    }
    if alerting.retry_most < alerting.retry_first {
        return Err(ConfigError::new("alerting.retry_most", "must be alerting.retry_first or more"));
    }
    if alerting.give_up < alerting.retry_first {
        return Err(ConfigError::new("alerting.give_up", "must be alerting.retry_first or more: 24h"));
    }
    Ok(())
}

fn watchdog(config: &Config) -> Result<(), ConfigError> {
    let url = &config.watchdog.url;
    if url.is_empty() {
        return Ok(());
    }
    match url.reveal().parse::<url::Url>() {
        Ok(parsed) if matches!(parsed.scheme(), "http" | "https") && parsed.host().is_some() => Ok(()),
        _ => Err(ConfigError::new("watchdog.url", "must be http:// or https:// with a host")),
    }
}
