//! The whole system on one machine, for one test: private PostgreSQL and Redis, control replicas, probes in two regions,
//! and a world of sites. Its times are shortened, so that slots are closed while the test waits.
//!
//! Dropping it is the last assertion of every test: every slot has its row, and no job stays pending. What a test
//! then still has to say is what the fault may and may not have cost.

#![allow(dead_code, reason = "each test uses a part of it")]

mod audit;
#[path = "../support/contract.rs"]
pub(crate) mod contract;
mod plan;
mod proxy;
mod spare;
pub(crate) mod users;

use std::{
    cell::Cell,
    collections::{BTreeMap, HashMap},
    path::PathBuf,
    thread::panicking,
    time::{Duration, Instant},
};

use http::Method;
use nix::sys::signal::Signal;
use serde_json::{Value, json};
use testbed::{
    exposition,
    http::get,
    rest::{Answer, Rest},
    service::Service,
    system::{Control, TestSystem},
    world::{Site, World},
};
use tokio::runtime::Runtime;

pub(crate) use self::plan::Plan;
use self::{proxy::Proxy, spare::Spare};

/// The stream every region reads.
pub(crate) const JOBS: &str = "betteruptime:website";
/// How long anything may take that is awaited; far longer than it does take.
const PATIENCE: Duration = Duration::from_mins(1);

/// A running system.
pub(crate) struct Deployment {
    /// The sites.
    pub(crate) world: World,
    /// The replicas, in the order of the plan.
    pub(crate) controls: Vec<Control>,
    /// The probes by `region/worker`.
    pub(crate) probes: BTreeMap<String, Service>,
    /// Before Redis, if the plan says so.
    pub(crate) proxy: Option<Proxy>,
    /// Beside Redis, if the plan says so.
    spare: Option<Spare>,
    /// Where replicas and probes find Redis.
    pub(crate) address: String,
    /// The servers, until the end.
    servers: Option<TestSystem>,
    /// Whether the test asked for an audit itself.
    audited: Cell<bool>,
    rest: Rest,
    runtime: Runtime,
    dir: PathBuf,
}

/// A monitor that was made through the API.
#[derive(Clone, Debug)]
pub(crate) struct Monitor {
    pub(crate) id: String,
    /// Its key in the database.
    pub(crate) key: i64,
}

impl Monitor {
    /// Its page in the API, and what lies behind it.
    pub(crate) fn at(&self, rest: &str) -> String {
        format!("/api/v1/monitors/{}{rest}", self.id)
    }
}

impl Deployment {
    /// One replica; regions `eu-west` and `us-east` with a probe each, both registered; a user, signed in.
    pub(crate) fn start() -> Self {
        Plan::default().start()
    }

    /// The servers under it, to be stopped, killed and asked.
    pub(crate) fn servers(&self) -> &TestSystem {
        self.servers.as_ref().unwrap()
    }

    /// The API, as the signed-in user asks it.
    pub(crate) fn rest(&self) -> &Rest {
        &self.rest
    }

    /// Where tasks of the test's own may run.
    pub(crate) fn runtime(&self) -> &Runtime {
        &self.runtime
    }

    /// A site under control; the same name is the same site.
    pub(crate) fn site(&self, name: &str) -> Site {
        self.world.site(name)
    }

    /// An answer of the API, whatever it is.
    #[track_caller]
    pub(crate) fn ask(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let verb = method.to_string();
        let answer = self.runtime.block_on(self.rest.ask(method, path, body)).unwrap();
        let kind = if answer.status < 400 { "application/json" } else { "application/problem+json" };
        contract::check(&verb, path, answer.status, kind, &answer.body);
        answer
    }

    /// The body of a GET.
    #[track_caller]
    pub(crate) fn get(&self, path: &str) -> Value {
        let answer = self.ask(Method::GET, path, None);
        assert_eq!(answer.status, 200, "GET {path}: {}", answer.body);
        answer.body
    }

    /// The body of a POST that is answered with 2xx.
    #[track_caller]
    pub(crate) fn post(&self, path: &str, body: Option<Value>) -> Value {
        let answer = self.ask(Method::POST, path, body);
        assert!((200..300).contains(&answer.status), "POST {path}: {} {}", answer.status, answer.body);
        answer.body
    }

    /// Makes a monitor; every 5 s and with a timeout of 3 s, unless `body` says otherwise.
    #[track_caller]
    pub(crate) fn monitor(&self, body: &Value) -> Monitor {
        self.monitors(1, body).remove(0)
    }

