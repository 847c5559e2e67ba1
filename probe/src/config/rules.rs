//! What settings must not say, each by itself and against each other: refused at start, not found out at three in the
//! morning.

use std::{fmt::Display, time::Duration};

use super::{Config, explain::named};

/// Anything repeated more often keeps Redis busy for nothing.
const SHORTEST: Duration = Duration::from_millis(100);

impl Config {
    /// The first rule that is broken, as a sentence.
    pub(super) fn check(&self) -> Result<(), String> {
        self.check_names()?;
        self.check_numbers()?;
        self.check_times()
    }

    fn check_names(&self) -> Result<(), String> {
        let name = format_args!("must have 1 to {} bytes, of characters that print and without spaces", wire::NAME_MAX);
        require(is_name(&self.worker_id), "worker_id", name)?;
        let redis = "is no Redis URL: write redis://USER:PASSWORD@HOST:6379, or through Sentinel \
                     redis+sentinel://USER:PASSWORD@HOST:26379,HOST:26379/NAME; rediss in place of redis is TLS";
        require(is_redis(self.redis_url.expose()), "redis_url", redis)?;
        let key = wire::Keys::new(&self.stream.key, 0);
        require(key.is_ok(), "stream.key", "is empty or has a brace: leave `{` and `}` out")?;
        require(is_http_text(&self.user_agent), "user_agent", "must have 1 to 256 printable ASCII characters")
    }

    fn check_numbers(&self) -> Result<(), String> {
        let lanes = usize::from(self.stream.lanes);
        require((1..=1024).contains(&lanes), "stream.lanes", "must be from 1 to 1024, as in control")?;
        // Each lane's read covers two streams, and a claim needs one more: with less, one would starve the other.
        let least = 2 * lanes + 1;
        let permits = format_args!("must be from {least} (two streams a lane, and one) to 1000000");
        require((least..=1_000_000).contains(&self.concurrency), "concurrency", permits)?;
        require(self.threads <= 1024, "threads", "must be at most 1024; 0 is one per processor")?;
        require(self.witnesses.len() <= 16, "witnesses", "must be at most 16: all of them are dialled every 2s")?;
        require((1..=5_000).contains(&self.batch.max), "batch.max", "must be from 1 to 5000")
    }

    fn check_times(&self) -> Result<(), String> {
        let (drain, lease) = (self.drain, self.lease);
        require(within(self.max_timeout, 1, 30), "max_timeout", "must be from 1s to 30s")?;
        require(self.block >= SHORTEST, "block", "must be at least 100ms: shorter reads only keep Redis busy")?;
        let idle =
            format_args!("is longer than drain ({drain:?}), so an idle worker could not stop in time: shorten it");
        require(self.block <= drain, "block", idle)?;
        require(within(lease, 1, 600), "lease", "must be from 1s to 10m")?;
        let rounds =
            format_args!("must be from 100ms to a third of lease ({lease:?}), which outlives a round that fails");
        require(self.renew >= SHORTEST && self.renew * 3 <= lease, "renew", rounds)?;
        require(within(self.stall, 1, 600), "stall", "must be from 1s to 10m: the tick comes every 250ms")?;
        require(within(self.facts, 1, 600), "facts", "must be from 1s to 10m")?;
        require(within(self.batch.wait, 0, 1), "batch.wait", "must be at most 1s: outcomes and alerts wait that long")
    }
}

fn require(holds: bool, key: &str, must: impl Display) -> Result<(), String> {
    if holds { Ok(()) } else { Err(format!("{} {must}", named(key))) }
}

fn within(duration: Duration, least_s: u64, most_s: u64) -> bool {
    (Duration::from_secs(least_s)..=Duration::from_secs(most_s)).contains(&duration)
}

fn is_name(name: &str) -> bool {
    wire::check_name(name).is_ok() && !name.chars().any(char::is_whitespace)
}

fn is_redis(text: &str) -> bool {
    let scheme = text.split_once("://").map_or("", |(scheme, _)| scheme);
    ["redis", "rediss", "redis+sentinel", "rediss+sentinel"].contains(&scheme) && wire::Link::check(text, false).is_ok()
}

fn is_http_text(text: &str) -> bool {
    (1..=256).contains(&text.len()) && text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}
