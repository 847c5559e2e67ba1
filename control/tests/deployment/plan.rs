//! What a system is made of, before it is started.

use std::{cell::Cell, collections::BTreeMap, thread};

use testbed::{
    http::is_ok,
    rest::Rest,
    service::Service,
    system::{Control, TestSystem, folder},
    world::World,
};

use super::{Deployment, Proxy, Spare, users};

/// L, T, H and the lane lease: the proportions are the product's, the seconds are not.
const TIMES: [(&str, &str); 4] = [
    ("UPGUARD_TIMES__LATE", "4s"),
    ("UPGUARD_TIMES__TRIM", "8s"),
    ("UPGUARD_TIMES__CLOSE", "12s"),
    ("UPGUARD_TIMES__LANE_LEASE", "2s"),
];
/// A probe's lease and rounds, as short in proportion. The stall that makes checks void stays as it is, 2 s.
const ROUNDS: [(&str, &str); 5] = [
    ("UPGUARD_PROBE__LEASE", "2s"),
    ("UPGUARD_PROBE__RENEW", "500ms"),
    ("UPGUARD_PROBE__FACTS", "1s"),
    ("UPGUARD_PROBE__BLOCK", "500ms"),
    ("UPGUARD_PROBE__DRAIN", "5s"),
];

/// Replicas, probes and settings.
pub(crate) struct Plan {
    controls: usize,
    probes: Vec<&'static str>,
    settings: BTreeMap<&'static str, String>,
    /// Variables of one probe alone.
    odd: BTreeMap<&'static str, Vec<(&'static str, String)>>,
    proxied: bool,
    watched: bool,
    users: bool,
    lanes: usize,
}

impl Default for Plan {
    fn default() -> Self {
        let settings = TIMES.into_iter().chain(ROUNDS).map(|(name, value)| (name, value.to_owned())).collect();
        Self {
            controls: 1,
            probes: vec!["eu-west/w1", "us-east/w1"],
            settings,
            odd: BTreeMap::new(),
            proxied: false,
            watched: false,
            users: false,
            lanes: 1,
        }
    }
}

impl Plan {
    /// So many replicas.
    pub(crate) fn controls(self, controls: usize) -> Self {
        Self { controls, ..self }
    }

    /// These probes, `region/worker` each.
    pub(crate) fn probes(self, probes: &[&'static str]) -> Self {
        Self { probes: probes.to_vec(), ..self }
    }

    /// A setting of every replica and every probe.
    pub(crate) fn set(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.settings.insert(name, value.into());
        self
    }

    /// Late, trimmed and closed after so many seconds, for slots that must survive a fault of that length.
    pub(crate) fn times(self, late: &'static str, trim: &'static str, close: &'static str) -> Self {
        self.set("UPGUARD_TIMES__LATE", late).set("UPGUARD_TIMES__TRIM", trim).set("UPGUARD_TIMES__CLOSE", close)
    }

    /// A variable of one probe alone.
    pub(crate) fn probe_env(mut self, probe: &'static str, name: &'static str, value: String) -> Self {
        self.odd.entry(probe).or_default().push((name, value));
        self
    }

    /// So many lanes.
    pub(crate) fn lanes(self, lanes: usize) -> Self {
        Self { lanes, ..self }
    }

    /// Replicas and probes reach Redis through a proxy that can break.
    pub(crate) fn proxied(self) -> Self {
        Self { proxied: true, ..self }
    }

    /// A replica follows Redis, and three Sentinels watch both; replicas and probes ask them for the master.
    pub(crate) fn watched(self) -> Self {
        Self { watched: true, ..self }
    }

    /// Control and each region's probes are users of their own in Redis, by `deploy/redis/users.sh`.
    pub(crate) fn users(self) -> Self {
        Self { users: true, ..self }
    }

    /// Starts it all, and waits until every region is registered and its first slots are due.
    pub(crate) fn start(self) -> Deployment {
        let name = thread::current().name().unwrap_or("promise").replace("::", "-");
        let dir = folder(&name).unwrap();
        let servers = TestSystem::start(&dir, &[("fsync", "off")]).unwrap();
        for lane in 1..self.lanes {
            let more = "insert into lanes (lane, frontier, closed, summarised) select";
            servers.sql(&format!("{more} {lane}, frontier, closed, summarised from lanes where lane = 0")).unwrap();
        }
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let port = servers.redis().port();
        let proxy = self.proxied.then(|| Proxy::start(&runtime, port));
        let spare = self.watched.then(|| Spare::start(&dir, port));
        if self.users {
            let regions: Vec<_> = self.probes.iter().map(|name| name.split('/').next().unwrap()).collect();
            users::set(&servers.redis(), &regions);
        }
        let address = match (&proxy, &spare) {
            (Some(proxy), _) => format!("redis://{}", proxy.address()),
            (_, Some(spare)) => spare.url(),
            _ => servers.redis().url(),
        };
        let controls: Vec<_> = (0..self.controls).map(|place| self.control(&servers, place, &address)).collect();
        let probe = |name: &&str| ((*name).to_owned(), self.probe(&servers, name, &address));
        let probes = self.probes.iter().map(probe).collect();
        let rest = Rest::new(controls.iter().map(|control| control.api.clone()).collect());
        let world = runtime.block_on(World::start()).unwrap();
        let audited = Cell::new(false);
        let servers = Some(servers);
        let mut system =
            Deployment { world, controls, probes, proxy, spare, address, servers, audited, rest, runtime, dir };
        system.open();
        system
    }

    fn control(&self, servers: &TestSystem, place: usize, address: &str) -> Control {
        let mut control = servers.control(&format!("control-{place}")).unwrap();
        for (name, value) in self.settings.iter().filter(|(name, _)| !name.starts_with("UPGUARD_PROBE__")) {
            control.service = control.service.env(name, value);
        }
        let address = if self.users { users::url(address, "control") } else { address.to_owned() };
        control.service = control.service.env("UPGUARD_REDIS__URL", &address);
        control.service = control.service.env("UPGUARD_LOG__FILTER", "info,control=debug");
        control.service.start().unwrap();
        control
    }

    /// A probe of this plan, started.
    pub(crate) fn probe(&self, servers: &TestSystem, name: &str, address: &str) -> Service {
        let (region, worker) = name.split_once('/').unwrap();
        let mut probe = servers.probe(region, worker).unwrap();
        for (name, value) in self.settings.iter().filter(|(name, _)| name.starts_with("UPGUARD_PROBE__")) {
            probe = probe.env(name, value);
        }
        let address = if self.users { users::url(address, region) } else { address.to_owned() };
        probe = probe.env("REDIS_URL", &address);
        probe = probe.env("UPGUARD_PROBE__STREAM__LANES", &self.lanes.to_string());
        for (name, value) in self.odd.get(name).into_iter().flatten() {
            probe = probe.env(name, value);
        }
        probe.start().unwrap();
        probe
    }
}

impl Deployment {
    fn open(&mut self) {
        for control in &mut self.controls {
            let ready = format!("{}/readyz", control.admin);
            control.service.wait_until("it is ready", || is_ok(&ready)).unwrap();
        }
        let mut regions: Vec<_> = self.probes.keys().map(|name| name.split('/').next().unwrap()).collect();
        regions.dedup();
        let owing = format!(
            "select count(*) = {} from regions r where r.from_slot <= (select min(frontier) from lanes)",
            regions.len()
        );
        self.until("every region is registered and owes its slots", || self.sql(&owing) == "t");
        self.runtime.block_on(self.rest.register()).unwrap();
    }
}