    /// Makes `count` monitors alike.
    #[track_caller]
    pub(crate) fn monitors(&self, count: usize, body: &Value) -> Vec<Monitor> {
        let mut whole = json!({"name": "a site", "interval": 5, "timeout": 3});
        if let (Value::Object(whole), Value::Object(body)) = (&mut whole, body) {
            whole.extend(body.clone());
        }
        let make = |_| self.post("/api/v1/monitors", Some(whole.clone()))["id"].as_str().unwrap().to_owned();
        let ids: Vec<String> = (0..count).map(make).collect();
        let keys = self.sql("select id, key from monitors");
        let keys: HashMap<_, _> = keys.lines().filter_map(|row| row.split_once('|')).collect();
        let key = |id: &String| keys[id.as_str()].parse().unwrap();
        ids.iter().map(|id| Monitor { id: id.clone(), key: key(id) }).collect()
    }

    /// The status people see.
    #[track_caller]
    pub(crate) fn status(&self, monitor: &Monitor) -> String {
        self.get(&monitor.at(""))["status"].as_str().unwrap().to_owned()
    }

    /// Waits until people see this status.
    #[track_caller]
    pub(crate) fn expect_status(&self, monitor: &Monitor, status: &str) {
        self.until(&format!("monitor {} is {status}", monitor.key), || self.status(monitor) == status);
    }

    /// Looks until `holds`, and says for how many seconds nothing more was stored in the worst of that time.
    #[track_caller]
    pub(crate) fn silence(&self, what: &str, mut holds: impl FnMut() -> bool) -> f64 {
        let mut worst = 0.0;
        self.until(what, || {
            let silent = self.sql("select extract(epoch from clock_timestamp()) - heard from lanes");
            worst = f64::max(worst, silent.trim().parse().unwrap());
            holds()
        });
        worst
    }

    /// Runs SQL; rows are lines, columns separated by `|`.
    #[track_caller]
    pub(crate) fn sql(&self, sql: &str) -> String {
        self.servers().sql(sql).unwrap()
    }

    /// One number that SQL answers.
    #[track_caller]
    pub(crate) fn number(&self, sql: &str) -> i64 {
        self.servers().number(sql).unwrap()
    }

    /// One command of redis-cli and its reply.
    #[track_caller]
    pub(crate) fn redis(&self, command: &[&str]) -> String {
        self.servers().redis().cli(command).unwrap()
    }

    /// Redis' clock, unix seconds.
    pub(crate) fn now(&self) -> i64 {
        self.redis(&["TIME"]).lines().next().unwrap().parse().unwrap()
    }

