//! What tenants may have done to others: checks on request, tests of channels, mails that ask strangers to confirm.
//!
//! The counts are in Redis, shared by all replicas. While Redis is away each replica counts for itself, so that a gate
//! is never wide open and never shut for good. It knows amounts; who is turned away, and how, is decided elsewhere.

use std::{
    collections::HashMap,
    fmt,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use config::Quota;
use domain::ids::{ChannelId, OrgId};
use wire::{Allowance, Keys, Link, MonitorId, Purse, Spent};

/// Redis has this long to answer before a replica counts for itself.
const PATIENCE: Duration = Duration::from_millis(500);
/// Budgets a replica remembers while Redis is away; the oldest are full again long before.
const REMEMBERED: usize = 10_000;
const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

/// A budget that is spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Short {
    /// Which.
    pub budget: Budget,
    /// How long until there is enough again.
    pub wait: Duration,
}

impl fmt::Display for Short {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: wait {} s", self.budget, self.wait.as_millis().div_ceil(1000).max(1))
    }
}

/// Every budget there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Budget {
    /// Checks on request of an organisation.
    Requests,
    /// Checks on request of a host, whoever asks.
    Host,
    /// Presses of one monitor's button.
    Monitor,
    /// Tests of an organisation's channels.
    Tests,
    /// Tests of one channel.
    Channel,
    /// An organisation's mails to addresses that have not confirmed.
    Confirmations,
    /// Such mails to one address, whoever asks.
    Address,
    /// Mails about sign-ups to one address.
    SignUps,
}

impl Budget {
    /// Part of its key.
    fn kind(self) -> &'static str {
        match self {
            Self::Requests => "requests",
            Self::Host => "host",
            Self::Monitor => "monitor",
            Self::Tests => "tests",
            Self::Channel => "channel",
            Self::Confirmations => "confirmations",
            Self::Address => "address",
            Self::SignUps => "signups",
        }
    }

    /// None where there is no limit.
    fn allowance(self, quota: &Quota) -> Option<Allowance> {
        let evenly = |units: u32, per| Allowance { units, per, burst: units };
        let in_halves = |units: u32| Allowance { units, per: MINUTE, burst: units.div_ceil(2) };
        let allowance = match self {
            Self::Requests => in_halves(quota.requested_checks),
            Self::Host => in_halves(quota.requested_checks_host),
            Self::Monitor => Allowance { units: 1, per: quota.requested_checks_pause, burst: 1 },
            Self::Tests => evenly(quota.channel_tests, MINUTE),
            Self::Channel => evenly(quota.channel_tests_each, MINUTE),
            Self::Confirmations => evenly(quota.confirmations, HOUR),
            Self::Address | Self::SignUps => evenly(quota.confirmations_address, DAY),
        };
        (allowance.units > 0 && !allowance.per.is_zero()).then_some(allowance)
    }
}

impl fmt::Display for Budget {
    /// A sentence without its end: "…: wait 7 s" follows.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Requests => "your organisation has used up its checks on request (quota.requested_checks)",
            Self::Host => "this host has been checked on request too often (quota.requested_checks_host)",
            Self::Monitor => "this monitor was checked on request a moment ago (quota.requested_checks_pause)",
            Self::Tests => "your organisation has tested its channels too often (quota.channel_tests)",
            Self::Channel => "this channel has been tested too often (quota.channel_tests_each)",
            Self::Confirmations => {
                "your organisation has sent too many requests to confirm an address (quota.confirmations)"
            }
            Self::Address | Self::SignUps => "this address has been mailed too often (quota.confirmations_address)",
        })
    }
}

/// Checks that somebody asks for.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// Who asks.
    pub org: OrgId,
    /// Whose button was pressed; none where a check follows from something else.
    pub button: Option<MonitorId>,
    /// The host that is asked.
    pub host: &'a str,
    /// From how many regions.
    pub regions: usize,
}

/// The budgets of all.
pub struct Budgets {
    link: Link,
    keys: Keys,
    quota: Quota,
    local: Mutex<HashMap<(&'static str, String), Instant>>,
}

impl fmt::Debug for Budgets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Budgets").field("quota", &self.quota).finish_non_exhaustive()
    }
}

impl Budgets {
    /// Under `keys`, which are lane 0's.
    pub fn new(link: Link, keys: Keys, quota: Quota) -> Self {
        Self { link, keys, quota, local: Mutex::default() }
    }

    /// Checks on request: each region's look costs one.
    pub async fn request(&self, request: Request<'_>) -> Result<(), Short> {
        let looks = u32::try_from(request.regions).unwrap_or(u32::MAX);
        let button = request.button.map(|monitor| (Budget::Monitor, monitor.to_string(), 1));
        let others = [
            (Budget::Requests, request.org.0.to_string(), looks),
            (Budget::Host, request.host.trim_end_matches('.').to_lowercase(), looks),
        ];
        self.spend(button.into_iter().chain(others).collect()).await
    }

