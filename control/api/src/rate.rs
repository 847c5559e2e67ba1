//! How often sign-in, sign-up and keys may be tried, on this replica.

use std::{
    fmt,
    hash::Hash,
    net::{IpAddr, Ipv6Addr},
    num::NonZeroU32,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use config::Rate;
use governor::{
    DefaultKeyedRateLimiter, Quota, RateLimiter,
    clock::{Clock, DefaultClock},
};

/// After this many tries the limiters forget who has been quiet.
const TIDY_EVERY: u32 = 1_000;

/// The limits of one replica.
pub struct Rates {
    accounts: Limit<String>,
    addresses: Limit<IpAddr>,
    /// Apart, since tabs renew by themselves and must not use up what people need to sign in.
    renewals: Limit<IpAddr>,
    /// Keys that are none.
    guesses: Limit<IpAddr>,
}

impl Rates {
    /// With the limits of `auth.rate`.
    pub fn new(rate: Rate) -> Self {
        let renewals = rate.address.saturating_mul(4);
        Self {
            accounts: Limit::new(rate.account),
            addresses: Limit::new(rate.address),
            guesses: Limit::new(rate.address),
            renewals: Limit::new(renewals),
        }
    }

    /// One try to sign in or up. The error is how long to wait.
    pub fn sign_in(&self, address: IpAddr, email: &str) -> Result<(), Duration> {
        self.addresses.take(&network(address))?;
        self.accounts.take(&email.to_lowercase())
    }

    /// One API key that was none. The error is how long to wait.
    pub fn guess(&self, address: IpAddr) -> Result<(), Duration> {
        self.guesses.take(&network(address))
    }

    /// One renewal of a sign-in. The error is how long to wait.
    pub fn renew(&self, address: IpAddr) -> Result<(), Duration> {
        self.renewals.take(&network(address))
    }
}

impl fmt::Debug for Rates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Rates")
    }
}

/// Whoever has one IPv6 address has its /64.
pub(crate) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64)),
        v4 @ IpAddr::V4(_) => v4,
    }
}

/// Tries per minute of each key; absent is no limit.
struct Limit<K: Hash + Eq + Clone> {
    limiter: Option<DefaultKeyedRateLimiter<K>>,
    tries: AtomicU32,
    clock: DefaultClock,
}

impl<K: Hash + Eq + Clone> Limit<K> {
    fn new(per_minute: u32) -> Self {
        let limiter = NonZeroU32::new(per_minute).map(|tries| RateLimiter::keyed(Quota::per_minute(tries)));
        Self { limiter, tries: AtomicU32::new(0), clock: DefaultClock::default() }
    }

    fn take(&self, key: &K) -> Result<(), Duration> {
        let Some(limiter) = &self.limiter else { return Ok(()) };
        if self.tries.fetch_add(1, Ordering::Relaxed) % TIDY_EVERY == TIDY_EVERY - 1 {
            limiter.retain_recent();
            limiter.shrink_to_fit();
        }
        limiter.check_key(key).map_err(|until| until.wait_time_from(self.clock.now()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_and_addresses_are_limited_apart() {
        let rates = Rates::new(Rate { account: 2, address: 3 });
        let (home, away) = ("192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap());
        assert_eq!(rates.sign_in(home, "a@x.org"), Ok(()));
        assert_eq!(rates.sign_in(home, "A@x.org"), Ok(()));
        assert!(rates.sign_in(away, "a@x.org").unwrap_err() > Duration::from_secs(1));
        assert_eq!(rates.sign_in(home, "b@x.org"), Ok(()));
        assert!(rates.sign_in(home, "c@x.org").is_err());
        assert_eq!(rates.sign_in(away, "c@x.org"), Ok(()));
        assert_eq!(rates.renew(home), Ok(()));
        assert!((0..3).all(|_| rates.guess(home).is_ok()));
        assert!(rates.guess(home).is_err() && rates.guess(away).is_ok());
    }

    #[test]
    fn zero_is_no_limit_and_a_v6_network_is_one_address() {
        let free = Rates::new(Rate { account: 0, address: 0 });
        assert!((0..5_000).all(|_| free.sign_in("192.0.2.1".parse().unwrap(), "a@x.org").is_ok()));
        assert_eq!(network("2001:db8::1".parse().unwrap()), network("2001:db8::ffff".parse().unwrap()));
        assert_ne!(network("2001:db8::1".parse().unwrap()), network("2001:db8:0:1::1".parse().unwrap()));
        assert_eq!(network("::ffff:192.0.2.1".parse().unwrap()), "192.0.2.1".parse::<IpAddr>().unwrap());
    }
}
