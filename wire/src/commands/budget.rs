//! Budgets that all replicas share: how often something may be done for somebody, counted in Redis.
//!
//! Each is a token bucket, kept as the moment at which it is full again (GCRA). One script looks at every budget of a
//! request and takes from all or from none. What a budget is of is hashed, so that no name, however long, is a key.

use std::{fmt::Write, time::Duration};

use sha2::{Digest, Sha256};

use super::{error::Error, link::Line};
use crate::keys::Keys;

/// How much may be spent: `units` in each `per`, at most `burst` at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// Refilled in each `per`.
    pub units: u32,
    /// How long it takes to refill `units`.
    pub per: Duration,
    /// The most at once.
    pub burst: u32,
}

impl Allowance {
    /// How long one unit takes to come back, in milliseconds.
    pub fn unit_ms(&self) -> f64 {
        self.per.as_secs_f64() * 1000.0 / f64::from(self.units.max(1))
    }
}

/// One budget, and what is to be taken from it.
#[derive(Clone, Copy, Debug)]
pub struct Purse<'a> {
    /// What is counted; part of the key.
    pub kind: &'static str,
    /// Whose it is: an id, a host, an address.
    pub of: &'a str,
    /// Its size.
    pub allowance: Allowance,
    /// Units to take. More than a full budget holds counts as all of it.
    pub cost: u32,
}

impl Purse<'_> {
    /// What is really taken.
    pub fn charged(&self) -> u32 {
        self.cost.min(self.allowance.burst)
    }
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spent {
    /// Taken from every budget.
    All,
    /// Nothing was taken: the budget at this place lacks something until the wait is over.
    Short(usize, Duration),
}

/// <https://redis.io/docs/latest/commands/eval/>
const SPEND: &str = "
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local full = {}
for i, key in ipairs(KEYS) do
  local unit, burst, cost = tonumber(ARGV[3 * i - 2]), tonumber(ARGV[3 * i - 1]), tonumber(ARGV[3 * i])
  local known = tonumber(redis.call('GET', key) or '') or now
  full[i] = math.min(math.max(known, now), now + burst * unit) + cost * unit
  local wait = math.ceil(full[i] - burst * unit - now)
  if wait > 0 then return {i, wait} end
end
for i, key in ipairs(KEYS) do
  redis.call('SET', key, string.format('%.0f', full[i]), 'PX', math.max(1, math.ceil(full[i] - now)))
end
return {0, 0}";

/// Takes from all of `purses` or from none. Their keys expire once they are full again.
pub async fn spend(line: &mut Line, keys: &Keys, purses: &[Purse<'_>]) -> Result<Spent, Error> {
    if purses.is_empty() {
        return Ok(Spent::All);
    }
    let mut command = redis::cmd("EVAL");
    command.arg(SPEND).arg(purses.len());
    for purse in purses {
        command.arg(keys.budget(purse.kind, &digest(purse.of)));
    }
    for purse in purses {
        command.arg(purse.allowance.unit_ms()).arg(purse.allowance.burst).arg(purse.charged());
    }
    let (place, wait_ms): (usize, u64) = command.query_async(line.connection()).await?;
    Ok(match place.checked_sub(1) {
        None => Spent::All,
        Some(place) => Spent::Short(place, Duration::from_millis(wait_ms)),
    })
}

/// Half of a SHA-256 is more than enough to tell names apart.
fn digest(of: &str) -> String {
    let bytes = Sha256::digest(of.as_bytes());
    bytes.iter().take(16).fold(String::with_capacity(32), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_hashed_and_costs_are_bounded() {
        let host = "x".repeat(10_000);
        assert_eq!(digest(&host).len(), 32);
        assert_ne!(digest("a.example"), digest("b.example"));
        let allowance = Allowance { units: 60, per: Duration::from_mins(1), burst: 30 };
        assert!((allowance.unit_ms() - 1000.0).abs() < f64::EPSILON);
        let purse = Purse { kind: "host", of: &host, allowance, cost: 50 };
        assert_eq!(purse.charged(), 30, "a check from more regions than the burst is possible all the same");
    }
}
