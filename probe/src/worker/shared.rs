//! What the lanes of a process share.

use std::{sync::Arc, time::Instant};

use net::{Guard, Net, Resolver, Tls};
use tokio::sync::Semaphore;
use wire::Diagnosis;

use super::{failing::Failing, hosts::Hosts, pulse::Pulse, witness::Witnesses};
use crate::{
    check::{Checker, Settings},
    config::Config,
    failure::Failure,
    metrics::Metrics,
};

/// One for the process; each lane holds a reference.
pub(crate) struct Shared {
    pub(crate) config: Config,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) pulse: Arc<Pulse>,
    pub(crate) hosts: Arc<Hosts>,
    pub(crate) checker: Checker,
    pub(crate) witnesses: Arc<Witnesses>,
    pub(crate) failing: Failing,
    /// One for every job held, of whatever lane.
    pub(crate) permits: Arc<Semaphore>,
}

impl Shared {
    pub(crate) fn new(config: Config) -> Result<Self, Failure> {
        let unusable = |why: &dyn std::fmt::Display| Failure::Config(format!("egress.ca or name servers: {why}"));
        let resolver = Resolver::system().map_err(|why| unusable(&why))?;
        let checker = Checker::with_resolver(settings(&config)?, resolver.clone()).map_err(|why| unusable(&why))?;
        let metrics = Metrics::new(&config.region_id).map_err(|why| Failure::Crash(format!("metrics: {why}")))?;
        let net = Net::new(Guard::anywhere(), resolver, Tls::new(None).map_err(|why| unusable(&why))?);
        // Redis, of several Sentinels any.
        let usual = Some(config.redis_addresses()).into_iter().filter(|addresses| !addresses.is_empty()).collect();
        let witnesses = Witnesses::new(net, usual, &config.witnesses, metrics.suspect(Diagnosis::Network).clone());
        metrics.concurrency_limit.set(config.concurrency as i64);
        Ok(Self {
            metrics: Arc::new(metrics),
            pulse: Arc::new(Pulse::new(config.stall, Instant::now())),
            hosts: Arc::new(Hosts::new(config.per_host)),
            checker,
            witnesses: Arc::new(witnesses),
            failing: Failing::default(),
            permits: Arc::new(Semaphore::new(config.concurrency)),
            config,
        })
    }
}

fn settings(config: &Config) -> Result<Settings, Failure> {
    Ok(Settings {
        allow: config.egress.allow.clone(),
        extra_ca_pem: config.egress.authorities()?,
        max_timeout: config.max_timeout,
        user_agent: config.user_agent.clone(),
    })
}