    /// A test of a channel.
    pub async fn test(&self, org: OrgId, channel: ChannelId) -> Result<(), Short> {
        let channel = (Budget::Channel, channel.0.to_string(), 1);
        self.spend(vec![channel, (Budget::Tests, org.0.to_string(), 1)]).await
    }

    /// A mail that asks an address to confirm.
    pub async fn confirmation(&self, org: OrgId, address: &str) -> Result<(), Short> {
        let address = (Budget::Address, address.to_lowercase(), 1);
        self.spend(vec![address, (Budget::Confirmations, org.0.to_string(), 1)]).await
    }

    /// A mail about a sign-up.
    pub async fn sign_up(&self, address: &str) -> Result<(), Short> {
        self.spend(vec![(Budget::SignUps, address.to_lowercase(), 1)]).await
    }

    async fn spend(&self, wanted: Vec<(Budget, String, u32)>) -> Result<(), Short> {
        let purses: Vec<_> = wanted
            .iter()
            .filter_map(|(budget, of, cost)| {
                let allowance = budget.allowance(&self.quota)?;
                Some((*budget, Purse { kind: budget.kind(), of, allowance, cost: *cost }))
            })
            .collect();
        let only: Vec<_> = purses.iter().map(|(_, purse)| *purse).collect();
        let shared = async { wire::spend(&mut self.link.short().await?, &self.keys, &only).await };
        let spent = match tokio::time::timeout(PATIENCE, shared).await {
            Ok(Ok(spent)) => spent,
            _ => self.alone(&only, Instant::now()),
        };
        match spent {
            Spent::All => Ok(()),
            Spent::Short(place, wait) => Err(Short { budget: purses[place].0, wait }),
        }
    }

    /// The same, counted by this replica.
    fn alone(&self, purses: &[Purse<'_>], now: Instant) -> Spent {
        let mut local = self.local.lock().unwrap_or_else(PoisonError::into_inner);
        if local.len() >= REMEMBERED {
            local.retain(|_, full| *full > now);
        }
        let mut taken = Vec::new();
        for (place, purse) in purses.iter().enumerate() {
            let key = (purse.kind, purse.of.to_owned());
            let unit = Duration::from_secs_f64(purse.allowance.unit_ms() / 1000.0);
            let full = local.get(&key).map_or(now, |full| (*full).max(now)) + unit * purse.charged();
            let wait = full.saturating_duration_since(now + unit * purse.allowance.burst);
            if !wait.is_zero() {
                return Spent::Short(place, wait);
            }
            taken.push((key, full));
        }
        local.extend(taken);
        Spent::All
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quota(requested_checks: u32, requested_checks_host: u32) -> Quota {
        Quota {
            monitors: 0,
            checks_per_minute: 0,
            requested_checks,
            requested_checks_host,
            requested_checks_pause: Duration::from_secs(5),
            channel_tests: 20,
            channel_tests_each: 10,
            confirmations: 20,
            confirmations_address: 3,
        }
    }

    /// Nobody listens there.
    fn away(quota: Quota) -> Budgets {
        let link = Link::new("redis://127.0.0.1:1", 1).unwrap();
        Budgets::new(link, Keys::new("betteruptime:website", 0).unwrap(), quota)
    }

    #[tokio::test]
    async fn while_redis_is_away_each_replica_counts_for_itself() {
        let budgets = away(quota(4, 60));
        let org = OrgId::new();
        let ask = |org, host| Request { org, button: None, host, regions: 1 };
        assert_eq!(budgets.request(ask(org, "a.example")).await, Ok(()));
        assert_eq!(budgets.request(ask(org, "a.example")).await, Ok(()));
        let short = budgets.request(ask(org, "b.example")).await.unwrap_err();
        assert_eq!(short.budget, Budget::Requests);
        assert!(short.wait > Duration::from_secs(13) && short.wait <= Duration::from_secs(15), "{short:?}");
        assert_eq!(budgets.request(ask(OrgId::new(), "a.example")).await, Ok(()));
    }

    #[tokio::test]
    async fn a_host_is_spared_whoever_asks_and_however_it_is_written() {
        let budgets = away(quota(0, 4));
        let ask = |host| Request { org: OrgId::new(), button: None, host, regions: 2 };
        assert_eq!(budgets.request(ask("a.example")).await, Ok(()));
        assert_eq!(budgets.request(ask("A.Example.")).await.unwrap_err().budget, Budget::Host);
        assert_eq!(budgets.request(ask("b.example")).await, Ok(()));
    }

    #[tokio::test]
    async fn zero_is_no_limit_and_a_second_press_waits() {
        let budgets = away(quota(0, 0));
        let monitor = MonitorId(uuid::Uuid::now_v7());
        let ask = |button| Request { org: OrgId::new(), button, host: "a.example", regions: 1_000 };
        assert_eq!(budgets.request(ask(Some(monitor))).await, Ok(()));
        assert_eq!(budgets.request(ask(Some(monitor))).await.unwrap_err().budget, Budget::Monitor);
        assert_eq!(budgets.request(ask(None)).await, Ok(()));
    }
}