    /// Whether both regions have stored more than so many good checks of slots that are due after this second.
    pub(crate) fn both_check(&self, after: i64, more_than: usize) -> bool {
        self.number(&format!(
            "select count(*) from (select region from results where attempt = 0 and verdict = 'up' and slot > {after}
             group by 1 having count(*) > {more_than}) r"
        )) == 2
    }

    /// A PostgreSQL session of the test's own, which may hang and hold locks.
    pub(crate) fn session(&self) -> tokio_postgres::Client {
        let url = self.servers().database_url();
        self.runtime.block_on(async {
            let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
            tokio_util::task::TaskTracker::new().spawn(connection);
            client
        })
    }

    /// Looks until `holds`; fails with what it waited for, the lanes and the logs.
    #[track_caller]
    pub(crate) fn until(&self, what: &str, mut holds: impl FnMut() -> bool) -> Duration {
        let began = Instant::now();
        while !holds() {
            if began.elapsed() > PATIENCE {
                let lanes = self.servers().sql("select * from lanes").unwrap_or_default();
                panic!("waited in vain for this: {what}\nlanes: {lanes}");
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        began.elapsed()
    }

    /// A series of a replica's `/metrics`, by its full name with labels.
    #[track_caller]
    pub(crate) fn metric(&self, replica: usize, series: &str) -> f64 {
        let text = get(&format!("{}/metrics", self.controls[replica].admin)).unwrap();
        let value = exposition::value(&text, series);
        value.unwrap_or_else(|| panic!("no {series} in\n{text}")).parse().unwrap()
    }

    /// A replica's `/readyz`, head and body.
    pub(crate) fn readyz(&self, replica: usize) -> String {
        get(&format!("{}/readyz", self.controls[replica].admin)).unwrap_or_default()
    }

    /// The replica that holds lane 0, if it is one of ours and its lease has not lapsed.
    pub(crate) fn owner(&self) -> Option<usize> {
        let pid = self.sql("select substring(owner from '\\d+$') from lanes where lease_until > clock_timestamp()");
        let pid: i32 = pid.parse().ok()?;
        self.controls.iter().position(|control| control.service.pid() == Some(pid))
    }

    /// Waits until a replica holds the lane, and says which.
    #[track_caller]
    pub(crate) fn expect_owner(&self) -> usize {
        self.until("a replica holds the lane", || self.owner().is_some());
        self.owner().unwrap()
    }

    /// The probe of this name.
    pub(crate) fn probe(&mut self, name: &str) -> &mut Service {
        self.probes.get_mut(name).unwrap()
    }

    /// Jobs of a region's group that were handed out and not acknowledged, on both streams.
    pub(crate) fn pending(&self, region: &str) -> i64 {
        let pending = |stream: &str| {
            let summary = self.redis(&["XPENDING", stream, region]);
            summary.lines().next().unwrap_or_default().parse::<i64>().unwrap_or(0)
        };
        pending(JOBS) + pending(&own(region))
    }

    /// Of those on the shared stream, how many are a worker's.
    pub(crate) fn pending_of(&self, name: &str) -> usize {
        let (region, worker) = name.split_once('/').unwrap();
        self.redis(&["XPENDING", JOBS, region, "-", "+", "1000", worker])
            .lines()
            .filter(|line| line.contains('-'))
            .count()
    }

    /// Stops a probe in mid-check, and says how many jobs it holds. Of a batch, who reads first may take all but one.
    #[track_caller]
    pub(crate) fn freeze_at_work(&self, name: &str) -> usize {
        let mut held = 0;
        self.until(&format!("{name} has jobs in flight"), || {
            if self.pending_of(name) == 0 {
                return false;
            }
            self.probes[name].signal(Signal::SIGSTOP).unwrap();
            held = self.pending_of(name);
            if held == 0 {
                self.probes[name].signal(Signal::SIGCONT).unwrap();
            }
            held > 0
        });
        held
    }

    /// Nothing is pushed any more: waits until every region has taken and answered all there is.
    fn expect_quiet(&mut self) {
        for control in &mut self.controls {
            control.service.stop();
        }
        let regions: Vec<_> = self.probes.keys().map(|name| name.split('/').next().unwrap().to_owned()).collect();
        for region in regions {
            let streams = [JOBS.to_owned(), own(&region)];
            self.until(&format!("{region} has answered every job"), || {
                streams.iter().all(|stream| self.is_read(stream, &region)) && self.pending(&region) == 0
            });
        }
    }

    /// Whether a group was given all of a stream.
    pub(crate) fn is_read(&self, stream: &str, group: &str) -> bool {
        let newest = self.redis(&["XREVRANGE", stream, "+", "-", "COUNT", "1"]);
        let Some(newest) = newest.lines().next() else { return true };
        let groups = self.redis(&["XINFO", "GROUPS", stream]);
        let lines: Vec<_> = groups.lines().collect();
        let ours = lines.chunks(12).find(|fields| fields.get(1) == Some(&group));
        ours.is_some_and(|fields| {
            fields.iter().skip_while(|field| **field != "last-delivered-id").nth(1) == Some(&newest)
        })
    }

    fn complaints(&self) -> String {
        let services = self.controls.iter().map(|control| &control.service).chain(self.probes.values());
        let all: Vec<_> = services.map(|service| format!("--- {}\n{}", service.name, service.log_tail())).collect();
        all.join("\n")
    }
}

/// The stream of one region alone.
pub(crate) fn own(region: &str) -> String {
    format!("{{{JOBS}}}:{region}")
}

/// The results stream of a region.
pub(crate) fn results(region: &str) -> String {
    format!("{{{JOBS}}}:{region}:results")
}

/// The last assertions, and the end of everything. A test that failed already leaves its logs.
impl Drop for Deployment {
    fn drop(&mut self) {
        if panicking() {
            eprintln!("{}\nlogs and data are kept in {}", self.complaints(), self.dir.display());
        } else {
            if !self.audited.get() {
                self.audit();
            }
            self.expect_quiet();
            self.compare();
        }
        self.controls.clear();
        self.probes.clear();
        self.spare = None;
        let Some(servers) = self.servers.take() else { return };
        if panicking() {
            let _ = (servers.postgres().stop(), servers.redis().stop());
        } else {
            servers.remove().unwrap();
        }
    }
}
